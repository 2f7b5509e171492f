package dev.scepsy.javaagent.app;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;

/** A model that answers in its own method, or in that of a class below it. */
class LoadedModel implements ChatModel {

    private final String name;

    LoadedModel(String name) {
        this.name = name;
    }

    /** Asked by reflection where nothing else says it. */
    public String modelName() {
        return name;
    }

    @Override
    public ChatResponse doChat(ChatRequest request) {
        return ChatResponse.builder().aiMessage(AiMessage.from(name + " ")).build();
    }
}
