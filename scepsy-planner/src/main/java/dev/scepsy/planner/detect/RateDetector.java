package dev.scepsy.planner.detect;

import dev.scepsy.planner.stat.ReadableNumber;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;

/**
 * Notices that one workflow's executions arrive at a rate that was not planned for. Fed with the counts x of bins of equal length, oldest first.
 *
 * <pre>
 * above:  W_k ← max(0, W_k) + (x ln ρ_k − μ (ρ_k − 1)) / φ,  ρ = 1.25, 1.6, 2.5;  told where W_k &gt; {@value #EVIDENCE} and two bins say so
 *         μ = target · bin;  φ = mean of (x_t − x_{t−1})² / (x_t + x_{t−1}), 1 at least: how much more than Poisson counts vary from bin to bin
 * below:  the 95 % quantile of a whole day of bins, times headroom, is under {@value #FAR_BELOW} of the target
 * </pre>
 *
 * The first is the e-CUSUM of Poisson counts against any rate up to the target (A. Shin et al., see {@link Watch}; for Poisson counts J. M. Lucas,
 * Technometrics 27, 1985), tempered by the quasi-likelihood's dispersion (R. W. M. Wedderburn, Biometrika 61, 1974) taken from neighbours, so that
 * a day's tide does not count as noise. What the target covers is never told: it is the plan's own quantile and headroom that say what a tide is.
 *
 * <p>Told once: again only when the rate is half as high again as told, after {@value #CALM_BINS} bins below {@value #CLEAR} of the target, or for a new target.
 * The first and last days of a week differ: where a day is far below all others, its end is told once. Not thread-safe; reads no clock.
 */
public final class RateDetector {

    static final String STATE = "scepsy.rate.1";
    static final double EVIDENCE = 12;
    static final double FAR_BELOW = 0.5;
    static final double CLEAR = 0.9;
    static final int CALM_BINS = 12;

    private static final double[] FACTORS = {1.25, 1.6, 2.5};
    private static final double QUANTILE = 0.95;
    private static final double AGAIN = 1.5;
    private static final double LEAST_EXPECTED = 50;
    private static final double DAY_SECONDS = 86_400;
    private static final int LEAST_BINS_TOLD = 2;
    private static final double NANOS_PER_SECOND = 1e9;

    private final String workflow;
    private final double binSeconds;
    private final int binsOfDay;
    private final Deque<Double> day = new ArrayDeque<>();
    private final double[] evidence = new double[FACTORS.length];
    private final int[] bins = new int[FACTORS.length];
    private final double[] executions = new double[FACTORS.length];
    private final long[] since = new long[FACTORS.length];
    private double targetPerSecond;
    private double headroom;
    private double dispersion;
    private double pairs;
    private double last = -1;
    private double toldPerSecond;
    private int calm;
    private boolean toldBelow;

    /**
     * For one workflow.
     *
     * @param workflow as it is shown
     * @param bin length of a bin, above 0
     * @param targetPerSecond executions per second that the plan sustains, above 0
     * @param headroom part of it that is spare, as a factor of 1 or more
     * @throws IllegalArgumentException naming what is out of range
     */
    public RateDetector(String workflow, Duration bin, double targetPerSecond, double headroom) {
        this.workflow = workflow;
        this.binSeconds = bin.toNanos() / NANOS_PER_SECOND;
        if (!(binSeconds > 0)) {
            throw new IllegalArgumentException("The bin (" + bin + ") of workflow (" + workflow + ") must be above 0.");
        }
        this.binsOfDay = (int) Math.max(1, Math.min(100_000, Math.ceil(DAY_SECONDS / binSeconds)));
        planned(targetPerSecond, headroom);
    }

    /** A plan for another target serves now: what was told is settled. */
    public void planned(double newTargetPerSecond, double newHeadroom) {
        if (!(newTargetPerSecond > 0) || !(newHeadroom >= 1)) {
            throw new IllegalArgumentException("The target (" + newTargetPerSecond + " per second) of workflow ("
                    + workflow + ") must be above 0, its headroom (" + newHeadroom + ") 1 or more.");
        }
        targetPerSecond = newTargetPerSecond;
        headroom = newHeadroom;
        toldPerSecond = 0;
        toldBelow = false;
        calm = 0;
        for (int k = 0; k < FACTORS.length; k++) {
            reset(k);
        }
    }

    public double targetPerSecond() {
        return targetPerSecond;
    }

    /**
     * Takes the next bin.
     *
     * @param beginEpochNanos where it begins
     * @param count executions that arrived in it, 0 or more
     */
    public Optional<Change.Rate> take(long beginEpochNanos, double count) {
        double expected = targetPerSecond * binSeconds;
        boolean suspected = false;
        int told = -1;
        for (int k = 0; k < FACTORS.length; k++) {
            double step = (count * Math.log(FACTORS[k]) - expected * (FACTORS[k] - 1)) / overdispersion();
            if (evidence[k] + step <= 0) {
                reset(k);
                continue;
            }
            if (bins[k] == 0) {
                since[k] = beginEpochNanos;
            }
            evidence[k] += step;
            bins[k]++;
            executions[k] += count;
            suspected = true;
            if (evidence[k] > EVIDENCE
                    && bins[k] >= LEAST_BINS_TOLD
                    && count > expected
                    && (told < 0 || evidence[k] > evidence[told])) {
                told = k;
            }
        }
        if (!suspected) {
            learnDispersion(count);
        }
        last = count;
        day.addLast(count);
        if (day.size() > binsOfDay) {
            day.removeFirst();
        }
        calm = count < CLEAR * expected ? calm + 1 : 0;
        if (calm >= CALM_BINS) {
            toldPerSecond = 0;
        }
        return told >= 0 ? above(told) : below(beginEpochNanos);
    }

    private Optional<Change.Rate> above(int k) {
        double measured = executions[k] / (bins[k] * binSeconds);
        if (measured < AGAIN * toldPerSecond) {
            return Optional.empty();
        }
        toldPerSecond = measured;
        Change.Rate change = new Change.Rate(
                workflow,
                true,
                targetPerSecond,
                measured,
                Epoch.instant(since[k]),
                workflow + " has had " + number(measured) + " executions per second in the last "
                        + number(bins[k] * binSeconds) + " s, above the " + number(targetPerSecond)
                        + " that were planned for.",
                Map.of(
                        "targetPerSecond",
                        targetPerSecond,
                        "measuredPerSecond",
                        measured,
                        "seconds",
                        bins[k] * binSeconds,
                        "evidenceNats",
                        evidence[k],
                        "thresholdNats",
                        EVIDENCE,
                        "dispersion",
                        overdispersion()));
        for (int each = 0; each < FACTORS.length; each++) {
            reset(each);
        }
        return Optional.of(change);
    }

    private Optional<Change.Rate> below(long beginEpochNanos) {
        if (day.size() < binsOfDay || targetPerSecond * DAY_SECONDS < LEAST_EXPECTED) {
            return Optional.empty();
        }
        if (toldBelow && last < targetPerSecond * binSeconds * FAR_BELOW) {
            return Optional.empty();
        }
        double[] sorted = day.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        double quantile = sorted[(int) Math.ceil(QUANTILE * sorted.length) - 1] / binSeconds;
        boolean isBelow = quantile * headroom < FAR_BELOW * targetPerSecond;
        if (!isBelow || toldBelow) {
            toldBelow &= isBelow;
            return Optional.empty();
        }
        toldBelow = true;
        double mean = Arrays.stream(sorted).sum() / (sorted.length * binSeconds);
        return Optional.of(new Change.Rate(
                workflow,
                false,
                targetPerSecond,
                quantile * headroom,
                Epoch.instant(beginEpochNanos - (long) ((binsOfDay - 1) * binSeconds * NANOS_PER_SECOND)),
                workflow + " has needed no more than " + number(quantile * headroom)
                        + " executions per second for a day, headroom included; planned for were "
                        + number(targetPerSecond) + ".",
                Map.of(
                        "targetPerSecond", targetPerSecond,
                        "quantilePerSecond", quantile,
                        "meanPerSecond", mean,
                        "headroom", headroom,
                        "seconds", binsOfDay * binSeconds)));
    }

    private void learnDispersion(double count) {
        if (last >= 0 && last + count > 0) {
            dispersion += (count - last) * (count - last) / (last + count);
            pairs++;
            if (pairs > 2.0 * binsOfDay) {
                dispersion /= 2;
                pairs /= 2;
            }
        }
    }

    /** As if {@value #CALM_BINS} pairs of Poisson counts had been seen before. */
    private double overdispersion() {
        return Math.max(1, (dispersion + CALM_BINS) / (pairs + CALM_BINS));
    }

    private void reset(int k) {
        evidence[k] = 0;
        bins[k] = 0;
        executions[k] = 0;
    }

    private static String number(double value) {
        return ReadableNumber.of(value, 3);
    }

    /** All that it knows, as one line of text with a version in front. */
    public String state() {
        StateText.Writer into = new StateText.Writer(STATE);
        into.add(workflow)
                .add(binSeconds)
                .add(targetPerSecond)
                .add(headroom)
                .add(dispersion)
                .add(pairs);
        into.add(last).add(toldPerSecond).add(calm).add(toldBelow ? 1 : 0);
        for (int k = 0; k < FACTORS.length; k++) {
            into.add(evidence[k]).add(bins[k]).add(executions[k]).add(since[k]);
        }
        into.add(day.size());
        day.forEach(into::add);
        return into.text();
    }

    /**
     * The detector that said {@code state}.
     *
     * @throws IllegalArgumentException if it is of another version or damaged: begin anew then
     */
    public static RateDetector restored(String state) {
        StateText.Reader from = new StateText.Reader(STATE, state);
        String name = from.name();
        Duration bin = Duration.ofNanos(Math.round(from.number() * NANOS_PER_SECOND));
        RateDetector read = new RateDetector(name, bin, from.number(), from.number());
        read.dispersion = from.number();
        read.pairs = from.number();
        read.last = from.number();
        read.toldPerSecond = from.number();
        read.calm = (int) from.whole();
        read.toldBelow = from.whole() == 1;
        for (int k = 0; k < FACTORS.length; k++) {
            read.evidence[k] = from.number();
            read.bins[k] = (int) from.whole();
            read.executions[k] = from.number();
            read.since[k] = from.whole();
        }
        int bins = from.count();
        for (int i = 0; i < bins; i++) {
            read.day.add(from.number());
        }
        return read;
    }
}
