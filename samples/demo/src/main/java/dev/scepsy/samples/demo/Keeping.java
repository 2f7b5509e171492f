package dev.scepsy.samples.demo;

import dev.scepsy.samples.demo.LoadGenerator.Arrivals;
import java.net.URI;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The demo that does not end ({@code -Dscepsy.demo.keep=true}): what it has started stays, with load going on, until Ctrl-C or SIGTERM. Then the
 * main thread closes everything as it would have, and the JVM waits for that. Made and used by the main thread.
 */
final class Keeping {

    private static final int PATIENCE_SECONDS = 30;
    private static final long SEQUENCE = 21;
    private static final int FORGET_EVERY = 100;
    /** A signal reaches a group of processes one after the other: so long the service may be the first to hear it. */
    private static final long FIRST_TO_HEAR_NANOS = 2_000_000_000L;

    private final boolean wanted;
    private final Thread watchdog;
    private final Thread main = Thread.currentThread();
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile boolean going;
    private volatile boolean over;

    private Keeping(boolean wanted, Thread watchdog) {
        this.wanted = wanted;
        this.watchdog = watchdog;
    }

    /**
     * As {@code scepsy.demo.keep} says.
     *
     * @param watchdog ends the demo after a while unless it is interrupted
     */
    static Keeping asAsked(Thread watchdog) {
        Keeping keeping = new Keeping(Boolean.getBoolean("scepsy.demo.keep"), watchdog);
        if (keeping.wanted) {
            Runtime.getRuntime().addShutdownHook(new Thread(keeping::end, "end-keeping"));
        }
        return keeping;
    }

    boolean isWanted() {
        return wanted;
    }

    private void end() {
        over = true;
        LockSupport.unpark(main);
        if (!going) {
            return; // It ends as it does without being kept.
        }
        try {
            closed.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The main thread has closed everything. */
    void closed() {
        closed.countDown();
    }

    /**
     * Says where to look and asks questions until it is over.
     *
     * @param mode what the service does by itself
     * @param perSecond emulated rate
     */
    void go(ServiceProcess service, URI application, ScaledClock clock, String mode, double perSecond) {
        going = true;
        watchdog.interrupt();
        Story.say(
                "Look at %s : the planner's page, mode %s. Load goes on at %.2f/s; the page's clock is the emulated one. Ctrl-C ends it all.",
                service.web().resolve("/"), mode, perSecond);
        System.out.println("KEEP " + service.web().resolve("/"));
        System.out.flush();
        LoadGenerator generator = new LoadGenerator(application, clock);
        Random gaps = new Random(SEQUENCE);
        double meanGapNanos = 1e9 / clock.realRate(perSecond);
        double due = System.nanoTime();
        for (int index = 0; !over; index++) {
            due += Arrivals.POISSON.gap(gaps) * meanGapNanos;
            sleepUntil(due);
            if (!over) {
                generator.ask(Question.of(SEQUENCE, index), (long) due);
                mustRun(service);
            }
            if (index % FORGET_EVERY == FORGET_EVERY - 1) {
                generator.forgetAnswered();
            }
        }
        System.out.printf(
                Locale.ROOT,
                "%nEnding. Asked meanwhile: %d, failed before the end: %d.%n",
                generator.asked(),
                generator.failures());
    }

    private void sleepUntil(double nanos) {
        for (double left = nanos - System.nanoTime(); left > 0 && !over; left = nanos - System.nanoTime()) {
            LockSupport.parkNanos((long) left + 1);
        }
    }

    private void mustRun(ServiceProcess service) {
        try {
            service.mustRun();
        } catch (DemoFailure ended) {
            sleepUntil((double) System.nanoTime() + FIRST_TO_HEAR_NANOS);
            if (!over) {
                throw ended;
            }
        }
    }
}
