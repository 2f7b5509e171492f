package dev.scepsy.planner.placement;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Inequalities that whatever fits obeys, learned from what does not.
 *
 * <pre>
 * Σ_i shards_i · worth_i  ≤  Σ_bins gpus · value(bin)        value(bin) = most worth that one GPU of the kind holds
 * </pre>
 *
 * Compute and memory are two of them. Others are the shadow prices of {@link CuttingStockPrices} at a question it refutes,
 * in whole numbers, with their values taken from all patterns: so they are exact, whatever rounding did to the prices, and
 * they refute most questions that resemble the one they were learned from. Groups count as shards that could stand
 * anywhere. Not thread-safe.
 */
final class PackingCuts {

    /**
     * One inequality.
     *
     * @param worth per shard of each item
     * @param value per GPU of each kind
     */
    record Cut(long[] worth, long[] value) {

        /** Whether the shards are too many for the GPUs. */
        boolean refutes(int[] shards, int[] gpus) {
            long slack = 0;
            for (int bin = 0; bin < gpus.length; bin++) {
                slack += gpus[bin] * value[bin];
            }
            for (int i = 0; i < shards.length; i++) {
                slack -= shards[i] * worth[i];
            }
            return slack < 0;
        }
    }

    /** The work one programme counts as. */
    static final int STEPS = 400;

    private static final int MOST_CUTS = 12;
    private static final long WHOLE = 1 << 20;

    private final GpuPatterns patterns;
    private final List<Cut> cuts = new ArrayList<>();

    private PackingCuts(GpuPatterns patterns) {
        this.patterns = patterns;
    }

    /** Those for questions about the same shapes with at most so many of each on one GPU. */
    static final class ByCaps {
        private final GpuBins bins;
        private final int[] width;
        private final Map<List<Integer>, Optional<PackingCuts>> known = new HashMap<>();

        /** @param width GPUs a replica of each item spans */
        ByCaps(GpuBins bins, int[] width) {
            this.bins = bins;
            this.width = width;
        }

        /** Empty where patterns are too many. */
        Optional<PackingCuts> of(int[] replicas) {
            int[] caps = new int[replicas.length];
            List<Integer> key = new ArrayList<>();
            for (int i = 0; i < caps.length; i++) {
                int most = 0;
                for (int bin = 0; bin < bins.size(); bin++) {
                    most = Math.max(most, bins.most(i, bin));
                }
                // no two shards of a group share a GPU
                caps[i] = Math.min(most, replicas[i]);
                key.add(caps[i]);
            }
            return known.computeIfAbsent(key, k -> GpuPatterns.of(bins, caps).map(PackingCuts::new));
        }

        int[] shards(int[] replicas) {
            int[] shards = new int[replicas.length];
            for (int i = 0; i < shards.length; i++) {
                shards[i] = replicas[i] * width[i];
            }
            return shards;
        }
    }

    List<Cut> cuts() {
        return cuts;
    }

    boolean refuted(int[] shards, int[] gpus) {
        for (int i = 0; i < cuts.size(); i++) {
            if (cuts.get(i).refutes(shards, gpus)) {
                // what refuted last is asked first
                cuts.add(0, cuts.remove(i));
                return true;
            }
        }
        return false;
    }

    /** Whether the programme refutes. Its shadow prices are remembered either way: what they leave room for is little. */
    boolean refute(int[] shards, int[] gpus) {
        double[] prices = CuttingStockPrices.worths(patterns, shards, gpus);
        double most = 0;
        for (double price : prices) {
            most = Math.max(most, price);
        }
        if (most <= 0) {
            return false;
        }
        long[] worth = new long[prices.length];
        for (int i = 0; i < worth.length; i++) {
            worth[i] = Math.max(0, Math.round(prices[i] / most * WHOLE));
        }
        long[] value = new long[gpus.length];
        for (int bin = 0; bin < value.length; bin++) {
            value[bin] = patterns.value(bin, worth);
        }
        Cut cut = new Cut(worth, value);
        if (cuts.size() == MOST_CUTS) {
            cuts.remove(MOST_CUTS - 1);
        }
        cuts.add(0, cut);
        return cut.refutes(shards, gpus);
    }
}
