package dev.scepsy.javaagent.trace;

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

    void describe(Operation operation) {
        if (count > 1) {
            operation.put(GenAi.CALL_ATTEMPTS, (long) count);
            operation.put(GenAi.CALL_BACKOFF_SECONDS, backoffNanos / 1e9);
        }
    }
}
