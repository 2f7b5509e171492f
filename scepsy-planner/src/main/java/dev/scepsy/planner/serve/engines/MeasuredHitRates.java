package dev.scepsy.planner.serve.engines;

import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Prefix-cache hit rates that engines measured, to predict with instead of {@code prefixCacheHitRate} of {@code models.yaml}. The
 * rule: of a model whose engines in the last hour looked up at least {@value #FEWEST_QUERIES} tokens, for at least {@value
 * #FEWEST_REQUESTS} requests, the rate is hits over queries of that hour. Gauges of a rate, which some engines publish instead of
 * counters, are shown and never used: nobody knows over what they are means. Immutable.
 *
 * @param byModel in [0, 1]
 */
public record MeasuredHitRates(Map<String, Double> byModel) {

    /** Below, one long prompt decides. */
    static final int FEWEST_QUERIES = 100_000;

    /** Below, chance decides: the error of a rate of one half is 5 %. */
    static final int FEWEST_REQUESTS = 100;

    public MeasuredHitRates {
        byModel = Map.copyOf(byModel);
    }

    /** Those that the rule lets through. */
    public static MeasuredHitRates of(Collection<EngineDemand> demands) {
        Map<String, Double> rates = new TreeMap<>();
        for (EngineDemand demand : demands) {
            if (demand.queriedTokens() >= FEWEST_QUERIES && demand.requests() >= FEWEST_REQUESTS) {
                rates.put(demand.model(), Math.min(1, demand.hitTokens() / demand.queriedTokens()));
            }
        }
        return new MeasuredHitRates(rates);
    }

    /** A model's, where enough was seen. */
    public Optional<Double> of(String model) {
        return Optional.ofNullable(byModel.get(model));
    }
}
