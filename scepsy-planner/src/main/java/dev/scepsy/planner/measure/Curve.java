package dev.scepsy.planner.measure;

import dev.scepsy.planner.profile.MeasuredPoint;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;

/**
 * A measured latency curve. Immutable.
 *
 * @param points what profiles hold: ascending by rate, the lonely request at rate 0 first
 * @param saturationRequestsPerSecond the highest rate that was sustained; empty: none was
 * @param overloadedPerSecond the lowest rate that was not; empty: none was seen
 * @param done false: the time was over before the search was
 * @param inputTokens mean of all answered requests
 * @param outputTokens mean of all answered requests
 */
public record Curve(
        List<MeasuredPoint> points,
        OptionalDouble saturationRequestsPerSecond,
        OptionalDouble overloadedPerSecond,
        boolean done,
        double inputTokens,
        double outputTokens) {

    public Curve {
        points = List.copyOf(points);
    }

    static Curve of(List<RatePoint> all, boolean done) {
        List<RatePoint> rates = all.subList(1, all.size());
        OptionalDouble knee = KneeSearch.knee(rates);
        double high = KneeSearch.lowestOverloaded(rates);
        List<RatePoint> kept = all.stream()
                .filter(point -> point.sustained() && point.offeredPerSecond() <= knee.orElse(0))
                .sorted(Comparator.comparingDouble(RatePoint::offeredPerSecond))
                .toList();
        double weight = 0;
        double input = 0;
        double output = 0;
        for (RatePoint point : kept) {
            int answered = point.requests() - point.failed();
            weight += answered;
            input += answered * point.meanInputTokens();
            output += answered * point.meanOutputTokens();
        }
        return new Curve(
                kept.stream().map(RatePoint::measured).toList(),
                knee,
                Double.isInfinite(high) ? OptionalDouble.empty() : OptionalDouble.of(high),
                done,
                input / Math.max(1, weight),
                output / Math.max(1, weight));
    }

    /** Whether the replica was never seen overloaded, so that it may sustain more. */
    public boolean saturationIsLowerBound() {
        return overloadedPerSecond.isEmpty();
    }
}
