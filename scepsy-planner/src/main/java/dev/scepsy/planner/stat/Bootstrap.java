package dev.scepsy.planner.stat;

import java.util.Arrays;
import java.util.OptionalDouble;
import java.util.SplittableRandom;

/**
 * 95 % intervals of ratios of sums over independent observations, by the studentised bootstrap on the scale of logarithms.
 *
 * <pre>
 * s²  = Σ_j ψ_j²                       variance of ln θ (delta method), ψ as in {@link RatioOfSums}
 * t*  = |ln θ* − ln θ| / s*            for every resample, s* from the resample itself
 * h   = q95(t*) · s · √g               the interval is [θ · e^−h, θ · e^h]
 * g   = 1 + 1/J_eff
 *       1 + (1 + J/J_eff)/J_eff        of two independent totals, see {@link RatioOfSums#unseenTail}
 * 1/J_eff = max_c Σ_j x_cj² / S_c²     how many equal observations would carry as much (Kish)
 * </pre>
 *
 * <p>Why studentised: with a heavy tail the spread seen in the sample is itself uncertain, and small together with the estimate when
 * the rare long observation is missing. Percentile and BCa intervals take the spread as known and hold the truth too seldom;
 * resampled t do not. Why symmetric: quantiles of |t*| err by 1/J² in coverage instead of 1/J (P. Hall, On Symmetric Bootstrap
 * Confidence Intervals, JRSS B 50, 1988). Why logarithms (of odds for a share): the scale on which ratios of positive sums are nearly
 * symmetric, and no interval leaves the range of its estimate. g was set by experiment (docs/accuracy.md).
 *
 * <p>Beyond {@value #MAX_GROUPS} observations, they are dealt into that many groups, and groups are resampled: the sums keep
 * their variance to about 2 %, at a cost that no longer grows.
 *
 * <p>Deterministic for a seed and an order of observations.
 */
public final class Bootstrap {

    /** Resamples drawn: the 95 % quantile of |t*| then rests on 50 of them. */
    public static final int RESAMPLES = 1000;

    private static final int MAX_GROUPS = 1024;
    private static final double INSIDE = 0.95;

    /** Relative spread below which an estimate is taken for constant: what rounding leaves. */
    static final double NO_SPREAD = 1e-9;

    private final RatioOfSums[] ratios;
    private final double[][] groups;
    private final double[] sums;

    private Bootstrap(double[][] columns, RatioOfSums[] ratios) {
        this.ratios = ratios;
        groups = deal(columns);
        sums = new double[columns.length];
        for (double[] group : groups) {
            add(sums, group);
        }
    }

    /**
     * Half widths h of the intervals, on the scale of logarithms: θ · e^−h to θ · e^h. Zero where the estimate does not vary; empty where
     * it has no logarithm, for the observations or for most resamples.
     *
     * @param columns {@code columns[c][j]}: quantity c of observation j, 0 or more; all of one length, at least 2
     * @param ratios the estimates
     * @param seed same seed, same intervals
     */
    public static OptionalDouble[] halfWidths95(double[][] columns, RatioOfSums[] ratios, long seed) {
        Bootstrap bootstrap = new Bootstrap(columns, ratios);
        double[][] studentised = bootstrap.resample(new SplittableRandom(seed));
        OptionalDouble[] halfWidths = new OptionalDouble[ratios.length];
        for (int r = 0; r < ratios.length; r++) {
            halfWidths[r] = bootstrap.halfWidth95(ratios[r], studentised[r], columns);
        }
        return halfWidths;
    }

    private OptionalDouble halfWidth95(RatioOfSums ratio, double[] studentised, double[][] columns) {
        if (!ratio.isDefinedFor(sums)) {
            return OptionalDouble.empty();
        }
        double[] coefficients = new double[ratio.size()];
        ratio.coefficients(sums, coefficients);
        double squares = 0;
        for (double[] group : groups) {
            double influence = ratio.influence(group, coefficients);
            squares += influence * influence;
        }
        double deviation = Math.sqrt(squares);
        if (deviation < NO_SPREAD) {
            return OptionalDouble.of(0);
        }
        double[] ascending =
                Arrays.stream(studentised).filter(Double::isFinite).sorted().toArray();
        if (ascending.length < RESAMPLES / 2) {
            return OptionalDouble.empty();
        }
        int rank = (int) Math.min(ascending.length, Math.ceil(INSIDE * (ascending.length + 1)));
        double growth = ratio.growth(columns[0].length, 1 / inverseSize(ratio, columns));
        return OptionalDouble.of(ascending[rank - 1] * deviation * Math.sqrt(growth));
    }

    /** {@code [r][b]}: t* of estimate r in resample b; NaN where it has none. */
    private double[][] resample(SplittableRandom random) {
        double[][] studentised = new double[ratios.length][RESAMPLES];
        int[] draws = new int[groups.length];
        double[] resampled = new double[sums.length];
        double[] coefficients = new double[sums.length];
        for (int b = 0; b < RESAMPLES; b++) {
            Arrays.fill(resampled, 0);
            for (int d = 0; d < draws.length; d++) {
                draws[d] = random.nextInt(groups.length);
                add(resampled, groups[draws[d]]);
            }
            for (int r = 0; r < ratios.length; r++) {
                RatioOfSums ratio = ratios[r];
                studentised[r][b] = Double.NaN;
                if (ratio.isDefinedFor(resampled)) {
                    ratio.coefficients(resampled, coefficients);
                    double squares = 0;
                    for (int draw : draws) {
                        double influence = ratio.influence(groups[draw], coefficients);
                        squares += influence * influence;
                    }
                    if (squares > NO_SPREAD * NO_SPREAD) {
                        studentised[r][b] = Math.abs(ratio.logOfQuotient(resampled, sums)) / Math.sqrt(squares);
                    }
                }
            }
        }
        return studentised;
    }

    /** 1 / J_eff. */
    private double inverseSize(RatioOfSums ratio, double[][] columns) {
        double largest = 0;
        for (int i = 0; i < ratio.size(); i++) {
            double squares = 0;
            for (double value : columns[ratio.column(i)]) {
                squares += value * value;
            }
            double sum = sums[ratio.column(i)];
            largest = Math.max(largest, squares / sum / sum);
        }
        return largest;
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
}
