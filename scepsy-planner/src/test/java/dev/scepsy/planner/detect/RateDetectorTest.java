package dev.scepsy.planner.detect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RateDetectorTest {

    private static final boolean FULL = Boolean.getBoolean("scepsy.full");
    private static final Duration BIN = Duration.ofMinutes(5);
    private static final long BIN_NANOS = BIN.toNanos();

    @Test
    void twiceTheRateIsToldWithinThreeBins() {
        RateDetector detector = new RateDetector("w", BIN, 0.6, 1.2);
        SplittableRandom random = new SplittableRandom(1);
        int bin = 0;
        for (; bin < 100; bin++) {
            assertThat(detector.take(bin * BIN_NANOS, poisson(random, 150))).isEmpty();
        }
        Optional<Change.Rate> told = Optional.empty();
        int late = 0;
        for (; told.isEmpty() && late < 10; late++) {
            told = detector.take((bin + late) * BIN_NANOS, poisson(random, 300));
        }
        assertThat(late).isLessThanOrEqualTo(3);
        assertThat(told).hasValueSatisfying(rate -> {
            assertThat(rate.above()).isTrue();
            assertThat(rate.measuredPerSecond()).isBetween(0.85, 1.15);
            assertThat(rate.since()).isEqualTo(Epoch.instant(100 * BIN_NANOS));
            assertThat(rate.evidenceKey()).startsWith("rate/w/");
        });
        for (int i = 0; i < 100; i++) {
            assertThat(detector.take((bin + late + i) * BIN_NANOS, poisson(random, 300)))
                    .as("it is told once")
                    .isEmpty();
        }
    }

    @Test
    void oneFullBinIsABurst() {
        RateDetector detector = new RateDetector("w", BIN, 0.6, 1.2);
        for (int bin = 0; bin < 50; bin++) {
            assertThat(detector.take(bin * BIN_NANOS, bin == 30 ? 400 : 150)).isEmpty();
        }
    }

    @Test
    void daysOfTidesAndBurstsThatTheTargetCoversAreQuiet() {
        int seeds = FULL ? 10 : 2;
        int hours = FULL ? 1_000 : 400;
        int told = 0;
        for (int seed = 0; seed < seeds; seed++) {
            for (double mean : new double[] {3, 30, 300}) {
                for (double burst : new double[] {1, 3}) {
                    told += toldOfTide(new SplittableRandom(seed), mean, burst, hours);
                }
            }
        }
        if (FULL) {
            System.out.println("rate findings of 6 tides, " + seeds + " seeds x " + hours + " h: " + told);
        }
        assertThat(told).isLessThanOrEqualTo(FULL ? 3 : 0);
    }

    /** The target is what the contract makes of the first day: the 95 % quantile of its bins, times 1.2. */
    private static int toldOfTide(SplittableRandom random, double mean, double burst, int hours) {
        double[] first = new double[288];
        for (int i = 0; i < first.length; i++) {
            first[i] = count(random, mean, burst, i);
        }
        double[] sorted = first.clone();
        Arrays.sort(sorted);
        double target = 1.2 * sorted[(int) Math.ceil(0.95 * 288) - 1] / BIN.toSeconds();
        RateDetector detector = new RateDetector("w", BIN, target, 1.2);
        int told = 0;
        for (int i = 0; i < hours * 12; i++) {
            double count = i < 288 ? first[i] : count(random, mean, burst, i);
            told += detector.take(i * BIN_NANOS, count).isPresent() ? 1 : 0;
        }
        return told;
    }

    /** A tide by day; {@code burst}: executions come in groups of so many on average. */
    private static double count(SplittableRandom random, double mean, double burst, int bin) {
        double rate = mean * (1 + 0.7 * Math.sin(bin / 288.0 * 2 * Math.PI));
        double groups = poisson(random, rate / burst);
        double count = 0;
        for (int i = 0; i < groups; i++) {
            count += burst == 1 ? 1 : 1 + poisson(random, burst - 1);
        }
        return count;
    }

    @Test
    void aDayFarBelowIsToldOnceAtItsEnd() {
        RateDetector detector = new RateDetector("w", BIN, 1, 1.2);
        int told = 0;
        for (int bin = 0; bin < 3 * 288; bin++) {
            Optional<Change.Rate> rate = detector.take(bin * BIN_NANOS, 60);
            if (rate.isPresent()) {
                told++;
                assertThat(bin).isEqualTo(287);
                assertThat(rate.orElseThrow().above()).isFalse();
                assertThat(rate.orElseThrow().measuredPerSecond()).isCloseTo(0.24, within());
            }
        }
        assertThat(told).isEqualTo(1);
    }

    @Test
    void aHigherTargetSettlesIt() {
        RateDetector detector = new RateDetector("w", BIN, 0.5, 1.2);
        int told = 0;
        for (int bin = 0; bin < 20; bin++) {
            told += detector.take(bin * BIN_NANOS, 300).isPresent() ? 1 : 0;
        }
        assertThat(told).isEqualTo(1);
        detector.planned(1.2, 1.2);
        for (int bin = 20; bin < 100; bin++) {
            assertThat(detector.take(bin * BIN_NANOS, 300)).isEmpty();
        }
    }

    @Test
    void itsStateGoesOn() {
        RateDetector kept = new RateDetector("w", BIN, 0.6, 1.2);
        SplittableRandom random = new SplittableRandom(7);
        for (int bin = 0; bin < 500; bin++) {
            kept.take(bin * BIN_NANOS, poisson(random, bin > 450 ? 185 : 150));
        }
        RateDetector restored = RateDetector.restored(kept.state());
        for (int bin = 500; bin < 600; bin++) {
            double count = poisson(random, 220);
            assertThat(restored.take(bin * BIN_NANOS, count)).isEqualTo(kept.take(bin * BIN_NANOS, count));
        }
        assertThat(restored.state()).isEqualTo(kept.state());
        assertThatThrownBy(() -> RateDetector.restored("scepsy.drift.1 =w"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static org.assertj.core.data.Offset<Double> within() {
        return org.assertj.core.data.Offset.offset(1e-9);
    }

    private static double poisson(SplittableRandom random, double mean) {
        if (mean > 60) {
            double sum = 0;
            for (int i = 0; i < 12; i++) {
                sum += random.nextDouble();
            }
            return Math.max(0, Math.round(mean + Math.sqrt(mean) * (sum - 6)));
        }
        double product = random.nextDouble();
        int count = 0;
        while (product > Math.exp(-mean)) {
            product *= random.nextDouble();
            count++;
        }
        return count;
    }
}
