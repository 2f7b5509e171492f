package dev.scepsy.planner.profile;

import java.util.Arrays;

/**
 * How much longer a step takes on a share of the SMs than on the whole GPU.
 *
 * <p>Geometric means over LLaMA 7B to 65B on A100 under an MPS percentage, alone on the card, derived from the
 * measurements published with MuxServe (hao-ai-lab/MuxServe, ICML 2024). Decode hardly suffers while the batch is small,
 * because memory bandwidth is not partitioned. Between the measured batch and prompt classes the table is interpolated in
 * the logarithm; below 30 % the last slope is continued; noise that would make less compute faster is levelled out.
 * Immutable, for one share.
 */
final class FractionSlowdown {

    private static final double[] SHARES = {1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3};

    private static final double[] DECODE_BATCHES = {8, 16, 64, 128};
    private static final double[][] DECODE = {
        {1, 1.00, 1.00, 1.01, 1.01, 1.02, 1.06, 1.12},
        {1, 1.00, 1.00, 1.00, 1.02, 1.03, 1.09, 1.17},
        {1, 1.00, 1.00, 1.00, 1.02, 1.03, 1.09, 1.17},
        {1, 1.03, 1.07, 1.14, 1.18, 1.31, 1.53, 1.72},
    };

    private static final double[] PROMPT_TOKENS = {256, 512, 2048, 4096};
    private static final double[][] PREFILL = {
        {1, 1.02, 1.03, 1.09, 1.13, 1.20, 1.34, 1.43},
        {1, 1.06, 1.13, 1.25, 1.36, 1.53, 1.85, 2.25},
        {1, 1.06, 1.13, 1.25, 1.36, 1.53, 1.85, 2.25},
        {1, 1.06, 1.13, 1.25, 1.36, 1.53, 1.85, 2.34},
    };

    private final double fraction;
    private final double[] decode;
    private final double[] prefill;

    /** @param fraction share in (0, 1] */
    FractionSlowdown(double fraction) {
        this.fraction = fraction;
        this.decode =
                Arrays.stream(DECODE).mapToDouble(row -> atShare(row, fraction)).toArray();
        this.prefill = Arrays.stream(PREFILL)
                .mapToDouble(row -> atShare(row, fraction))
                .toArray();
    }

    /** Factor, 1 or more, on a decoding step of {@code batch} requests. */
    double decode(double batch) {
        return fraction >= 1 ? 1 : between(DECODE_BATCHES, decode, batch);
    }

    /** Factor, 1 or more, on the work of {@code tokens} prompt tokens. */
    double prefill(double tokens) {
        return fraction >= 1 ? 1 : between(PROMPT_TOKENS, prefill, tokens);
    }

    private static double between(double[] classes, double[] slowdowns, double value) {
        int last = classes.length - 1;
        if (value <= classes[0]) {
            return slowdowns[0];
        }
        for (int i = 1; i <= last; i++) {
            if (value <= classes[i]) {
                double along = Math.log(value / classes[i - 1]) / Math.log(classes[i] / classes[i - 1]);
                return slowdowns[i - 1] * (1 - along) + slowdowns[i] * along;
            }
        }
        return slowdowns[last];
    }

    private static double atShare(double[] slowdowns, double fraction) {
        int i = 1;
        while (i < SHARES.length - 1 && fraction < SHARES[i]) {
            i++;
        }
        double slope = Math.log(slowdowns[i] / slowdowns[i - 1]) / Math.log(SHARES[i] / SHARES[i - 1]);
        return slowdowns[i - 1] * Math.exp(slope * Math.log(fraction / SHARES[i - 1]));
    }
}
