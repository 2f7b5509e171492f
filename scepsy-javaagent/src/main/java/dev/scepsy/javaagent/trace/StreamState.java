package dev.scepsy.javaagent.trace;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** How the work behind a returned future or stream ended, where it did not simply complete or fail. */
public enum StreamState {
    /** Whoever asked for it wanted no more: not an error. */
    CANCELLED("cancelled"),
    /** Nothing was heard from it for too long, or a timeout said so. */
    TIMED_OUT("timedOut"),
    /** It was under way when the JVM ended. */
    OPEN_AT_EXIT("openAtExit"),
    /** It was never started, or nobody holds it any more. */
    ABANDONED("abandoned");

    private final String text;

    StreamState(String text) {
        this.text = text;
    }

    /** The value of {@code scepsy.stream.state}. */
    public String text() {
        return text;
    }

    /** What began and was not heard of again. */
    public static StreamState silent(boolean atExit) {
        return atExit ? OPEN_AT_EXIT : TIMED_OUT;
    }

    /** What an error says about the state; null for a plain failure. Any library's timeout counts, by its class's name. */
    static @Nullable StreamState of(@Nullable Throwable error) {
        for (Throwable at = error; at != null; at = at.getCause()) {
            if (at instanceof CancellationException) {
                return CANCELLED;
            }
            if (at.getClass().getSimpleName().contains("Timeout")) {
                return TIMED_OUT;
            }
            if (!(at instanceof CompletionException || at instanceof ExecutionException)) {
                return null;
            }
        }
        return null;
    }

    /** Ends an operation with this state and no error. */
    public void end(Operation operation) {
        operation.put(GenAi.STREAM_STATE, text);
        operation.end(null);
    }

    /** Ends an operation as its future or stream ended: cancelled is no error, a timeout is one. */
    public static void end(Operation operation, @Nullable Throwable error) {
        StreamState state = of(error);
        if (state != null) {
            operation.put(GenAi.STREAM_STATE, state.text);
        }
        operation.end(state == CANCELLED ? null : error);
    }
}
