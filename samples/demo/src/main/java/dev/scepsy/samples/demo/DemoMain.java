package dev.scepsy.samples.demo;

import java.io.IOException;
import java.util.concurrent.TimeUnit;

/**
 * {@code ./mvnw -Pdemo}: traces, plans and reconfigures, and ends by itself within three minutes; with {@code -Dscepsy.demo=day} a
 * planner service lives through a day, and it ends within six; with {@code -Dscepsy.full=true} too the day is played three times,
 * within seventeen. With {@code -Dscepsy.demo.keep=true} it then goes on until it is ended.
 */
public final class DemoMain {

    static final String DAY = "day";

    private DemoMain() {}

    /** However slow the machine is, the demo ends. */
    private static final long LIMIT_SECONDS = 178;

    private static final long LIMIT_OF_DAY_SECONDS = 358;

    private static final long LIMIT_OF_FULL_DAY_SECONDS = 1_018;

    public static void main(String[] arguments) {
        Thread watchdog = new Thread(DemoMain::endInTime, "watchdog");
        watchdog.setDaemon(true);
        watchdog.start();
        Keeping keeping = Keeping.asAsked(watchdog);
        int code = run(keeping);
        keeping.closed();
        System.exit(code);
    }

    private static void endInTime() {
        try {
            TimeUnit.SECONDS.sleep(limitSeconds());
        } catch (InterruptedException e) {
            return;
        }
        System.err.printf(
                "The demo was not done within %d minutes: this machine has too little processor time to spare.%n",
                (limitSeconds() + 59) / 60);
        System.exit(1);
    }

    private static long limitSeconds() {
        if (!isDay()) {
            return LIMIT_SECONDS;
        }
        return Boolean.getBoolean("scepsy.full") ? LIMIT_OF_FULL_DAY_SECONDS : LIMIT_OF_DAY_SECONDS;
    }

    private static boolean isDay() {
        return DAY.equals(System.getProperty("scepsy.demo"));
    }

    private static int run(Keeping keeping) {
        try {
            DemoSettings settings = DemoSettings.fromSystemProperties();
            return isDay() ? new Day(settings, keeping).run() : new Demo(settings, keeping).run();
        } catch (DemoFailure | IOException e) {
            System.err.println("The demo cannot go on: " + e.getMessage());
            return 1;
        } catch (RuntimeException e) {
            e.printStackTrace();
            return 1;
        }
    }
}
