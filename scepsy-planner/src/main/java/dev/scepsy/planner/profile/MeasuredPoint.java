package dev.scepsy.planner.profile;

import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * What was measured at one rate: the point of the latency curve, and as far as it is known what the engine did meanwhile,
 * which calibrates the {@link EngineModel}. Immutable.
 *
 * @param requestsPerSecond arrivals at one replica, 0 or more; 0 stands for one request at a time
 * @param meanLatencySeconds mean time of a call, above 0
 * @param requestsInFlight how many requests a request shares the engine with on average, itself included: ∫n² / ∫n over the
 *     number n in flight; at least 1
 * @param meanFirstTokenSeconds mean time to the first token, waiting included, above 0
 * @param meanPerTokenSeconds mean time per further token, above 0
 * @param p95LatencySeconds nearest rank
 * @param p99LatencySeconds nearest rank
 * @param requests how many requests the means stand on
 * @param errorRate part of the requests that failed, in [0, 1]
 */
public record MeasuredPoint(
        double requestsPerSecond,
        double meanLatencySeconds,
        OptionalDouble requestsInFlight,
        OptionalDouble meanFirstTokenSeconds,
        OptionalDouble meanPerTokenSeconds,
        OptionalDouble p95LatencySeconds,
        OptionalDouble p99LatencySeconds,
        OptionalLong requests,
        OptionalDouble errorRate) {

    /** A point of which only the curve is known. */
    public static MeasuredPoint of(double requestsPerSecond, double meanLatencySeconds) {
        return new MeasuredPoint(
                requestsPerSecond,
                meanLatencySeconds,
                OptionalDouble.empty(),
                OptionalDouble.empty(),
                OptionalDouble.empty(),
                OptionalDouble.empty(),
                OptionalDouble.empty(),
                OptionalLong.empty(),
                OptionalDouble.empty());
    }

    /** The point of the latency curve. */
    public MeasuredCurve.Point onCurve() {
        return new MeasuredCurve.Point(requestsPerSecond, meanLatencySeconds);
    }
}
