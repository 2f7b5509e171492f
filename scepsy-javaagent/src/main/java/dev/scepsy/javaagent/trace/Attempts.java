package dev.scepsy.javaagent.trace;

import java.util.function.BiConsumer;

/**
 * Attempts of one logical call and the pauses between them. A pause runs from the failure of one attempt to the start of the
 * next. Used by one thread at a time.
 */
public final class Attempts {

    private int count;
    private long backoffNanos;
    private long failedAtNanos;

    /** An attempt starts. */
    public void starts() {
        if (count++ > 0) {
            backoffNanos += System.nanoTime() - failedAtNanos;
        }
    }

    /** The attempt failed; another may follow. */
    public void failed() {
        failedAtNanos = System.nanoTime();
    }

    void describe(BiConsumer<String, Object> attributes) {
        if (count > 1) {
            attributes.accept(GenAi.CALL_ATTEMPTS, (long) count);
            attributes.accept(GenAi.CALL_BACKOFF_SECONDS, backoffNanos / 1e9);
        }
    }
}
