package dev.scepsy.samples.demo;

import java.io.IOException;
import java.util.concurrent.TimeUnit;

/** {@code ./mvnw -Pdemo}: traces, plans and reconfigures, and ends by itself within three minutes. */
public final class DemoMain {

    private DemoMain() {}

    /** However slow the machine is, the demo ends. */
    private static final long LIMIT_SECONDS = 178;

    public static void main(String[] arguments) {
        Thread watchdog = new Thread(DemoMain::endInTime, "watchdog");
        watchdog.setDaemon(true);
        watchdog.start();
        System.exit(run());
    }

    private static void endInTime() {
        try {
            TimeUnit.SECONDS.sleep(LIMIT_SECONDS);
        } catch (InterruptedException e) {
            return;
        }
        System.err.println(
                "The demo was not done within three minutes: this machine has too little processor time to spare.");
        System.exit(1);
    }

    private static int run() {
        try {
            return new Demo(DemoSettings.fromSystemProperties()).run();
        } catch (DemoFailure | IOException e) {
            System.err.println("The demo cannot go on: " + e.getMessage());
            return 1;
        } catch (RuntimeException e) {
            e.printStackTrace();
            return 1;
        }
    }
}
