package dev.scepsy.planner.serve.engines;

import java.util.Map;
import java.util.NavigableMap;
import java.util.OptionalDouble;
import java.util.TreeMap;

/**
 * A Prometheus histogram's cumulative counts by upper bound, such as engines publish: they can be added up, whatever their
 * bounds. Immutable.
 *
 * @param cumulative observations at or below each bound; {@code +Inf} is the last where it is there
 */
record Buckets(NavigableMap<Double, Double> cumulative) {

    static final Buckets NONE = new Buckets(new TreeMap<>());

    /** Of this one and {@code other} together. Between its own bounds a histogram is taken to lie at the upper one. */
    Buckets plus(Buckets other) {
        if (cumulative.isEmpty()) {
            return other;
        }
        if (other.cumulative.isEmpty()) {
            return this;
        }
        NavigableMap<Double, Double> sum = new TreeMap<>();
        for (Double bound : cumulative.keySet()) {
            sum.put(bound, below(bound) + other.below(bound));
        }
        for (Double bound : other.cumulative.keySet()) {
            sum.computeIfAbsent(bound, both -> below(both) + other.below(both));
        }
        return new Buckets(sum);
    }

    /** What came since {@code before}; bounds that were not there then begin at 0. */
    Buckets since(Buckets before) {
        NavigableMap<Double, Double> delta = new TreeMap<>();
        cumulative.forEach((bound, count) ->
                delta.put(bound, Math.max(0, count - before.cumulative.getOrDefault(bound, 0.0))));
        return new Buckets(delta);
    }

    double count() {
        return cumulative.isEmpty() ? 0 : cumulative.lastEntry().getValue();
    }

    /**
     * The value that a part {@code q} of the observations does not exceed, by a straight line within its bucket, the lowest from
     * 0 (as Prometheus' {@code histogram_quantile}); above the last bound that bound. Empty without observations.
     *
     * @param q in [0, 1]
     */
    OptionalDouble quantile(double q) {
        double all = count();
        if (!(all > 0)) {
            return OptionalDouble.empty();
        }
        double rank = q * all;
        double lower = 0;
        double before = 0;
        for (Map.Entry<Double, Double> bucket : cumulative.entrySet()) {
            double bound = bucket.getKey();
            double count = bucket.getValue();
            if (count >= rank && count > before) {
                return OptionalDouble.of(
                        Double.isInfinite(bound)
                                ? lower
                                : lower + (bound - lower) * (rank - before) / (count - before));
            }
            if (!Double.isInfinite(bound)) {
                lower = bound;
            }
            before = count;
        }
        return OptionalDouble.of(lower);
    }

    private double below(double bound) {
        Map.Entry<Double, Double> entry = cumulative.floorEntry(bound);
        return entry == null ? 0 : entry.getValue();
    }
}
