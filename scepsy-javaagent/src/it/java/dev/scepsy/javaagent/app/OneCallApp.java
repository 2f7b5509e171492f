package dev.scepsy.javaagent.app;

import dev.langchain4j.model.chat.ChatModel;

/** A LangChain4j hello: one call of a model that answers at once. */
public final class OneCallApp {

    private OneCallApp() {}

    public static void main(String[] arguments) {
        ChatModel model = new EchoModel("echo", asked -> "hello");
        System.out.println(model.chat("hello"));
    }
}
