package dev.scepsy.javaagent.trace;

import java.time.Instant;

/**
 * Epoch nanoseconds that never run backwards within one trace: the wall clock at one moment, from then on the monotonic
 * clock. Immutable.
 */
record Clock(long epochNanos, long monotonicNanos) {

    private static final int TRIES = 5;

    /** Two clocks that are read within this time agree well enough. */
    private static final long CLOSE_NANOS = 20_000;

    /** Both clocks at one moment: a thread that is put aside between the two readings reads them again. */
    static Clock now() {
        Clock best = new Clock(0, 0);
        long least = Long.MAX_VALUE;
        for (int i = 0; i < TRIES && least > CLOSE_NANOS; i++) {
            long before = System.nanoTime();
            Instant now = Instant.now();
            long apart = System.nanoTime() - before;
            if (apart < least) {
                least = apart;
                best = new Clock(now.getEpochSecond() * 1_000_000_000L + now.getNano(), before + apart / 2);
            }
        }
        return best;
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
