package dev.scepsy.planner.share;

import java.util.OptionalDouble;

/**
 * Tokens per call over the calls that report them.
 *
 * @param mean tokens
 * @param p99 tokens, nearest rank; empty where a hand-written file leaves it out
 */
public record TokenStatistics(double mean, OptionalDouble p99) {

    /** Of the standard normal distribution. */
    private static final double QUANTILE_99 = 2.3263478740408408;

    /** Spread of token counts whose 99th percentile is not recorded. */
    private static final double UNKNOWN_SIGMA = 0.5;

    /**
     * σ of the log-normal distribution with this mean and 99th percentile: p99 / mean = exp(q·σ − σ²/2), beyond the largest
     * ratio that one reaches (15) that one's; 0.5 where the percentile is not recorded.
     */
    public double logSigma() {
        if (p99.isEmpty() || !(mean > 0)) {
            return UNKNOWN_SIGMA;
        }
        double ratio = Math.max(1, p99.getAsDouble() / mean);
        return QUANTILE_99 - Math.sqrt(Math.max(0, QUANTILE_99 * QUANTILE_99 - 2 * Math.log(ratio)));
    }

    /** Tokens that lie {@code deviations} standard deviations from the middle of that distribution. */
    public double atDeviations(double deviations) {
        double sigma = logSigma();
        return mean * Math.exp(sigma * deviations - sigma * sigma / 2);
    }
}
