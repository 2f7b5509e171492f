package dev.scepsy.planner.simulate;

import java.util.Arrays;
import java.util.Optional;

/** Means and percentiles of latencies in the order of arrival, with 95 % intervals. */
final class LatencyEstimates {

    /** Batches long enough to be nearly independent of each other, and their Student quantile. */
    private static final int BATCHES = 20;

    private static final double STUDENT_95_OF_19 = 2.093;
    private static final double NORMAL_95 = 1.96;

    private LatencyEstimates() {}

    static Optional<SimulationReport.Latency> of(double[] seconds) {
        if (seconds.length == 0) {
            return Optional.empty();
        }
        double[] sorted = seconds.clone();
        Arrays.sort(sorted);
        return Optional.of(new SimulationReport.Latency(
                mean(seconds), percentile(sorted, 0.5), percentile(sorted, 0.95), percentile(sorted, 0.99)));
    }

    /** By batch means: neighbours in time queue behind each other, so single latencies are not independent. */
    private static SimulationReport.Estimate mean(double[] seconds) {
        double mean = Arrays.stream(seconds).average().orElse(0);
        int size = seconds.length / BATCHES;
        if (size == 0) {
            return new SimulationReport.Estimate(mean, sortedFirst(seconds), sortedLast(seconds));
        }
        double squares = 0;
        for (int batch = 0; batch < BATCHES; batch++) {
            double batchMean = Arrays.stream(seconds, batch * size, (batch + 1) * size)
                    .average()
                    .orElse(0);
            squares += (batchMean - mean) * (batchMean - mean);
        }
        double half = STUDENT_95_OF_19 * Math.sqrt(squares / (BATCHES - 1) / BATCHES);
        return new SimulationReport.Estimate(mean, mean - half, mean + half);
    }

    private static double sortedFirst(double[] seconds) {
        return Arrays.stream(seconds).min().orElse(0);
    }

    private static double sortedLast(double[] seconds) {
        return Arrays.stream(seconds).max().orElse(0);
    }

    /** By order statistics: the rank of the true percentile is binomial. */
    private static SimulationReport.Estimate percentile(double[] sorted, double part) {
        double half = NORMAL_95 * Math.sqrt(sorted.length * part * (1 - part));
        double rank = part * sorted.length;
        return new SimulationReport.Estimate(
                ranked(sorted, rank), ranked(sorted, rank - half), ranked(sorted, rank + half));
    }

    private static double ranked(double[] sorted, double rank) {
        return sorted[(int) Math.max(0, Math.min(sorted.length - 1, Math.ceil(rank - 1e-9) - 1))];
    }
}
