package dev.scepsy.javaagent.hook;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.rag.content.Content;
import dev.langchain4j.rag.query.Query;
import dev.scepsy.javaagent.host.Stderr;
import dev.scepsy.javaagent.setting.Settings;
import dev.scepsy.javaagent.trace.ContentOfCalls;
import dev.scepsy.javaagent.trace.GenAi;
import dev.scepsy.javaagent.trace.Operation;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * Messages, arguments and results on spans: only where somebody asked for them, only of sampled operations, every text through the
 * redaction first and cut afterwards. A redaction that cannot be used switches capture off; one that fails leaves nothing of
 * its text. Thread-safe.
 */
final class ContentCapture implements ContentOfCalls {

    static final String REDACTED = Redaction.REDACTED;
    private static final double MAX_CHARACTERS = 8_192;
    private static final Set<String> ON = Set.of("true", "span_only", "span_and_event");

    /** As this JVM's settings say. */
    static final ContentCapture OF_THIS_JVM = of(Settings.ofThisJvm(), new Named());

    private final boolean on;
    private final MessagesJson json;

    private ContentCapture(boolean on, UnaryOperator<String> redaction, int maxCharacters) {
        this.on = on;
        this.json = new MessagesJson(text -> cut(safely(redaction, text), maxCharacters));
    }

    static ContentCapture of(Settings settings, Function<String, @Nullable Object> instances) {
        boolean asked = settings.flag("scepsy.capture-content", false)
                || ON.contains(settings.text("otel.instrumentation.genai.capture-message-content")
                        .orElse("")
                        .toLowerCase(Locale.ROOT));
        int maxCharacters = (int) settings.number("scepsy.capture-content.max-characters", 1, MAX_CHARACTERS);
        UnaryOperator<String> redaction = asked ? redaction(settings, instances) : null;
        return redaction == null
                ? new ContentCapture(false, new Hidden(), maxCharacters)
                : new ContentCapture(true, redaction, maxCharacters);
    }

    /** Of texts that nobody asked for. */
    private static final class Hidden implements UnaryOperator<String> {
        @Override
        public String apply(String text) {
            return REDACTED;
        }
    }

    /** The pattern first, then the class; null when one of them is asked for and cannot be used. */
    private static @Nullable UnaryOperator<String> redaction(
            Settings settings, Function<String, @Nullable Object> instances) {
        UnaryOperator<String> all = UnaryOperator.identity();
        String pattern = settings.text("scepsy.capture-content.redact").orElse("");
        if (!pattern.isEmpty()) {
            try {
                Pattern secret = Pattern.compile(pattern);
                all = text -> secret.matcher(text).replaceAll(REDACTED);
            } catch (PatternSyntaxException unusable) {
                return off("scepsy.capture-content.redact is no regular expression: " + unusable.getDescription());
            }
        }
        String name = settings.text("scepsy.capture-content.redactor").orElse("");
        if (name.isEmpty()) {
            return pattern.isEmpty() ? all : new Redaction(all);
        }
        if (!(instances.apply(name) instanceof Function<?, ?> redactor)) {
            return off("scepsy.capture-content.redactor (" + name + ") is no class of the application with a public"
                    + " constructor that implements java.util.function.UnaryOperator<String>");
        }
        @SuppressWarnings("unchecked")
        Function<String, String> own = (Function<String, String>) redactor;
        UnaryOperator<String> before = all;
        return new Redaction(text -> own.apply(before.apply(text)));
    }

    private static @Nullable UnaryOperator<String> off(String why) {
        Stderr.once(why, why + "; no content is captured.");
        return null;
    }

    /** A new object of a class of the application's; null where there is none. */
    private static final class Named implements Function<String, @Nullable Object> {
        @Override
        public @Nullable Object apply(String className) {
            for (ClassLoader loader :
                    new ClassLoader[] {Thread.currentThread().getContextClassLoader(), ChatModel.class.getClassLoader()
                    }) {
                try {
                    return Class.forName(className, true, loader)
                            .getConstructor()
                            .newInstance();
                } catch (ReflectiveOperationException | LinkageError next) {
                    continue;
                }
            }
            return null;
        }
    }

    private static String safely(UnaryOperator<String> redaction, String text) {
        try {
            String redacted = redaction.apply(text);
            return redacted == null ? REDACTED : redacted;
        } catch (RuntimeException | LinkageError failed) {
            return REDACTED;
        }
    }

    private static String cut(String text, int maxCharacters) {
        if (text.length() <= maxCharacters) {
            return text;
        }
        int end = Character.isHighSurrogate(text.charAt(maxCharacters - 1)) ? maxCharacters - 1 : maxCharacters;
        return text.substring(0, end) + "... (" + (text.length() - end) + " more characters)";
    }

    /** Something begins: what its error says is content too. */
    void begun(Operation operation) {
        if (on && operation.sampled()) {
            operation.showErrors(json::shown);
        }
    }

    /** An agent or a workflow begins: what goes into its method, and what comes out. */
    @Override
    public void entered(Operation operation, @Nullable Object @Nullable [] values) {
        if (!on || !operation.sampled()) {
            return;
        }
        operation.showErrors(json::shown);
        try {
            List<String> texts = Values.textsOf(values);
            if (!texts.isEmpty()) {
                operation.content(GenAi.INPUT_MESSAGES, () -> json.asked(texts));
            }
        } catch (RuntimeException | StackOverflowError untold) {
            // Objects of the application's that fail when asked: the operation is seen all the same.
        }
        operation.whenReturned(result -> {
            String text = Values.textOf(result);
            if (text != null) {
                operation.content(GenAi.OUTPUT_MESSAGES, () -> json.answered(text));
            }
        });
    }

    void searched(Operation retrieval, @Nullable Query query) {
        begun(retrieval);
        if (on && query != null && query.text() != null && retrieval.sampled()) {
            String text = query.text();
            retrieval.content(GenAi.RETRIEVAL_QUERY_TEXT, () -> json.shown(text));
        }
    }

    void found(Operation retrieval, List<Content> documents) {
        if (on && retrieval.sampled()) {
            List<Content> found = new ArrayList<>(documents);
            retrieval.content(GenAi.RETRIEVAL_DOCUMENTS, () -> json.documents(found));
        }
    }

    void asked(Operation operation, @Nullable ChatRequest request) {
        begun(operation);
        if (on && request != null && request.messages() != null && operation.sampled()) {
            List<ChatMessage> messages = request.messages();
            operation.content(GenAi.INPUT_MESSAGES, () -> json.of(messages));
        }
    }

    void answered(Operation operation, @Nullable ChatResponse response) {
        if (on && response != null && operation.sampled()) {
            operation.content(GenAi.OUTPUT_MESSAGES, () -> json.of(response));
        }
    }

    void called(Operation tool, ToolExecutionRequest request) {
        String arguments = request.arguments();
        if (on && arguments != null && tool.sampled()) {
            tool.content(GenAi.TOOL_CALL_ARGUMENTS, () -> json.shown(arguments));
        }
    }

    void returned(Operation tool, @Nullable String result) {
        if (on && result != null && tool.sampled()) {
            tool.content(GenAi.TOOL_CALL_RESULT, () -> json.shown(result));
        }
    }
}
