package dev.scepsy.planner.cli;

import java.io.PrintWriter;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One line on standard error that says what is being done and for how long, if it takes over two seconds. */
public final class Progress implements AutoCloseable {

    private static final long FIRST_AFTER_SECONDS = 2;

    private final PrintWriter err;
    private final @Nullable ScheduledExecutorService ticker;

    private volatile String what;
    private int seconds = (int) FIRST_AFTER_SECONDS - 1;
    private int width;

    private Progress(String what, PrintWriter err, boolean watched) {
        this.what = what;
        this.err = err;
        this.ticker = watched
                ? Executors.newSingleThreadScheduledExecutor(task -> {
                    Thread thread = new Thread(task, "scepsy-progress");
                    thread.setDaemon(true);
                    return thread;
                })
                : null;
    }

    static Progress start(String what, PrintWriter err, boolean watched) {
        Progress progress = new Progress(what, err, watched);
        if (progress.ticker != null) {
            progress.ticker.scheduleAtFixedRate(progress::tick, FIRST_AFTER_SECONDS, 1, TimeUnit.SECONDS);
        }
        return progress;
    }

    /** Changes what is shown from the next second on. */
    public void now(String newWhat) {
        what = newWhat;
    }

    private synchronized void tick() {
        String line = what + " ... " + ++seconds + " s";
        err.print("\r" + line + " ".repeat(Math.max(0, width - line.length())));
        err.flush();
        width = line.length();
    }

    /** Wipes the line. */
    @Override
    public void close() {
        if (ticker != null) {
            ticker.shutdownNow();
        }
        synchronized (this) {
            if (width > 0) {
                err.print("\r" + " ".repeat(width) + "\r");
                err.flush();
                width = 0;
            }
        }
    }
}
