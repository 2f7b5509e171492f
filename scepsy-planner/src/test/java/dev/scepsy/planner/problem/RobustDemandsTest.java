package dev.scepsy.planner.problem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.scepsy.planner.predict.ModelCalls;
import dev.scepsy.planner.predict.WorkflowDemand;
import dev.scepsy.planner.share.Interval95;
import dev.scepsy.planner.share.ModelStatistics;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class RobustDemandsTest {

    private static final double Z90 = 1.2815515655446004 / 1.959963984540054;

    @Test
    void callsAndSequentialCallsMoveTowardsTheEndOfTheirIntervals() {
        ModelStatistics known = statistics("a", 3, 2, Optional.of(new double[] {2.5, 4, 1.5, 2.5}));
        RobustDemands robust = RobustDemands.of(List.of(resolved(known)), 0.9);

        ModelCalls calls = robust.demands().get(0).calls().get(0);
        assertThat(calls.callsPerExecution()).isCloseTo(3 + 1 * Z90, within(1e-9));
        assertThat(calls.sequentialCalls()).isCloseTo(2 + 0.5 * Z90, within(1e-9));
        assertThat(robust.withoutInterval()).isEmpty();
    }

    @Test
    void theMedianIsTheMeanAndLowQuantilesGoDown() {
        ModelStatistics known = statistics("a", 3, 2, Optional.of(new double[] {2.5, 4, 1.5, 2.5}));

        ModelCalls median = RobustDemands.of(List.of(resolved(known)), 0.5)
                .demands()
                .get(0)
                .calls()
                .get(0);
        ModelCalls low = RobustDemands.of(List.of(resolved(known)), 0.1)
                .demands()
                .get(0)
                .calls()
                .get(0);

        assertThat(median.callsPerExecution()).isCloseTo(3, within(1e-9));
        assertThat(low.callsPerExecution()).isCloseTo(3 - 0.5 * Z90, within(1e-9));
    }

    @Test
    void withoutAnIntervalTheMeanIsKeptAndNamed() {
        RobustDemands robust = RobustDemands.of(List.of(resolved(statistics("a", 3, 2, Optional.empty()))), 0.9);

        assertThat(robust.demands().get(0).calls()).containsExactly(new ModelCalls("a", 3, 2));
        assertThat(robust.withoutInterval()).containsExactly("a of w");
    }

    private static Demands.Resolved resolved(ModelStatistics statistics) {
        return new Demands.Resolved(
                new WorkflowDemand(
                        "w",
                        1,
                        1,
                        0,
                        0,
                        List.of(new ModelCalls(
                                statistics.model(), statistics.callsPerExecution(), statistics.sequentialCalls()))),
                List.of(statistics));
    }

    private static ModelStatistics statistics(String name, double calls, double sequential, Optional<double[]> ends) {
        return new ModelStatistics(
                name,
                calls,
                1.5,
                sequential,
                OptionalDouble.empty(),
                OptionalDouble.empty(),
                OptionalDouble.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                ends.map(e -> new ModelStatistics.Intervals(
                        Optional.of(new Interval95(e[0], e[1])),
                        Optional.empty(),
                        Optional.of(new Interval95(e[2], e[3])),
                        Optional.empty())));
    }
}
