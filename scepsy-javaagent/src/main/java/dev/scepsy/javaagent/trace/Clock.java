package dev.scepsy.javaagent.trace;

import java.time.Instant;

/**
 * Epoch nanoseconds that never run backwards within one trace: the wall clock at one moment, from then on the monotonic
 * clock. Immutable.
 */
record Clock(long epochNanos, long monotonicNanos) {

    static Clock now() {
        Instant now = Instant.now();
        return new Clock(now.getEpochSecond() * 1_000_000_000L + now.getNano(), System.nanoTime());
    }

    boolean isOlderThan(long nanos, long monotonicNow) {
        return monotonicNow - monotonicNanos > nanos;
    }

    long epochNanosAt(long monotonicNow) {
        return epochNanos + (monotonicNow - monotonicNanos);
    }

    long epochNanosNow() {
        return epochNanosAt(System.nanoTime());
    }
}
