package dev.scepsy.planner.stat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BootstrapTest {

    private static final RatioOfSums MEAN = RatioOfSums.ofPowers(1, -1);

    @Test
    void theIntervalOfAMeanIsThatOfTheNormalDistributionWhenDataAre() {
        Random random = new Random(1);
        double[] values =
                random.doubles(400).map(ignored -> 10 + random.nextGaussian()).toArray();

        double mean = Arrays.stream(values).average().orElseThrow();
        double deviation = Math.sqrt(
                Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum() / values.length);
        double half = 1.96 * deviation / Math.sqrt(values.length) / mean;
        assertThat(meanHalfWidth(values, 1)).isCloseTo(half, within(0.1 * half));
    }

    @Test
    void groupingManyObservationsKeepsTheWidth() {
        double[] values =
                new Random(2).doubles(50_000).map(v -> -Math.log(1 - v)).toArray();

        double half = 1.96 / Math.sqrt(values.length);
        assertThat(meanHalfWidth(values, 1)).isCloseTo(half, within(0.1 * half));
    }

    @Test
    void theIntervalOfAConstantIsAPoint() {
        double[] values = new double[40];
        Arrays.fill(values, 0.1);

        assertThat(meanHalfWidth(values, 1)).isZero();
        assertThat(meanHalfWidth(Arrays.copyOf(values, 2), 1)).isZero();
    }

    @Test
    void aRatioWithoutLogarithmHasNoInterval() {
        assertThat(Bootstrap.halfWidths95(new double[][] {new double[40], ones(40)}, new RatioOfSums[] {MEAN}, 1)[0])
                .isEmpty();
    }

    @Test
    void whatOneObservationInFortyHasKeepsAnInterval() {
        double[] values = new double[40];
        values[7] = 3;

        assertThat(meanHalfWidth(values, 1)).isPositive().isFinite();
    }

    @Test
    void powersThatLeaveAUnitAreRefused() {
        assertThatThrownBy(() -> RatioOfSums.ofPowers(1, 1, -1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void sameSeedSameInterval() {
        double[] values = new Random(3).doubles(100).toArray();

        assertThat(meanHalfWidth(values, 5)).isEqualTo(meanHalfWidth(values, 5));
        assertThat(meanHalfWidth(values, 5)).isNotEqualTo(meanHalfWidth(values, 6));
    }

    @Test
    void normalProbabilitiesAreThoseOfTheTables() {
        assertThat(Normal.cumulative(0)).isEqualTo(0.5);
        assertThat(Normal.cumulative(1.959963984540054)).isCloseTo(0.975, within(1e-12));
        assertThat(Normal.cumulative(-3)).isCloseTo(0.0013498980316301035, within(1e-12));
        assertThat(Normal.quantile(0.025)).isCloseTo(-1.959963984540054, within(1e-9));
    }

    @Test
    void percentilesAreNearestRank() {
        long[] five = {15, 20, 35, 40, 50};
        assertThat(NearestRank.percentile(five, 5)).isEqualTo(15);
        assertThat(NearestRank.percentile(five, 30)).isEqualTo(20);
        assertThat(NearestRank.percentile(five, 40)).isEqualTo(20);
        assertThat(NearestRank.percentile(five, 50)).isEqualTo(35);
        assertThat(NearestRank.percentile(five, 100)).isEqualTo(50);
        long[] hundred = new long[100];
        Arrays.setAll(hundred, i -> i + 1);
        assertThat(NearestRank.percentile(hundred, 99)).isEqualTo(99);
        assertThat(NearestRank.percentile(hundred, 95)).isEqualTo(95);
    }

    @Test
    void theUnionOfIntervalsIsWhatTheyCoverTogether() {
        Random random = new Random(4);
        for (int round = 0; round < 2000; round++) {
            IntervalUnion union = new IntervalUnion();
            boolean[] covered = new boolean[120];
            for (int i = random.nextInt(12); i > 0; i--) {
                int start = random.nextInt(100);
                int end = start + random.nextInt(20);
                union.add(start, end);
                Arrays.fill(covered, start, end, true);
            }
            long expected = 0;
            for (boolean one : covered) {
                expected += one ? 1 : 0;
            }
            assertThat(union.length()).isEqualTo(expected);
        }
    }

    private static double meanHalfWidth(double[] values, long seed) {
        return Bootstrap.halfWidths95(new double[][] {values, ones(values.length)}, new RatioOfSums[] {MEAN}, seed)[0]
                .orElseThrow();
    }

    private static double[] ones(int count) {
        double[] ones = new double[count];
        Arrays.fill(ones, 1);
        return ones;
    }
}
