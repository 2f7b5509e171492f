package dev.scepsy.javaagent.hook;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.Content;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.service.Result;
import java.time.temporal.TemporalAccessor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Arguments and results of agents and workflows as texts: texts, numbers, dates, records, LangChain4j's messages and results,
 * and lists and maps of these as JSON. Of any other object only its class is said: asking it could cost or change something.
 */
final class Values {

    private static final int DEPTH = 6;
    private static final int ELEMENTS = 200;
    private static final String SCOPED_RESULT = "dev.langchain4j.agentic.scope.ResultWithAgenticScope";

    private Values() {}

    static List<String> textsOf(@Nullable Object @Nullable [] values) {
        List<String> texts = new ArrayList<>();
        if (values != null) {
            for (Object value : values) {
                String text = textOf(value);
                if (text != null) {
                    texts.add(text);
                }
            }
        }
        return texts;
    }

    /** Null for nothing. */
    static @Nullable String textOf(@Nullable Object value) {
        if (value instanceof Map<?, ?> || value instanceof Collection<?> || value instanceof Object[]) {
            StringBuilder json = new StringBuilder();
            write(json, value, 0);
            return json.toString();
        }
        if (value instanceof Optional<?> optional) {
            return textOf(optional.orElse(null));
        }
        if (value instanceof Result<?> result) {
            return textOf(result.content());
        }
        return value == null ? null : plain(value);
    }

    private static @Nullable String plain(Object value) {
        if (value instanceof UserMessage user) {
            List<String> texts = new ArrayList<>();
            for (Content content : user.contents()) {
                texts.add(String.valueOf(plain(content)));
            }
            return String.join("\n", texts);
        }
        if (value instanceof TextContent text) {
            return text.text();
        }
        if (value instanceof Content content) {
            return "[" + content.type().name().toLowerCase(Locale.ROOT) + "]";
        }
        if (value instanceof SystemMessage system) {
            return system.text();
        }
        if (value instanceof AiMessage ai) {
            return ai.text();
        }
        if (value instanceof ToolExecutionResultMessage result) {
            return result.text();
        }
        if (value instanceof ChatResponse response) {
            return response.aiMessage() == null ? null : response.aiMessage().text();
        }
        if (value.getClass().getName().equals(SCOPED_RESULT)) {
            return textOf(Responses.read(value, "result"));
        }
        boolean speaks = value instanceof CharSequence
                || value instanceof Number
                || value instanceof Boolean
                || value instanceof Character
                || value instanceof Enum<?>
                || value instanceof TemporalAccessor
                || value instanceof Record
                || value.getClass().getName().startsWith("java.net.UR")
                || value instanceof UUID;
        return speaks ? String.valueOf(value) : "(" + ClassNames.simple(value.getClass()) + ")";
    }

    private static void write(StringBuilder json, @Nullable Object value, int depth) {
        if (depth == DEPTH) {
            json.append("\"...\"");
        } else if (value instanceof Map<?, ?> map) {
            json.append('{');
            int count = 0;
            for (Iterator<? extends Map.Entry<?, ?>> entries = map.entrySet().iterator();
                    entries.hasNext() && count < ELEMENTS;
                    count++) {
                Map.Entry<?, ?> entry = entries.next();
                json.append(count == 0 ? "" : ",");
                JsonText.quote(json, String.valueOf(textOf(entry.getKey())));
                json.append(':');
                write(json, entry.getValue(), depth + 1);
            }
            json.append('}');
        } else if (value instanceof Object[] array) {
            elements(json, Arrays.asList(array), depth);
        } else if (value instanceof Collection<?> collection) {
            elements(json, collection, depth);
        } else if (value == null || value instanceof Boolean || value instanceof Integer || value instanceof Long) {
            json.append(value);
        } else {
            String text = textOf(value);
            JsonText.quote(json, text == null ? "" : text);
        }
    }

    private static void elements(StringBuilder json, Collection<?> collection, int depth) {
        json.append('[');
        int count = 0;
        for (Iterator<?> each = collection.iterator(); each.hasNext() && count < ELEMENTS; count++) {
            json.append(count == 0 ? "" : ",");
            write(json, each.next(), depth + 1);
        }
        json.append(']');
    }
}
