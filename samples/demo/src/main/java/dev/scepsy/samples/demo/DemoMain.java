package dev.scepsy.samples.demo;

import java.io.IOException;

/** {@code ./mvnw -Pdemo}: traces, plans and reconfigures, and ends by itself within three minutes. */
public final class DemoMain {

    private DemoMain() {}

    public static void main(String[] arguments) {
        System.exit(run());
    }

    private static int run() {
        try {
            return new Demo(DemoSettings.fromSystemProperties()).run();
        } catch (DemoFailure | IOException e) {
            System.err.println("The demo cannot go on: " + e.getMessage());
            return 1;
        }
    }
}
