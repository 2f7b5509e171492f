package dev.scepsy.planner.detect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.scepsy.planner.detect.Slowness.Work;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Who is to blame for a slow engine. */
class SlownessTest {

    /** So many requests of 100 tokens decoded and 400 of prompt in 100 s. */
    private static Work work(double requests, double secondsPerToken) {
        return new Work(100, requests, requests * 100 * secondsPerToken, requests * 100, requests * 400);
    }

    @Test
    void theFactorIsThatOfTheSecondsPerTokenOverTheMedianOfTheSiblings() {
        Slowness slow = Slowness.of(work(50, 0.06), List.of(work(50, 0.02), work(60, 0.03), work(40, 0.01)), 1.3)
                .orElseThrow();
        assertThat(slow.measuredSeconds()).isCloseTo(0.06, within(1e-12));
        assertThat(slow.expectedSeconds()).isCloseTo(0.02, within(1e-12));
        assertThat(slow.factor()).isCloseTo(3, within(1e-9));
        assertThat(slow.requests()).isEqualTo(50);
        assertThat(Slowness.of(work(50, 0.025), List.of(work(50, 0.02)), 1.3))
                .as("1.25 times")
                .isEmpty();
    }

    @Test
    void tooFewRequestsSayNothing() {
        assertThat(Slowness.of(work(19, 0.06), List.of(work(50, 0.02)), 1.3)).isEmpty();
        assertThat(Slowness.of(work(50, 0.06), List.of(work(19, 0.02)), 1.3)).isEmpty();
        assertThat(Slowness.of(work(50, 0.06), List.of(), 1.3)).isEmpty();
        assertThat(Slowness.compared(work(20, 0.06), List.of(work(20, 0.02)))).isPresent();
    }

    @Test
    void anEngineThatRoutingGivesMoreIsNotBlamedOneThatDoesLessIs() {
        Work sibling = work(50, 0.02);
        assertThat(Slowness.of(work(56, 0.06), List.of(sibling), 1.3))
                .as("12 % more tokens per second")
                .isEmpty();
        assertThat(Slowness.of(work(54, 0.06), List.of(sibling), 1.3)).isPresent();
        assertThat(Slowness.of(work(20, 0.06), List.of(sibling), 1.3)).isPresent();
        // as many tokens generated, of prompts twice as long: prefill stands in the way of decoding
        assertThat(Slowness.of(new Work(100, 50, 300, 5_000, 40_000), List.of(sibling), 1.3))
                .isEmpty();
    }

    @Test
    void longerRequestsHaveToBeSlowerByAsMuchMore() {
        Work sibling = work(50, 0.02);
        // half as many requests, twice as long: the cache that a step reads is twice as long at most
        assertThat(Slowness.of(new Work(100, 25, 5_000 * 0.05, 5_000, 20_000), List.of(sibling), 1.3))
                .as("2.5 times, of which length explains 2")
                .isEmpty();
        assertThat(Slowness.of(new Work(100, 25, 5_000 * 0.053, 5_000, 20_000), List.of(sibling), 1.3))
                .as("2.65 times")
                .isPresent();
    }

    @Test
    void enginesOnOneCurveAreNeverBlamedWhateverTheirLoads() {
        // s = a / (1 - busy), work in proportion to busy
        Random random = new Random(11);
        int blamed = 0;
        for (int round = 0; round < 20_000; round++) {
            List<Work> engines = new ArrayList<>();
            int n = 2 + random.nextInt(6);
            for (int i = 0; i < n; i++) {
                double busy = 0.03 + 0.87 * random.nextDouble();
                engines.add(work(1_000 * busy, 0.02 / (1 - busy)));
            }
            Work one = engines.remove(0);
            blamed += Slowness.of(one, engines, Slowness.SLOW).isPresent() ? 1 : 0;
        }
        assertThat(blamed).isZero();
    }
}
