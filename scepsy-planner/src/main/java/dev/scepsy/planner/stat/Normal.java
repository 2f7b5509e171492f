package dev.scepsy.planner.stat;

/** The standard normal distribution. */
public final class Normal {

    private static final double FARTHEST = 8;

    private Normal() {}

    /** Probability of a value up to {@code x}; the series of G. Marsaglia, Evaluating the Normal Distribution, 2004. */
    public static double cumulative(double x) {
        if (x < -FARTHEST) {
            return 0;
        }
        if (x > FARTHEST) {
            return 1;
        }
        double sum = x;
        double before = 0;
        double term = x;
        for (int i = 3; sum != before; i += 2) {
            before = sum;
            term *= x * x / i;
            sum += term;
        }
        return 0.5 + sum * Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
    }

    /** The value that is not exceeded with {@code probability} in (0, 1), by halving; few are ever needed. */
    public static double quantile(double probability) {
        double low = -FARTHEST;
        double high = FARTHEST;
        for (int i = 0; i < 60; i++) {
            double middle = (low + high) / 2;
            if (cumulative(middle) < probability) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return (low + high) / 2;
    }
}
