package dev.scepsy.javaagent.trace;

import java.time.Instant;

/**
 * Epoch nanoseconds that never run backwards within one trace: wall clock once, at the trace's first operation, then the
 * monotonic clock. Immutable.
 */
record Clock(long epochNanos, long monotonicNanos) {

    static Clock now() {
        Instant now = Instant.now();
        return new Clock(now.getEpochSecond() * 1_000_000_000L + now.getNano(), System.nanoTime());
    }

    long epochNanosNow() {
        return epochNanos + (System.nanoTime() - monotonicNanos);
    }
}
