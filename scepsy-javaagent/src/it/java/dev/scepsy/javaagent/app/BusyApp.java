package dev.scepsy.javaagent.app;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.model.ModelProvider;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;

/**
 * Many calls with prompts of 50 kB, as many as the first argument says; with {@code broken} the model refuses to say anything
 * about itself. Prints how many were answered.
 */
public final class BusyApp {

    private static final int PROMPT_LENGTH = 50_000;

    private BusyApp() {}

    public static void main(String[] arguments) {
        int calls = Integer.parseInt(arguments[0]);
        ChatModel model = arguments.length > 1 ? new Secretive() : new EchoModel("echo", asked -> "hello");
        int answered = 0;
        for (int i = 0; i < calls; i++) {
            String prompt = i + " " + "x".repeat(PROMPT_LENGTH);
            if (model.chat(prompt).equals("hello")) {
                answered++;
            }
        }
        System.out.println(answered + " answered");
    }

    /** A user's model that answers, and throws whenever it is asked what it is. */
    private static final class Secretive implements ChatModel {

        @Override
        public ChatResponse chat(ChatRequest request) {
            return doChat(request); // LangChain4j's own would ask.
        }

        @Override
        public ChatResponse doChat(ChatRequest request) {
            return ChatResponse.builder().aiMessage(AiMessage.from("hello")).build();
        }

        @Override
        public ModelProvider provider() {
            throw new IllegalStateException("none of your business");
        }

        @Override
        public ChatRequestParameters defaultRequestParameters() {
            throw new IllegalStateException("nor this");
        }
    }
}
