package dev.scepsy.javaagent.app;

/** No LangChain4j anywhere. */
public final class HelloApp {

    private HelloApp() {}

    public static void main(String[] arguments) {
        System.out.println("hello, " + System.getProperty("scepsy.agent.active", "nobody"));
    }
}
