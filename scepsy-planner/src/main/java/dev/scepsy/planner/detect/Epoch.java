package dev.scepsy.planner.detect;

import java.time.Instant;

/** Nanoseconds since 1970 as an instant. */
final class Epoch {

    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private Epoch() {}

    static Instant instant(long epochNanos) {
        return Instant.ofEpochSecond(
                Math.floorDiv(epochNanos, NANOS_PER_SECOND), Math.floorMod(epochNanos, NANOS_PER_SECOND));
    }

    static long nanos(Instant instant) {
        return Math.addExact(Math.multiplyExact(instant.getEpochSecond(), NANOS_PER_SECOND), instant.getNano());
    }
}
