package dev.scepsy.planner.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Lets Ctrl-C and SIGTERM end a verb that runs until it is told to: the verb learns of it, puts away what it has, closes this, and
 * the process exits with 128 + the signal's number.
 */
final class EndOnSignal implements AutoCloseable {

    private final CountDownLatch told = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);
    private final int mostSeconds;
    private final Thread hook;

    /** @param mostSeconds that putting away may take; after these the process ends all the same */
    EndOnSignal(String name, int mostSeconds) {
        this.mostSeconds = mostSeconds;
        this.hook = new Thread(this::end, name);
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** Waits for the signal, or so long; true if it came. */
    boolean await(long millis) throws InterruptedException {
        return told.await(millis, TimeUnit.MILLISECONDS);
    }

    /** Waits for the signal. */
    void await() throws InterruptedException {
        told.await();
    }

    /** In the shutdown hook: the process ends when this returns. */
    private void end() {
        told.countDown();
        try {
            var unused = ended.await(mostSeconds, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        ended.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException shuttingDown) {
            // the hook is running and ends the process
        }
    }
}
