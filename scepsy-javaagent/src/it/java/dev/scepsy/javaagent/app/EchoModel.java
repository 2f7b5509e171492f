package dev.scepsy.javaagent.app;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.ChatResponseMetadata;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.model.output.TokenUsage;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A user's own chat model. Says in its answer's id which run and which agent asked (the message holds {@code run-N} and
 * {@code [agent]}), so that a test can tell whether a span hangs where it belongs.
 */
final class EchoModel implements ChatModel {

    private static final Pattern RUN = Pattern.compile("run-\\d+");
    private static final Pattern AGENT = Pattern.compile("\\[([\\w-]+)]");

    private final String name;
    private final UnaryOperator<String> answer;

    EchoModel(String name, UnaryOperator<String> answer) {
        this.name = name;
        this.answer = answer;
    }

    @Override
    public ChatRequestParameters defaultRequestParameters() {
        return ChatRequestParameters.builder().modelName(name).build();
    }

    @Override
    public ChatResponse doChat(ChatRequest request) {
        String asked = "";
        for (ChatMessage message : request.messages()) {
            if (message instanceof UserMessage user) {
                asked = user.singleText();
            }
        }
        return ChatResponse.builder()
                .aiMessage(AiMessage.from(answer.apply(asked)))
                .metadata(ChatResponseMetadata.builder()
                        .id(first(RUN, asked) + "/" + first(AGENT, asked))
                        .modelName(name + "-2026")
                        .tokenUsage(new TokenUsage(11, 7))
                        .finishReason(FinishReason.STOP)
                        .build())
                .build();
    }

    private static String first(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        return matcher.find() ? matcher.group(matcher.groupCount()) : "none";
    }
}
