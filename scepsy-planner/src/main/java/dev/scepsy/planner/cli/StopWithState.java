package dev.scepsy.planner.cli;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;

/** While open, Ctrl-C and SIGTERM end the process with {@link ExitCode#STOPPED_MIDWAY} and a word on how to go on. */
final class StopWithState implements AutoCloseable {

    private final Thread hook;

    StopWithState(PrintWriter err, Path stateFile) {
        hook = new Thread(
                () -> {
                    err.println();
                    err.println(
                            Files.exists(stateFile)
                                    ? "Stopped midway. What was measured is in " + stateFile
                                            + "; the same command goes on."
                                    : "Stopped before anything was measured.");
                    err.flush();
                    Runtime.getRuntime().halt(ExitCode.STOPPED_MIDWAY);
                },
                "scepsy-stop-with-state");
        Runtime.getRuntime().addShutdownHook(hook);
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException shuttingDown) {
            // the hook is running and ends the process
        }
    }
}
