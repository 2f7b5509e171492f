package dev.scepsy.planner.placement;

import dev.scepsy.planner.linear.LinearProgramme;
import java.util.Arrays;

/**
 * The linear programme of cutting stock (Gilmore and Gomory 1961): which part θ of all shards wanted do GPUs hold when
 * patterns may be used in parts?
 *
 * <pre>
 * maximise θ    θ·need_i ≤ Σ_b Σ_p p_i·x_bp        Σ_p x_bp ≤ gpus_b
 * </pre>
 */
final class CuttingStockPrices {

    private static final int MOST_PIVOTS = 400;

    private CuttingStockPrices() {}

    /**
     * What a shard of each item is worth where θ is largest, as near as rounding and the pivots allow: a guess for whoever
     * checks it.
     *
     * @param need shards of each item
     * @param gpus of each kind
     */
    static double[] worths(GpuPatterns patterns, int[] need, int[] gpus) {
        int items = need.length;
        double[] right = new double[items + gpus.length];
        for (int bin = 0; bin < gpus.length; bin++) {
            right[items + bin] = gpus[bin];
        }
        LinearProgramme programme = new LinearProgramme(right, new double[right.length]);
        int[] all = new int[items];
        double[] wanted = new double[items];
        for (int i = 0; i < items; i++) {
            all[i] = i;
            wanted[i] = need[i];
        }
        programme.add(-1, all, wanted);
        for (int bin = 0; bin < gpus.length; bin++) {
            for (int[] pattern : patterns.ofBin().get(bin)) {
                int[] at = new int[items + 1];
                double[] entries = new double[items + 1];
                int filled = 0;
                for (int i = 0; i < items; i++) {
                    if (pattern[i] > 0) {
                        at[filled] = i;
                        entries[filled++] = -pattern[i];
                    }
                }
                at[filled] = items + bin;
                entries[filled++] = 1;
                programme.add(0, Arrays.copyOf(at, filled), Arrays.copyOf(entries, filled));
            }
        }
        programme.minimise(MOST_PIVOTS);
        double[] prices = programme.shadowPrices();
        double[] worths = new double[items];
        for (int i = 0; i < items; i++) {
            worths[i] = Math.max(0, -prices[i]);
        }
        return worths;
    }
}
