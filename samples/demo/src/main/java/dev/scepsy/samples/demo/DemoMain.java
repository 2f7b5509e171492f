package dev.scepsy.samples.demo;

import java.io.IOException;
import java.util.concurrent.TimeUnit;

/**
 * {@code ./mvnw -Pdemo}: traces, plans and reconfigures, and ends by itself within three minutes; with {@code -Dscepsy.demo=day} a
 * planner service lives through a day, and it ends within six.
 */
public final class DemoMain {

    static final String DAY = "day";

    private DemoMain() {}

    /** However slow the machine is, the demo ends. */
    private static final long LIMIT_SECONDS = 178;

    private static final long LIMIT_OF_DAY_SECONDS = 358;

    public static void main(String[] arguments) {
        Thread watchdog = new Thread(DemoMain::endInTime, "watchdog");
        watchdog.setDaemon(true);
        watchdog.start();
        System.exit(run());
    }

    private static void endInTime() {
        try {
            TimeUnit.SECONDS.sleep(isDay() ? LIMIT_OF_DAY_SECONDS : LIMIT_SECONDS);
        } catch (InterruptedException e) {
            return;
        }
        System.err.println("The demo was not done within " + (isDay() ? "six" : "three")
                + " minutes: this machine has too little processor time to spare.");
        System.exit(1);
    }

    private static boolean isDay() {
        return DAY.equals(System.getProperty("scepsy.demo"));
    }

    private static int run() {
        try {
            DemoSettings settings = DemoSettings.fromSystemProperties();
            return isDay() ? new Day(settings).run() : new Demo(settings).run();
        } catch (DemoFailure | IOException e) {
            System.err.println("The demo cannot go on: " + e.getMessage());
            return 1;
        } catch (RuntimeException e) {
            e.printStackTrace();
            return 1;
        }
    }
}
