package dev.scepsy.samples.demo;

import dev.scepsy.planner.span.Span;
import java.time.Duration;
import java.time.Instant;

/**
 * The one place where real time becomes scaled time: the emulated engines run {@code scale} times faster than the engines
 * they stand for, so every measured duration is multiplied by it. Instants are stretched away from {@code origin}.
 * Immutable.
 *
 * @param scale scaled seconds per real second, at least 1
 * @param originEpochNanos real and scaled time agree here, nanoseconds since the epoch
 */
record ScaledClock(double scale, long originEpochNanos) {

    /** Where real and scaled time agree. */
    Instant origin() {
        return Instant.EPOCH.plusNanos(originEpochNanos);
    }

    /** From a difference of {@code System.nanoTime()}. */
    double scaledSeconds(long realNanos) {
        return realNanos / 1e9 * scale;
    }

    Duration real(double scaledSeconds) {
        return Duration.ofNanos((long) (scaledSeconds / scale * 1e9));
    }

    /** Rates shrink where durations grow. */
    double realRate(double scaledPerSecond) {
        return scaledPerSecond * scale;
    }

    /** The same span in scaled time. */
    Span scaled(Span span) {
        return new Span(
                span.traceId(),
                span.spanId(),
                span.parentSpanId(),
                span.parentRemote(),
                span.name(),
                span.kind(),
                scaledEpochNanos(span.startEpochNanos()),
                scaledEpochNanos(span.endEpochNanos()),
                span.error(),
                span.genAi(),
                span.origin());
    }

    long scaledEpochNanos(long realEpochNanos) {
        return realEpochNanos == 0 ? 0 : originEpochNanos + Math.round((realEpochNanos - originEpochNanos) * scale);
    }
}
