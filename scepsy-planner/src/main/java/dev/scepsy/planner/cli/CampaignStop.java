package dev.scepsy.planner.cli;

import dev.scepsy.planner.cluster.ClusterUnreachableException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

/** While open, Ctrl-C and SIGTERM remove the campaign's engine and end with {@link ExitCode#STOPPED_MIDWAY}. */
final class CampaignStop implements AutoCloseable {

    /** An engine's pod is given up on after a minute; the rest is for a slow API server. */
    private static final Duration LONGEST_STOP = Duration.ofSeconds(120);

    private final Thread hook;

    CampaignStop(CampaignEngines engines, AtomicBoolean stopping, PrintWriter err, Path out) {
        hook = new Thread(
                () -> {
                    stopping.set(true);
                    engines.end();
                    err.println();
                    try {
                        int removed = engines.remove();
                        err.println("Stopped midway; "
                                + (removed == 0 ? "no engine was" : "the engine was removed, none is")
                                + " left behind. What was measured is in " + out + "; the same command goes on.");
                    } catch (ClusterUnreachableException unreachable) {
                        err.println("Stopped midway, and the engine could not be removed: " + unreachable.getMessage()
                                + " The same command removes it and goes on.");
                    }
                    err.flush();
                    Runtime.getRuntime().halt(ExitCode.STOPPED_MIDWAY);
                },
                "scepsy-campaign-stop");
        Runtime.getRuntime().addShutdownHook(hook);
    }

    private void awaitTheHook() {
        try {
            hook.join(LONGEST_STOP.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException shuttingDown) {
            // the hook still needs the cluster, which is closed after this; it ends the process
            awaitTheHook();
        }
    }
}
