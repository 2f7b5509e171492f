package dev.scepsy.planner.measure;

import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;

/**
 * Which rate to measure next, from what was measured so far; a pure function, so that a resumed measurement goes on as if it
 * had never stopped.
 *
 * <ol>
 *   <li>Rise from half a request in flight, by a factor of 4 while latency stays within 1.5 of a lonely request's, of 2 after,
 *       until a rate is not sustained.
 *   <li>Close in: first what an overloaded replica was seen to finish per second, then the geometric middle, until the
 *       lowest rate that is not sustained lies within {@code resolution} of the highest that is. That one is the knee.
 *   <li>Fill in up to {@value #MOST_FILLS} middles where latency rises by more than {@value #COARSE} from one point to the
 *       next, so that straight lines follow the curve.
 * </ol>
 *
 * @param resolution relative width at which the search stops, above 0
 * @param mostPerSecond no rate above this is tried
 * @param mostPoints no more rates than this are tried
 */
record KneeSearch(double resolution, double mostPerSecond, int mostPoints) {

    private static final double COARSE = 1.4;
    private static final int MOST_FILLS = 3;
    private static final double UNHURRIED = 1.5;
    private static final double LOWEST_IN_FLIGHT = 0.005;

    /** The rate to measure next, or none when the curve is done. */
    OptionalDouble next(double lonelyLatencySeconds, List<RatePoint> points) {
        if (points.size() >= mostPoints) {
            return OptionalDouble.empty();
        }
        double high = lowestOverloaded(points);
        double low = knee(points).orElse(0);
        double first = 0.5 / lonelyLatencySeconds;
        if (points.isEmpty()) {
            return OptionalDouble.of(Math.min(first, mostPerSecond));
        }
        if (Double.isInfinite(high)) {
            return low >= mostPerSecond
                    ? OptionalDouble.empty()
                    : OptionalDouble.of(Math.min(mostPerSecond, low * rise(low, lonelyLatencySeconds, points)));
        }
        if (low == 0) {
            double lower = high / 4;
            return lower < LOWEST_IN_FLIGHT / lonelyLatencySeconds ? OptionalDouble.empty() : OptionalDouble.of(lower);
        }
        if (high / low > 1 + resolution) {
            double guess = 0.97 * finishedUnderOverload(points, high);
            double margin = 1 + resolution / 2;
            return OptionalDouble.of(guess > low * margin && guess * margin < high ? guess : Math.sqrt(low * high));
        }
        return fill(lonelyLatencySeconds, points, high);
    }

    private static double rise(double low, double lonelyLatencySeconds, List<RatePoint> points) {
        double latency = points.stream()
                .filter(point -> point.offeredPerSecond() == low)
                .mapToDouble(RatePoint::meanLatencySeconds)
                .max()
                .orElse(0);
        return latency < UNHURRIED * lonelyLatencySeconds ? 4 : 2;
    }

    /** The highest rate that is sustained and below every rate that is not; empty where there is none. */
    static OptionalDouble knee(List<RatePoint> points) {
        double high = lowestOverloaded(points);
        return points.stream()
                .filter(point -> point.sustained() && point.offeredPerSecond() < high)
                .mapToDouble(RatePoint::offeredPerSecond)
                .max();
    }

    /** Infinite where every rate was sustained. */
    static double lowestOverloaded(List<RatePoint> points) {
        return points.stream()
                .filter(point -> !point.sustained())
                .mapToDouble(RatePoint::offeredPerSecond)
                .min()
                .orElse(Double.POSITIVE_INFINITY);
    }

    /** Whether {@code point} took clearly longer than a higher rate that was sustained too. */
    static boolean isDoubtful(RatePoint point, List<RatePoint> points) {
        return point.sustained()
                && points.stream()
                        .anyMatch(other -> other.sustained()
                                && other.offeredPerSecond() > point.offeredPerSecond()
                                && other.meanLatencySeconds() * UNHURRIED < point.meanLatencySeconds());
    }

    private static double finishedUnderOverload(List<RatePoint> points, double high) {
        return points.stream()
                .filter(point -> point.offeredPerSecond() == high)
                .mapToDouble(RatePoint::achievedPerSecond)
                .max()
                .orElse(0);
    }

    /** How many points it took until the knee was found. */
    private int closedAfter(List<RatePoint> points) {
        for (int count = 1; count < points.size(); count++) {
            List<RatePoint> first = points.subList(0, count);
            double low = knee(first).orElse(0);
            if (low > 0 && lowestOverloaded(first) / low <= 1 + resolution) {
                return count;
            }
        }
        return points.size();
    }

    private OptionalDouble fill(double lonelyLatencySeconds, List<RatePoint> points, double high) {
        List<RatePoint> curve = points.stream()
                .filter(point -> point.sustained() && point.offeredPerSecond() < high)
                .sorted(Comparator.comparingDouble(RatePoint::offeredPerSecond))
                .toList();
        if (points.size() - closedAfter(points) >= MOST_FILLS) {
            return OptionalDouble.empty();
        }
        double worst = COARSE;
        double rate = 0;
        double before = 0;
        double beforeLatency = lonelyLatencySeconds;
        for (RatePoint point : curve) {
            double ratio = point.meanLatencySeconds() / beforeLatency;
            if (ratio > worst && point.offeredPerSecond() > before * (1 + resolution)) {
                worst = ratio;
                rate = (before + point.offeredPerSecond()) / 2;
            }
            before = point.offeredPerSecond();
            beforeLatency = point.meanLatencySeconds();
        }
        return rate > 0 ? OptionalDouble.of(rate) : OptionalDouble.empty();
    }
}
