package dev.scepsy.planner.simulate;

import dev.scepsy.planner.simulate.SimulationReport.Convergence;
import dev.scepsy.planner.simulate.SimulationReport.Estimate;
import java.util.Arrays;
import java.util.Optional;

/**
 * Means and percentiles of latencies in the order of starting, with 95 % intervals by batch means: neighbours in time queue
 * behind each other, so single latencies are not independent, but the means of twenty long batches nearly are.
 *
 * <pre>
 *   mean:        m ± t₁₉ · s(batch means) / √20 · √((1 + r) / (1 − r))
 *   percentile:  order statistics of ranks n(q ± h), h the larger of the binomial 1.96·√(q(1 − q)/n) and
 *                t₁₉ · s(batch parts below the percentile) / √20
 * </pre>
 *
 * r is the correlation of neighbouring batch means where it is positive, at most 0.8: batches too short for independence
 * widen the interval instead of narrowing it. Sources: Law, Simulation Modeling and Analysis, 9.5 (batch means); Seila,
 * Management Science 28 (1982) (quantiles by batches).
 */
final class LatencyEstimates {

    private static final int BATCHES = 20;

    /** Student's 97.5 % quantile with 19 degrees of freedom. */
    private static final double STUDENT_95_OF_19 = 2.093;

    private static final double NORMAL_95 = 1.96;
    private static final double MOST_CORRELATION = 0.8;

    /** Standard errors, one chance in a thousand for so few batches, and part of the mean by which a drift shows. */
    private static final double DRIFT_ERRORS = 4.5;

    private static final double DRIFT_PART = 0.1;

    private LatencyEstimates() {}

    static Optional<SimulationReport.Latency> of(double[] seconds) {
        if (seconds.length == 0) {
            return Optional.empty();
        }
        double[] sorted = seconds.clone();
        Arrays.sort(sorted);
        Estimate mean = mean(seconds, sorted);
        return Optional.of(new SimulationReport.Latency(
                mean,
                percentile(seconds, sorted, 0.5),
                percentile(seconds, sorted, 0.95),
                percentile(seconds, sorted, 0.99),
                convergence(seconds, mean)));
    }

    private static Estimate mean(double[] seconds, double[] sorted) {
        double mean = Arrays.stream(seconds).average().orElse(0);
        if (seconds.length < BATCHES) {
            return new Estimate(mean, sorted[0], sorted[sorted.length - 1]);
        }
        double half = halfWidth(batches(seconds, Double.POSITIVE_INFINITY));
        return new Estimate(mean, mean - half, mean + half);
    }

    /** Mean of each batch, or where a bound is given the part of each batch up to it. */
    private static double[] batches(double[] seconds, double bound) {
        double[] batches = new double[BATCHES];
        for (int batch = 0; batch < BATCHES; batch++) {
            int from = (int) ((long) seconds.length * batch / BATCHES);
            int to = (int) ((long) seconds.length * (batch + 1) / BATCHES);
            double sum = 0;
            for (int i = from; i < to; i++) {
                sum += bound == Double.POSITIVE_INFINITY ? seconds[i] : seconds[i] <= bound ? 1 : 0;
            }
            batches[batch] = sum / (to - from);
        }
        return batches;
    }

    private static double halfWidth(double[] batches) {
        double mean = Arrays.stream(batches).average().orElse(0);
        double squares = 0;
        double neighbours = 0;
        for (int i = 0; i < batches.length; i++) {
            squares += (batches[i] - mean) * (batches[i] - mean);
            neighbours += i == 0 ? 0 : (batches[i] - mean) * (batches[i - 1] - mean);
        }
        double correlation = squares > 0 ? Math.max(0, Math.min(MOST_CORRELATION, neighbours / squares)) : 0;
        double error = Math.sqrt(squares / (batches.length - 1) / batches.length);
        return STUDENT_95_OF_19 * error * Math.sqrt((1 + correlation) / (1 - correlation));
    }

    private static Estimate percentile(double[] seconds, double[] sorted, double part) {
        int size = sorted.length;
        double value = ranked(sorted, part * size);
        double half = NORMAL_95 * Math.sqrt(part * (1 - part) / size);
        if (size >= BATCHES) {
            half = Math.max(half, halfWidth(batches(seconds, value)));
        }
        return new Estimate(value, ranked(sorted, (part - half) * size), ranked(sorted, (part + half) * size));
    }

    private static double ranked(double[] sorted, double rank) {
        return sorted[(int) Math.max(0, Math.min(sorted.length - 1, Math.ceil(rank - 1e-9) - 1))];
    }

    private static Convergence convergence(double[] seconds, Estimate mean) {
        double relative = mean.value() > 0 ? (mean.high() - mean.low()) / 2 / mean.value() : 0;
        double longer = Math.max(1, Math.pow(relative / Convergence.GOAL, 2));
        return new Convergence(relative, seconds.length >= BATCHES && drifts(seconds, mean.value()), longer);
    }

    /** The first quarter of the batches against the second half. */
    private static boolean drifts(double[] seconds, double mean) {
        double[] batches = batches(seconds, Double.POSITIVE_INFINITY);
        double[] early = Arrays.copyOfRange(batches, 0, BATCHES / 4);
        double[] late = Arrays.copyOfRange(batches, BATCHES / 2, BATCHES);
        double difference = Math.abs(average(late) - average(early));
        double error = Math.sqrt(variance(early) / early.length + variance(late) / late.length);
        return difference > DRIFT_ERRORS * error && difference > DRIFT_PART * mean;
    }

    private static double average(double[] numbers) {
        return Arrays.stream(numbers).average().orElse(0);
    }

    private static double variance(double[] numbers) {
        double mean = average(numbers);
        return Arrays.stream(numbers).map(each -> (each - mean) * (each - mean)).sum() / (numbers.length - 1);
    }
}
