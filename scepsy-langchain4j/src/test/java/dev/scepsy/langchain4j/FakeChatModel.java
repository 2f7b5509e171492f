package dev.scepsy.langchain4j;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.model.ModelProvider;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.model.output.TokenUsage;
import java.util.List;
import java.util.function.Function;

/** Answers what the test says. */
record FakeChatModel(
        String name, List<ChatModelListener> listeners, Function<ChatRequest, AiMessage> answer, FinishReason reason)
        implements ChatModel {

    FakeChatModel(String name, List<ChatModelListener> listeners, Function<ChatRequest, AiMessage> answer) {
        this(name, listeners, answer, FinishReason.STOP);
    }

    FakeChatModel finishing(FinishReason other) {
        return new FakeChatModel(name, listeners, answer, other);
    }

    static FakeChatModel saying(String name, ScepsyLangChain4j scepsy, String text) {
        return new FakeChatModel(name, List.of(scepsy.chatModelListener()), request -> AiMessage.from(text));
    }

    @Override
    public ChatResponse doChat(ChatRequest request) {
        return ChatResponse.builder()
                .aiMessage(answer.apply(request))
                .modelName(name + "-2026")
                .id("response-1")
                .tokenUsage(new TokenUsage(11, 7))
                .finishReason(reason)
                .build();
    }

    @Override
    public ChatRequestParameters defaultRequestParameters() {
        return ChatRequestParameters.builder().modelName(name).build();
    }

    @Override
    public ModelProvider provider() {
        return ModelProvider.OPEN_AI;
    }
}
