package dev.scepsy.planner.simulate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LatencyEstimatesTest {

    private static final int ROUNDS = Boolean.getBoolean("scepsy.full") ? 2000 : 400;

    private static SimulationReport.Latency of(double... seconds) {
        return LatencyEstimates.of(seconds).orElseThrow();
    }

    @Test
    void nothingCompletedHasNoLatency() {
        assertThat(LatencyEstimates.of(new double[0])).isEmpty();
    }

    @Test
    void percentilesAreNearestRanks() {
        SimulationReport.Latency latency =
                of(IntStream.rangeClosed(1, 200).mapToDouble(i -> i).toArray());
        assertThat(latency.p50().value()).isEqualTo(100);
        assertThat(latency.p95().value()).isEqualTo(190);
        assertThat(latency.p99().value()).isEqualTo(198);
    }

    @Test
    void theMeansIntervalComesFromTwentyBatches() {
        // batch means 1 and 3 in turn: mean 2, deviation √(20 / 19), neighbours as far apart as can be
        double[] seconds = new double[100];
        Arrays.setAll(seconds, i -> i / 5 % 2 == 0 ? 1 : 3);
        SimulationReport.Estimate mean = of(seconds).mean();
        assertThat(mean.value()).isEqualTo(2);
        assertThat(mean.high() - mean.value()).isCloseTo(2.093 * Math.sqrt(20 / 19.0) / Math.sqrt(20), within(1e-12));
    }

    @Test
    void fewNumbersAreBoundedByTheirExtremes() {
        SimulationReport.Estimate mean = of(3, 1, 2).mean();
        assertThat(mean.low()).isEqualTo(1);
        assertThat(mean.high()).isEqualTo(3);
    }

    /** Latencies that follow each other: an autoregression with correlation 0.9, as of a queue. */
    private static double[] correlated(Random random, int size) {
        double[] seconds = new double[size];
        double state = random.nextGaussian() / Math.sqrt(1 - 0.81);
        for (int i = 0; i < size; i++) {
            seconds[i] = 100 + state;
            state = 0.9 * state + random.nextGaussian();
        }
        return seconds;
    }

    @Test
    void intervalsHoldTheTruthAboutAsOftenAsTheySayEvenWhereLatenciesFollowEachOther() {
        Random random = new Random(17);
        int mean = 0;
        int p95 = 0;
        int naive = 0;
        double deviation = 1 / Math.sqrt(1 - 0.81);
        for (int round = 0; round < ROUNDS; round++) {
            double[] seconds = correlated(random, 1000);
            SimulationReport.Latency latency = of(seconds);
            mean += latency.mean().low() <= 100 && 100 <= latency.mean().high() ? 1 : 0;
            double truth = 100 + 1.6449 * deviation;
            p95 += latency.p95().low() <= truth && truth <= latency.p95().high() ? 1 : 0;
            naive += Math.abs(latency.mean().value() - 100) < 1.96 * deviation / Math.sqrt(1000) ? 1 : 0;
        }
        assertThat(mean / (double) ROUNDS).isBetween(0.91, 0.99);
        assertThat(p95 / (double) ROUNDS).isBetween(0.88, 1.0);
        // what taking single latencies for independent would give
        assertThat(naive / (double) ROUNDS).isLessThan(0.5);
    }

    @Test
    void aDriftIsSeenAndSteadyNoiseIsNot() {
        Random random = new Random(23);
        int drifts = 0;
        for (int round = 0; round < 100; round++) {
            drifts += of(correlated(random, 4000)).convergence().drifting() ? 1 : 0;
        }
        assertThat(drifts).isLessThanOrEqualTo(2);
        double[] rising = correlated(random, 4000);
        for (int i = 0; i < rising.length; i++) {
            rising[i] += i / 50.0;
        }
        assertThat(of(rising).convergence().drifting()).isTrue();
        assertThat(of(rising).convergence().converged()).isFalse();
    }

    @Test
    void howMuchLongerARunHasToBeFollowsFromTheSquareRoot() {
        double[] seconds = new double[100];
        Arrays.setAll(seconds, i -> i / 5 % 2 == 0 ? 1 : 3);
        SimulationReport.Convergence convergence = of(seconds).convergence();
        double relative = 2.093 * Math.sqrt(1 / 19.0) / 2;
        assertThat(convergence.relativeHalfWidth()).isCloseTo(relative, within(1e-12));
        assertThat(convergence.longerTimes()).isCloseTo(relative * relative / 0.0025, within(1e-9));
        assertThat(convergence.converged()).isFalse();
    }
}
