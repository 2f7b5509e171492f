package dev.scepsy.planner.share;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.scepsy.planner.execution.Execution;
import dev.scepsy.planner.execution.ExecutionId;
import dev.scepsy.planner.execution.LeafCall;
import dev.scepsy.planner.span.TraceId;
import dev.scepsy.planner.stat.StudentT;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StabilityTest {

    private static final double SECOND = 1e9;

    private long next = 1;

    @Test
    void theNumbersOfThreeExecutionsAreThoseComputedByHand() {
        // a: 2, 4, 6 s; b: 2, 2, 2 s; one after the other, then 1 s of nothing
        List<ExecutionShares> executions =
                List.of(execution(0, 2, 2, 1), execution(10, 4, 2, 1), execution(20, 6, 2, 1));

        Stability stability = Stability.of("w", executions, 0.02);

        assertThat(stability.models()).extracting(Stability.Model::model).containsExactly("a", "b");
        Stability.Model a = stability.models().get(0);
        assertThat(a.share()).isCloseTo(12 / 18.0, within(1e-12));
        // D - s T = 2 - 8/3, 4 - 4, 6 - 16/3; squares add up to 8/9; over k (k-1) = 6, over the mean total of 6
        assertThat(a.halfWidth()).isCloseTo(StudentT.quantile975(2) * Math.sqrt(8 / 9.0 / 6) / 6, within(1e-9));
        assertThat(a.timeVariation()).isCloseTo(2 / 4.0, within(1e-12));
        // shares 1/2, 2/3, 3/4
        double mean = (1 / 2.0 + 2 / 3.0 + 3 / 4.0) / 3;
        double deviation = Math.sqrt(
                (Math.pow(1 / 2.0 - mean, 2) + Math.pow(2 / 3.0 - mean, 2) + Math.pow(3 / 4.0 - mean, 2)) / 2);
        assertThat(a.shareVariation()).isCloseTo(deviation / mean, within(1e-12));
        Stability.Point last = stability.points().get(2);
        assertThat(last.execution()).isEqualTo(3);
        // path over end to end: 12, 6 and 3 of 21 s
        assertThat(last.parts().get(0)).isCloseTo(12 / 21.0, within(1e-12));
        assertThat(last.otherPart()).isCloseTo(3 / 21.0, within(1e-12));
        assertThat(stability.stableSince()).isEmpty();
    }

    @Test
    void sharesThatDoNotDependOnTheLengthOfARunAreSteadierThanTimes() {
        Random random = new Random(20261129);
        List<ExecutionShares> executions = new ArrayList<>();
        for (int j = 0; j < 400; j++) {
            double length = Math.exp(random.nextGaussian());
            executions.add(execution(
                    j,
                    length * (0.7 + 0.02 * random.nextGaussian()),
                    length * (0.3 + 0.02 * random.nextGaussian()),
                    0));
        }
        Stability stability = Stability.of("w", executions, 0.02);

        assertThat(stability.steadiness().orElseThrow()).isGreaterThan(10);
        assertThat(stability.stableSince()).isPresent();
        assertThat(stability.moreExecutions()).hasValue(0);
        assertThat(stability.points()).hasSizeLessThanOrEqualTo(200);
        assertThat(stability.points().get(stability.points().size() - 1).execution())
                .isEqualTo(400);
        for (Stability.Point point : stability.points()) {
            assertThat(point.parts().stream().mapToDouble(Double::doubleValue).sum() + point.otherPart())
                    .isCloseTo(1, within(1e-9));
            assertThat(point.shares().stream().mapToDouble(Double::doubleValue).sum())
                    .isCloseTo(1, within(1e-9));
        }
    }

    @Test
    void aChangeOfTheWorkflowEndsItsStabilityAndTheNeedIsThatOfTheSquareRoot() {
        List<ExecutionShares> executions = new ArrayList<>();
        for (int j = 0; j < 40; j++) {
            executions.add(execution(j, j < 36 ? 1 : 9, 1, 0));
        }
        Stability stability = Stability.of("w", executions, 0.02);

        assertThat(stability.stableSince()).isEmpty();
        double widest = stability.models().get(0).halfWidth();
        assertThat(stability.moreExecutions()).hasValue((long) Math.ceil(40 * Math.pow(widest / 0.02, 2)) - 40);
    }

    @Test
    void theOrderInWhichExecutionsAreReadChangesNothing() {
        List<ExecutionShares> executions = new ArrayList<>();
        Random random = new Random(3);
        for (int j = 0; j < 60; j++) {
            executions.add(execution(j, 1 + random.nextDouble(), 2 * random.nextDouble(), 0.5));
        }
        Stability ordered = Stability.of("w", executions, 0.05);
        Collections.shuffle(executions, random);

        assertThat(Stability.of("w", executions, 0.05)).isEqualTo(ordered);
    }

    @Test
    void oneExecutionHasSharesAndNoBands() {
        Stability stability = Stability.of("w", List.of(execution(0, 3, 1, 0)), 0.02);

        assertThat(stability.models().get(0).share()).isEqualTo(0.75);
        assertThat(stability.models().get(0).halfWidth()).isInfinite();
        assertThat(stability.moreExecutions()).isEmpty();
        assertThat(stability.steadiness()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"1, 12.7062", "2, 4.30265", "3, 3.18245", "5, 2.57058", "10, 2.22814", "30, 2.04227", "1000, 1.96234"})
    void studentsQuantilesAreThoseOfTheTables(double degrees, double quantile) {
        assertThat(StudentT.quantile975(degrees)).isCloseTo(quantile, within(0.003 * quantile));
    }

    private ExecutionShares execution(long start, double a, double b, double rest) {
        long from = (long) (start * SECOND);
        long between = from + Math.round(a * SECOND);
        long to = between + Math.round(b * SECOND);
        return ExecutionShares.of(new Execution.Complete(
                new ExecutionId(new TraceId(1, next), next++),
                "w",
                from,
                to + Math.round(rest * SECOND),
                List.of(call("a", from, between), call("b", between, to)),
                OptionalDouble.empty(),
                OptionalDouble.empty()));
    }

    private LeafCall call(String model, long from, long to) {
        return new LeafCall(
                next++, model, from, Math.max(from, to), 0, OptionalLong.empty(), OptionalLong.empty(), false);
    }
}
