package dev.scepsy.planner.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.scepsy.planner.predict.AggregateLlmPipeline.Serving;
import dev.scepsy.planner.profile.LatencyProfile;
import dev.scepsy.planner.profile.MeasuredCurve;
import dev.scepsy.planner.share.Interval95;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** How sure a predicted latency is. */
class PredictionIntervalsTest {

    /** 1 s at no load, 1 s more per request/s. */
    private static final LatencyProfile LINEAR = MeasuredCurve.of(
            List.of(new MeasuredCurve.Point(0, 1), new MeasuredCurve.Point(100, 101)), OptionalDouble.empty(), 10);

    private static final WorkflowDemand WORKFLOW =
            new WorkflowDemand("w", 2, 1, 0.5, 0, List.of(new ModelCalls("a", 3, 2)));

    @Test
    void exactStatisticsAndProfilesLeaveNoDoubt() {
        // 6 requests/s on two replicas: 4 s, twice
        assertThat(interval(0, spread(0, 0))).contains(new Interval95(8.5, 8.5));
    }

    @Test
    void eachSourceOfDoubtCountsAsTheFormulaSays() {
        // κ ± 0.5 of 4 s each; L ± 1.96 x 10 % of 8 s; n ± 0.3 moves the load by 0.6, the rate by 0.3, L by 0.3, twice
        assertThat(half(interval(0, spread(0, 0.5)))).isCloseTo(2, within(1e-9));
        assertThat(half(interval(0.1, spread(0, 0)))).isCloseTo(1.96 * 0.8, within(1e-3));
        assertThat(half(interval(0, spread(0.3, 0)))).isCloseTo(0.6, within(1e-9));
        assertThat(half(interval(0.1, spread(0.3, 0.5)))).isCloseTo(Math.sqrt(4 + 1.568 * 1.568 + 0.36), within(1e-3));
    }

    @Test
    void anUnknownSpreadIsNotTakenForNone() {
        assertThat(PredictionIntervals.of(List.of(WORKFLOW), Map.of("a", new Serving(LINEAR, 2)), Map.of(), Map.of()))
                .containsExactly(Optional.empty());
    }

    @Test
    void nineteenOfTwentyDrawsFallInside() {
        Interval95 interval = interval(0.05, spread(0.3, 0.2)).orElseThrow();
        Random random = new Random(3);
        int inside = 0;
        int draws = 20_000;
        for (int i = 0; i < draws; i++) {
            double calls = 3 + random.nextGaussian() * 0.3 / 1.96;
            double sequential = 2 + random.nextGaussian() * 0.2 / 1.96;
            double error = 1 + random.nextGaussian() * 0.05;
            double latency = 0.5 + sequential * error * LINEAR.meanLatencySeconds(2 * calls / 2);
            inside += interval.low() <= latency && latency <= interval.high() ? 1 : 0;
        }
        assertThat(inside / (double) draws).isBetween(0.94, 0.96);
    }

    private static Optional<Interval95> interval(double error, PredictionIntervals.Spread spread) {
        return PredictionIntervals.of(
                        List.of(WORKFLOW),
                        Map.of("a", new Serving(LINEAR, 2)),
                        Map.of("a", error),
                        Map.of("w", Map.of("a", spread)))
                .get(0);
    }

    private static PredictionIntervals.Spread spread(double halfCalls, double halfSequential) {
        return new PredictionIntervals.Spread(
                new Interval95(3 - halfCalls, 3 + halfCalls), new Interval95(2 - halfSequential, 2 + halfSequential));
    }

    private static double half(Optional<Interval95> interval) {
        return (interval.orElseThrow().high() - interval.orElseThrow().low()) / 2;
    }
}
