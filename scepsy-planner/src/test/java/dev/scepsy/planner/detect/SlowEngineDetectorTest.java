package dev.scepsy.planner.detect;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SlowEngineDetectorTest {

    private static final long SCRAPE = 5_000_000_000L;
    private final SlowEngineDetector detector = new SlowEngineDetector("critic");
    private final SplittableRandom random = new SplittableRandom(3);
    private int scrapes;

    @Test
    void anEngineThatSlowsDownBesideItsSiblingsIsToldOnce() {
        assertThat(scrape(300, 4, 1, OptionalDouble.empty())).isEmpty();
        List<Change.Cluster> told = scrape(30, 4, 1.8, OptionalDouble.empty());
        assertThat(told).singleElement().satisfies(change -> {
            assertThat(change.subject()).isEqualTo("e0");
            assertThat(change.model()).isEqualTo("critic");
            assertThat(change.difference()).isEqualTo(Change.Difference.ENGINE_SLOW);
            assertThat(change.evidence().get("ratioAfter")).isBetween(1.5, 2.1);
            assertThat(change.evidenceKey()).isEqualTo("cluster/ENGINE_SLOW/e0");
        });
        assertThat(scrape(300, 4, 1.8, OptionalDouble.empty())).isEmpty();
    }

    @Test
    void loadThatSlowsAllOfThemIsNoSlowEngine() {
        for (int i = 0; i < 20_000; i++) {
            double load = 1 + 0.8 * Math.sin(i / 3_000.0);
            List<SlowEngineDetector.Sample> samples = new ArrayList<>();
            for (int e = 0; e < 4; e++) {
                samples.add(new SlowEngineDetector.Sample("e" + e, 0.02 * load * noise()));
            }
            assertThat(detector.take(i * SCRAPE, samples, OptionalDouble.empty()))
                    .isEmpty();
        }
    }

    @Test
    void oneOfTwoThatWasSlowFromTheStartIsTold() {
        assertThat(scrape(60, 2, 2.5, OptionalDouble.empty()))
                .extracting(Change.Cluster::subject)
                .containsExactly("e0");
    }

    @Test
    void aLoneEngineIsComparedWithThePredictionOrWithItself() {
        assertThat(scrape(60, 1, 2.2, OptionalDouble.of(0.02))).hasSize(1);
        detector.planned();
        assertThat(scrape(200, 1, 2.2, OptionalDouble.empty())).isEmpty();
        assertThat(scrape(60, 1, 2.9, OptionalDouble.empty()))
                .as("load may be it")
                .isEmpty();
        assertThat(scrape(60, 1, 7, OptionalDouble.empty())).hasSize(1);
    }

    /** The first engine takes {@code slow} times as long. */
    private List<Change.Cluster> scrape(int times, int engines, double slow, OptionalDouble predicted) {
        List<Change.Cluster> told = new ArrayList<>();
        for (int i = 0; i < times; i++) {
            List<SlowEngineDetector.Sample> samples = new ArrayList<>();
            for (int e = 0; e < engines; e++) {
                samples.add(new SlowEngineDetector.Sample("e" + e, 0.02 * (e == 0 ? slow : 1) * noise()));
            }
            told.addAll(detector.take(scrapes++ * SCRAPE, samples, predicted));
        }
        return told;
    }

    private double noise() {
        return Math.exp(0.3 * (random.nextDouble() + random.nextDouble() - 1));
    }
}
