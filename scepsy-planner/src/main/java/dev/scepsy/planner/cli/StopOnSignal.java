package dev.scepsy.planner.cli;

import dev.scepsy.planner.cluster.ClusterClient;
import java.io.PrintWriter;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Turns Ctrl-C and SIGTERM into a stop between two steps: the push is asked to end, says what it did, and the process
 * exits with {@link ExitCode#STOPPED_MIDWAY}.
 */
final class StopOnSignal implements AutoCloseable {

    private static final long MOST_SECONDS = 20;

    private final CountDownLatch told = new CountDownLatch(1);
    private final Thread hook;

    StopOnSignal(ClusterClient client, PrintWriter err) {
        hook = new Thread(
                () -> {
                    err.println("Asked to end: the push stops at the next safe point.");
                    err.flush();
                    client.stop("The command was asked to end.");
                    try {
                        if (!told.await(MOST_SECONDS, TimeUnit.SECONDS)) {
                            err.println("The push did not end within " + MOST_SECONDS
                                    + " s of being asked to: 'scepsy status' shows how far it came.");
                            err.flush();
                        }
                    } catch (InterruptedException again) {
                        // ends at once
                    }
                    Runtime.getRuntime().halt(ExitCode.STOPPED_MIDWAY);
                },
                "scepsy-stop-on-signal");
        Runtime.getRuntime().addShutdownHook(hook);
    }

    @Override
    public void close() {
        told.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException shuttingDown) {
            // the hook is running and ends the process
        }
    }
}
