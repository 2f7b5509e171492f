package dev.scepsy.planner.benchmark;

import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * One load that somebody put on a replica, and what came of it. Immutable.
 *
 * @param source where it stands, for people
 * @param load how requests were sent
 * @param achievedPerSecond requests answered per second, above 0
 * @param meanLatencySeconds mean time of an answered request, above 0
 * @param meanFirstTokenSeconds mean time to the first token
 * @param meanPerTokenSeconds mean time per token after the first
 * @param p95LatencySeconds as the tool computed it
 * @param p99LatencySeconds as the tool computed it
 * @param inputTokens mean prompt tokens
 * @param outputTokens mean generated tokens
 * @param requests how many were answered
 * @param failed how many were not
 */
public record BenchmarkRun(
        String source,
        Load load,
        double achievedPerSecond,
        double meanLatencySeconds,
        OptionalDouble meanFirstTokenSeconds,
        OptionalDouble meanPerTokenSeconds,
        OptionalDouble p95LatencySeconds,
        OptionalDouble p99LatencySeconds,
        OptionalDouble inputTokens,
        OptionalDouble outputTokens,
        OptionalLong requests,
        long failed) {

    /** How requests were sent. */
    public sealed interface Load {

        /** At times that do not depend on the answers, {@code perSecond} on average. */
        record Open(double perSecond) implements Load {}

        /** By {@code clients} who send their next request when the last is answered. */
        record Closed(double clients) implements Load {}

        /** All at the start, as fast as they can be sent: says how many are answered per second, and nothing of latency. */
        record AtOnce() implements Load {}
    }

    /** Little's law: how many were inside on average, those answered per second times how long each was. */
    double inFlight() {
        return achievedPerSecond * meanLatencySeconds;
    }

    /** Part of the requests that failed, in [0, 1]. */
    double errorRate() {
        double all = requests.orElse(0) + (double) failed;
        return all > 0 ? failed / all : 0;
    }
}
