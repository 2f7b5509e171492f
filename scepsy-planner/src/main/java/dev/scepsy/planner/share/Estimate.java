package dev.scepsy.planner.share;

import dev.scepsy.planner.stat.RatioOfSums;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * The four estimates of a model that have intervals, as ratios of sums over executions: of 1 (their number), N (calls), D (call
 * time), U (busy time), P (path time) and R (call time of the other models).
 */
enum Estimate {
    CALLS_PER_EXECUTION(-1, 1, 0, 0, 0, 0),
    PARALLELISM(0, 0, 1, -1, 0, 0),
    SEQUENTIAL_CALLS(-1, 1, -1, 0, 1, 0),
    /** Its odds: s / (1 - s) = D / R. */
    EXECUTION_SHARE(0, 0, 1, 0, 0, -1);

    /** In the order of the estimates. */
    static final RatioOfSums[] RATIOS =
            Arrays.stream(values()).map(Estimate::resampled).toArray(RatioOfSums[]::new);

    /** Between ends that are a million millions apart nothing is known. */
    private static final double WIDEST = 0.5 * Math.log(1e12);

    private final RatioOfSums ratio;

    Estimate(int... powers) {
        ratio = RatioOfSums.ofPowers(powers);
    }

    /** A long call draws up both sums of p, but one alone of a share's. */
    private RatioOfSums resampled() {
        return this == EXECUTION_SHARE ? ratio.ofIndependentTotals() : ratio;
    }

    /**
     * The interval around an estimate. Where there is no logarithm, the estimate is at an end of its range (a path never taken, the
     * only model there is) or not defined: the first cannot vary by resampling and gives a point, the second none. Nor does one so
     * wide that it says nothing.
     *
     * @param halfWidths on the scale of logarithms, in the order of the estimates
     */
    Optional<Interval95> interval(double estimate, OptionalDouble[] halfWidths) {
        OptionalDouble halfWidth = halfWidths[ordinal()];
        boolean atAnEnd = estimate == 0 || (this == EXECUTION_SHARE && estimate == 1);
        if (atAnEnd || halfWidth.isEmpty() || halfWidth.getAsDouble() > WIDEST) {
            return atAnEnd ? Optional.of(new Interval95(estimate, estimate)) : Optional.empty();
        }
        double factor = Math.exp(halfWidth.getAsDouble());
        if (this == EXECUTION_SHARE) {
            // odds / f over 1 + odds / f, written so that a factor of 1 leaves the share as it is
            double low = estimate / (estimate + (1 - estimate) * factor);
            double high = estimate * factor / (estimate * factor + (1 - estimate));
            return Optional.of(new Interval95(Math.min(low, estimate), Math.max(high, estimate)));
        }
        double low = estimate / factor;
        return Optional.of(
                new Interval95(this == PARALLELISM ? Math.min(estimate, Math.max(1, low)) : low, estimate * factor));
    }
}
