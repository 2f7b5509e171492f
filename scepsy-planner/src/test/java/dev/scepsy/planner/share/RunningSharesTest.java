package dev.scepsy.planner.share;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.scepsy.planner.execution.Execution;
import dev.scepsy.planner.execution.ExecutionId;
import dev.scepsy.planner.execution.LeafCall;
import dev.scepsy.planner.span.TraceId;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The curve that grows is the one that {@link Stability} makes of all executions at once. */
class RunningSharesTest {

    private static final long SECOND = 1_000_000_000L;

    private static ExecutionShares execution(int number, long plannerNanos, long writerNanos) {
        long start = number * 100L * SECOND;
        List<LeafCall> calls = List.of(
                new LeafCall(
                        2,
                        "planner",
                        start,
                        start + plannerNanos,
                        0,
                        OptionalLong.empty(),
                        OptionalLong.empty(),
                        false),
                new LeafCall(
                        3,
                        "writer",
                        start + plannerNanos,
                        start + plannerNanos + writerNanos,
                        0,
                        OptionalLong.empty(),
                        OptionalLong.empty(),
                        false));
        return ExecutionShares.of(new Execution.Complete(
                new ExecutionId(new TraceId(1, number), 1),
                "w",
                start,
                start + plannerNanos + writerNanos + SECOND,
                calls,
                OptionalDouble.empty(),
                OptionalDouble.empty()));
    }

    private static List<ExecutionShares> executions(int count) {
        Random random = new Random(3);
        List<ExecutionShares> executions = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            executions.add(
                    execution(i, SECOND + random.nextInt(1_000_000_000), 2 * SECOND + random.nextInt(900_000_000)));
        }
        return executions;
    }

    @Test
    void sharesBandsAndPartsAreStabilitys() {
        List<ExecutionShares> executions = executions(90);
        RunningShares running = new RunningShares();
        executions.forEach(running::add);
        Stability stability = Stability.of("w", executions, Stability.DEFAULT_PRECISION);
        assertThat(running.points()).hasSize(90);
        for (int i = 0; i < 90; i++) {
            RunningShares.Point point = running.points().get(i);
            Stability.Point expected = stability.points().get(i);
            assertThat(point.executions()).isEqualTo(expected.execution());
            assertThat(point.endEpochNanos()).isEqualTo(expected.endEpochNanos());
            for (int m = 0; m < 2; m++) {
                assertThat(point.models().get(m).share())
                        .isCloseTo(expected.shares().get(m), within(1e-9));
                if (i > 0) {
                    assertThat(point.models().get(m).halfWidth())
                            .isCloseTo(expected.halfWidths().get(m), within(1e-7));
                }
            }
        }
        // at the end both look at the last ten
        RunningShares.Point last = running.points().get(89);
        assertThat(last.other()).isCloseTo(stability.points().get(89).otherPart(), within(1e-9));
        assertThat(running.stableSince(Stability.DEFAULT_PRECISION))
                .isEqualTo(OptionalLong.of(stability.stableSince().orElseThrow()));
    }

    @Test
    void pointsAreBoundedAndPartsAddUpToOne() {
        RunningShares running = new RunningShares();
        executions(5_000).forEach(running::add);
        assertThat(running.points()).hasSizeBetween(60, 130);
        for (RunningShares.Point point : running.points()) {
            double sum = point.other()
                    + point.models().stream()
                            .mapToDouble(RunningShares.Model::part)
                            .sum();
            assertThat(sum).isCloseTo(1, within(1e-9));
        }
        assertThat(running.executions()).isEqualTo(5_000);
    }

    @Test
    void aMinuteThatWasSummedUpIsOneStep() {
        List<ExecutionShares> executions = executions(60);
        RunningShares one = new RunningShares();
        executions.forEach(one::add);
        RunningShares steps = new RunningShares();
        steps.add(
                MergeableStatistics.of(executions.subList(0, 40)),
                executions.get(39).endEpochNanos());
        executions.subList(40, 60).forEach(steps::add);
        RunningShares.Point expected = one.points().get(one.points().size() - 1);
        RunningShares.Point last = steps.points().get(steps.points().size() - 1);
        assertThat(last.executions()).isEqualTo(60);
        assertThat(last.models().get(0).share())
                .isCloseTo(expected.models().get(0).share(), within(1e-9));
        assertThat(last.models().get(0).halfWidth())
                .isCloseTo(expected.models().get(0).halfWidth(), within(1e-7));
        assertThat(new RunningShares().points()).isEmpty();
    }
}
