package dev.scepsy.planner.measure;

import dev.scepsy.planner.profile.MeasuredPoint;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * What one rate met. Immutable.
 *
 * @param offeredPerSecond requests sent per second; 0: one at a time
 * @param achievedPerSecond requests answered per second of the measured window
 * @param sustained whether the replica kept up
 * @param verdict why, for people
 * @param requests how many were measured, failed ones included
 * @param failed how many of them failed
 * @param meanLatencySeconds over the answered ones; 0 where none was
 * @param p95LatencySeconds nearest rank
 * @param p99LatencySeconds nearest rank
 * @param meanFirstTokenSeconds empty where answers came whole
 * @param meanPerTokenSeconds time per token after the first; empty where answers came whole or had one token
 * @param requestsInFlight ∫n² / ∫n over the window
 * @param meanInputTokens over the answered ones
 * @param meanOutputTokens over the answered ones
 * @param seconds how long the point took, warm-up included
 * @param worstLatenessSeconds how late the sender was at worst; large means that this machine was too slow
 */
public record RatePoint(
        double offeredPerSecond,
        double achievedPerSecond,
        boolean sustained,
        String verdict,
        int requests,
        int failed,
        double meanLatencySeconds,
        double p95LatencySeconds,
        double p99LatencySeconds,
        OptionalDouble meanFirstTokenSeconds,
        OptionalDouble meanPerTokenSeconds,
        double requestsInFlight,
        double meanInputTokens,
        double meanOutputTokens,
        double seconds,
        double worstLatenessSeconds) {

    /** Part of the requests that failed. */
    public double errorRate() {
        return requests == 0 ? 0 : (double) failed / requests;
    }

    /** As a point of a profile. */
    public MeasuredPoint measured() {
        return new MeasuredPoint(
                offeredPerSecond,
                meanLatencySeconds,
                OptionalDouble.of(Math.max(1, requestsInFlight)),
                meanFirstTokenSeconds,
                meanPerTokenSeconds,
                OptionalDouble.of(p95LatencySeconds),
                OptionalDouble.of(p99LatencySeconds),
                OptionalLong.of(requests),
                OptionalDouble.of(errorRate()));
    }
}
