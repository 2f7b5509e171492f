package dev.scepsy.javaagent.app;

import java.io.IOException;

/**
 * Calls a model as often as the first argument says, says so, and lives until its standard input ends: to be looked at from
 * outside meanwhile. With 0 it never touches LangChain4j.
 */
public final class LivingApp {

    private LivingApp() {}

    public static void main(String[] arguments) throws IOException {
        int calls = Integer.parseInt(arguments[0]);
        for (int i = 0; i < calls; i++) {
            Calls.one();
        }
        System.out.println("called");
        while (System.in.read() >= 0) {
            // Whoever started us says when to end.
        }
    }

    /** Apart, so that LangChain4j's classes are loaded by the first call only. */
    private static final class Calls {
        private static final EchoModel MODEL = new EchoModel("echo", asked -> "hello");

        private static void one() {
            MODEL.chat("hello");
        }
    }
}
