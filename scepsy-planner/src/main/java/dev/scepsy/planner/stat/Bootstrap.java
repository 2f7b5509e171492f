package dev.scepsy.planner.stat;

import java.util.Arrays;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Bootstrap over independent observations for statistics that are functions of sums (means, ratios of sums). The sums are
 * resampled once; any number of statistics is then evaluated on them.
 *
 * <p>Intervals are bias-corrected and accelerated (BCa; B. Efron, Better Bootstrap Confidence Intervals, JASA 82, 1987,
 * section 4), the acceleration from the jackknife. Plain percentiles would miss the truth too often for the skewed
 * durations of LLM calls.
 *
 * <p>Beyond {@value #MAX_GROUPS} observations, they are dealt into that many groups, and groups are resampled: the sums keep
 * their variance to about 1.6 %, at a cost that no longer grows.
 *
 * <p>Deterministic for a seed. Immutable once made.
 */
public final class Bootstrap {

    /** Resamples drawn: the ends of a 95 % interval then rest on 50 of them each. */
    public static final int RESAMPLES = 2000;

    private static final int MAX_GROUPS = 2048;
    private static final double TAIL = 0.025;

    /** Value of a statistic for given sums; NaN where it is not defined for them. */
    @FunctionalInterface
    public interface Statistic {
        double of(double[] sums);
    }

    /** A 95 % interval, {@code low <= high}. */
    public record Interval(double low, double high) {}

    private final double[] sums;
    private final double[][] resampledSums;
    private final double[][] leftOutSums;

    private Bootstrap(double[] sums, double[][] resampledSums, double[][] leftOutSums) {
        this.sums = sums;
        this.resampledSums = resampledSums;
        this.leftOutSums = leftOutSums;
    }

    /**
     * Resamples observations.
     *
     * @param columns {@code columns[c][j]}: quantity c of observation j; all of one length, at least 1
     * @param seed same seed, same intervals
     */
    public static Bootstrap over(double[][] columns, long seed) {
        double[][] groups = deal(columns);
        int groupCount = groups.length;
        int width = columns.length;
        double[] sums = new double[width];
        for (double[] group : groups) {
            add(sums, group);
        }
        double[][] leftOut = new double[groupCount][];
        for (int g = 0; g < groupCount; g++) {
            leftOut[g] = sums.clone();
            for (int c = 0; c < width; c++) {
                leftOut[g][c] -= groups[g][c];
            }
        }
        SplittableRandom random = new SplittableRandom(seed);
        double[][] resampled = new double[RESAMPLES][width];
        for (double[] resample : resampled) {
            for (int draw = 0; draw < groupCount; draw++) {
                add(resample, groups[random.nextInt(groupCount)]);
            }
        }
        return new Bootstrap(sums, resampled, leftOut);
    }

    /** The statistic's interval; empty where it is not defined for the observations, or for most resamples. */
    public Optional<Interval> interval95(Statistic statistic) {
        double estimate = statistic.of(sums);
        double[] values = Arrays.stream(resampledSums)
                .mapToDouble(statistic::of)
                .filter(Double::isFinite)
                .sorted()
                .toArray();
        if (!Double.isFinite(estimate) || values.length < RESAMPLES / 2) {
            return Optional.empty();
        }
        double bias = bias(values, estimate);
        double acceleration = acceleration(statistic);
        double low = values[rank(values.length, adjusted(TAIL, bias, acceleration))];
        double high = values[rank(values.length, adjusted(1 - TAIL, bias, acceleration))];
        // the estimate belongs into its own interval, also where resampling hardly varies it
        return Optional.of(new Interval(Math.min(low, estimate), Math.max(high, estimate)));
    }

    /** Row g: the sums of the observations dealt to group g. */
    private static double[][] deal(double[][] columns) {
        int observations = columns[0].length;
        int groupCount = Math.min(observations, MAX_GROUPS);
        double[][] groups = new double[groupCount][columns.length];
        for (int c = 0; c < columns.length; c++) {
            for (int j = 0; j < observations; j++) {
                groups[j % groupCount][c] += columns[c][j];
            }
        }
        return groups;
    }

    private static void add(double[] sums, double[] summands) {
        for (int c = 0; c < sums.length; c++) {
            sums[c] += summands[c];
        }
    }

    /** How far the median of the resamples lies off the estimate, in standard normal units. */
    private static double bias(double[] ascending, double estimate) {
        double below = 0;
        for (double value : ascending) {
            // sums in another order differ in the last digits
            double difference = value - estimate;
            if (Math.abs(difference) <= 1e-12 * Math.abs(estimate)) {
                below += 0.5;
            } else if (difference < 0) {
                below++;
            }
        }
        double share = below / ascending.length;
        double smallest = 0.5 / ascending.length;
        return Normal.quantile(Math.max(smallest, Math.min(1 - smallest, share)));
    }

    private double acceleration(Statistic statistic) {
        double[] values = Arrays.stream(leftOutSums)
                .mapToDouble(statistic::of)
                .filter(Double::isFinite)
                .toArray();
        double mean = Arrays.stream(values).average().orElse(0);
        double squares = 0;
        double cubes = 0;
        for (double value : values) {
            double difference = mean - value;
            squares += difference * difference;
            cubes += difference * difference * difference;
        }
        return squares == 0 ? 0 : cubes / (6 * Math.pow(squares, 1.5));
    }

    private static double adjusted(double probability, double bias, double acceleration) {
        double shifted = bias + Normal.quantile(probability);
        double stretch = 1 - acceleration * shifted;
        // a stretch that is not positive means that the correction has left its range: percentiles then
        return stretch <= 0.1 ? probability : Normal.cumulative(bias + shifted / stretch);
    }

    private static int rank(int count, double probability) {
        return (int) Math.max(0, Math.min(count - 1, Math.ceil(probability * count) - 1));
    }
}
