package dev.scepsy.planner.share;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.scepsy.planner.execution.Execution;
import dev.scepsy.planner.execution.ExecutionId;
import dev.scepsy.planner.execution.IncompleteReason;
import dev.scepsy.planner.execution.LeafCall;
import dev.scepsy.planner.span.EngineTimes;
import dev.scepsy.planner.span.TraceId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ShareEstimatorTest {

    private static final long SECOND = 1_000_000_000L;

    private long nextId = 1;

    @Test
    void whereTheEnginesTimeGoesIsAMeanOverTheCallsWhoseEngineReports() {
        LeafCall told = new LeafCall(
                1,
                "a",
                0,
                4 * SECOND,
                0,
                OptionalLong.empty(),
                OptionalLong.empty(),
                false,
                new EngineTimes(SECOND, SECOND / 2, 2 * SECOND),
                null,
                List.of());
        LeafCall silent = new LeafCall(2, "a", 0, SECOND, 0, OptionalLong.empty(), OptionalLong.empty(), false);
        ExecutionShares shares = ExecutionShares.of(new Execution.Complete(
                new ExecutionId(new TraceId(1, 1), 9),
                "w",
                0,
                5 * SECOND,
                List.of(told, silent),
                OptionalDouble.empty(),
                OptionalDouble.empty()));

        ModelStatistics model = new ShareEstimator(30, 1)
                .estimate("w", List.of(shares, shares))
                .models()
                .get(0);

        assertThat(model.engineSeconds()).contains(new EngineSeconds(2, 1, 0.5, 2));
        assertThat(ExecutionShares.of(new Execution.Complete(
                                new ExecutionId(new TraceId(1, 1), 9),
                                "w",
                                0,
                                5 * SECOND,
                                List.of(silent),
                                OptionalDouble.empty(),
                                OptionalDouble.empty()))
                        .models()
                        .get(0)
                        .engine()
                        .seconds())
                .isEmpty();
    }

    @Test
    void oneExecutionByHand() {
        // a: [1, 3] and [2, 5] in parallel, b: [5, 8], end at 10
        WorkflowStatistics workflow = estimate(1, execution(0, 10, call("a", 1, 3), call("a", 2, 5), call("b", 5, 8)));

        assertThat(workflow.executions()).hasValue(1);
        assertThat(workflow.endToEndSeconds()).contains(new WorkflowStatistics.EndToEnd(10, 10, 10, 10));
        // back from 10: 2 s other, b 3 s, a [2, 5] 3 s, [1, 3] overlaps, 2 s other
        assertThat(workflow.otherSeconds()).isEqualTo(4);
        ModelStatistics a = workflow.models().get(0);
        assertThat(a.model()).isEqualTo("a");
        assertThat(a.callsPerExecution()).isEqualTo(2);
        // one call for 1 s, two for 1 s, one for 2 s: (1 + 4 + 2) / 5
        assertThat(a.concurrentCalls()).hasValue(1.4);
        assertThat(a.parallelism()).isEqualTo(5.0 / 4);
        assertThat(a.executionShare()).hasValue(5.0 / 8);
        assertThat(a.meanCallSeconds()).hasValue(2.5);
        assertThat(a.sequentialCalls()).isEqualTo(3 / 2.5);
        ModelStatistics b = workflow.models().get(1);
        assertThat(b.callsPerExecution()).isEqualTo(1);
        assertThat(b.parallelism()).isEqualTo(1);
        assertThat(b.executionShare()).hasValue(3.0 / 8);
        assertThat(b.sequentialCalls()).isEqualTo(1);
    }

    @Test
    void ratiosAreOfSumsNotMeansOfRatios() {
        WorkflowStatistics workflow = estimate(
                1,
                execution(0, 10, call("a", 0, 1), call("a", 0, 1)),
                execution(0, 10, call("a", 0, 8), call("b", 0, 2)));

        // (2 + 8) / (1 + 8), whereas the mean of ratios would be 1.5
        assertThat(workflow.models().get(0).parallelism()).isEqualTo(10.0 / 9);
        assertThat(workflow.models().get(0).executionShare()).hasValue(10.0 / 12);
        // executions that never called b count in its means
        assertThat(workflow.models().get(1).callsPerExecution()).isEqualTo(0.5);
    }

    @Test
    void backOffIsNoModelTime() {
        LeafCall retried =
                new LeafCall(1, "a", 0, 5 * SECOND, 2 * SECOND, OptionalLong.empty(), OptionalLong.empty(), false);
        WorkflowStatistics workflow = estimate(1, execution(0, 6, retried, call("a", 0, 2)));

        ModelStatistics a = workflow.models().get(0);
        // D = 3 + 2, U = [2, 5] and [0, 2]
        assertThat(a.meanCallSeconds()).hasValue(2.5);
        assertThat(a.parallelism()).isEqualTo(1);
        // path: 1 s other, 3 s a, 2 s back-off
        assertThat(workflow.otherSeconds()).isEqualTo(3);
    }

    @Test
    void tokensAreMeansOverTheCallsThatReportThem() {
        LeafCall silent = call("a", 0, 1);
        LeafCall first = new LeafCall(100, "a", 0, 1, 0, OptionalLong.of(10), OptionalLong.empty(), false);
        LeafCall second = new LeafCall(101, "a", 0, 1, 0, OptionalLong.of(31), OptionalLong.empty(), false);
        WorkflowStatistics workflow = estimate(1, execution(0, 2, silent, first, second));

        ModelStatistics a = workflow.models().get(0);
        assertThat(a.inputTokens()).contains(new TokenStatistics(20.5, OptionalDouble.of(31)));
        assertThat(a.outputTokens()).isEmpty();
    }

    @Test
    void percentilesAreNearestRank() {
        Execution.Complete[] executions = new Execution.Complete[200];
        for (int i = 0; i < executions.length; i++) {
            executions[i] = execution(0, i + 1);
        }
        WorkflowStatistics.EndToEnd seconds =
                estimate(1, executions).endToEndSeconds().orElseThrow();
        assertThat(seconds).isEqualTo(new WorkflowStatistics.EndToEnd(100.5, 100, 190, 198));
    }

    @Test
    void belowTheRequiredExecutionsNumbersStandWithoutIntervals() {
        Execution.Complete[] twelve = new Execution.Complete[12];
        Arrays.setAll(twelve, i -> execution(0, 10, call("a", 0, 5)));

        WorkflowStatistics workflow = estimate(30, twelve);
        assertThat(workflow.notEnoughData()).isTrue();
        assertThat(workflow.requiredExecutions()).isEqualTo(OptionalInt.of(30));
        assertThat(workflow.models().get(0).callsPerExecution()).isEqualTo(1);
        assertThat(workflow.models().get(0).interval95()).isEmpty();

        workflow = estimate(12, twelve);
        assertThat(workflow.notEnoughData()).isFalse();
        assertThat(workflow.requiredExecutions()).isEmpty();
        assertThat(workflow.models().get(0).interval95()).isPresent();
        assertThat(workflow.models().get(0).interval95().orElseThrow().callsPerExecution())
                .contains(new Interval95(1, 1));
    }

    @Test
    void aWorkflowSeenInIncompleteExecutionsOnlyHasNoModels() {
        ExecutionTally tally = new ExecutionTally();
        tally.add(new Execution.Incomplete(new ExecutionId(new TraceId(0, 1), 1), "w", IncompleteReason.TIMED_OUT));
        tally.add(new Execution.Incomplete(new ExecutionId(new TraceId(0, 2), 1), null, IncompleteReason.ROOT_MISSING));
        WorkflowShares shares = tally.estimate(new ShareEstimator(30, 1));

        assertThat(shares.workflows()).singleElement().satisfies(workflow -> {
            assertThat(workflow.executions()).hasValue(0);
            assertThat(workflow.models()).isEmpty();
            assertThat(workflow.endToEndSeconds()).isEmpty();
            assertThat(workflow.notEnoughData()).isTrue();
        });
        assertThat(shares.incompleteExecutions())
                .containsExactly(
                        Map.entry(IncompleteReason.ROOT_MISSING, 1L), Map.entry(IncompleteReason.TIMED_OUT, 1L));
    }

    @Test
    void callsWithoutDurationLeaveNoRatioUndefined() {
        WorkflowStatistics workflow = estimate(1, execution(0, 1, call("a", 0, 0), call("a", 0, 0)));

        ModelStatistics a = workflow.models().get(0);
        assertThat(a.parallelism()).isEqualTo(1);
        assertThat(a.sequentialCalls()).isEqualTo(2);
        assertThat(a.executionShare()).isEmpty();
        assertThat(a.meanCallSeconds()).hasValue(0);
    }

    @Test
    void timesKeepTheirNanoseconds() {
        // near 2^60 neighbouring doubles are 128 apart
        long start = (1L << 60) + 1;
        Execution.Complete execution = executionNanos(start, start + 3, callNanos("a", start, start + 1));
        WorkflowStatistics workflow = estimate(1, execution);

        assertThat(workflow.endToEndSeconds().orElseThrow().mean()).isEqualTo(3e-9);
        assertThat(workflow.otherSeconds()).isEqualTo(2e-9);
    }

    @Test
    void neitherOrderNorWorkflowBesideChangesAnything() {
        Random random = new Random(5);
        List<Execution.Complete> executions = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            executions.add(randomExecution(random));
        }
        WorkflowStatistics expected = estimate(30, executions.toArray(Execution.Complete[]::new));
        Collections.shuffle(executions, random);
        assertThat(estimate(30, executions.toArray(Execution.Complete[]::new))).isEqualTo(expected);
    }

    @Test
    void pathTimesAddUpToTheMeanEndToEndTimeAndSharesToOne() {
        Random random = new Random(6);
        for (int round = 0; round < 300; round++) {
            Execution.Complete[] executions = new Execution.Complete[1 + random.nextInt(40)];
            Arrays.setAll(executions, i -> randomExecution(random));
            WorkflowStatistics workflow = estimate(1000, executions);
            double path = workflow.otherSeconds();
            double shares = 0;
            for (ModelStatistics model : workflow.models()) {
                path += model.sequentialCalls() * model.meanCallSeconds().orElseThrow();
                shares += model.executionShare().orElseThrow();
                assertThat(model.parallelism()).isGreaterThanOrEqualTo(1);
            }
            assertThat(path).isCloseTo(workflow.endToEndSeconds().orElseThrow().mean(), within(1e-9));
            assertThat(shares).isCloseTo(1, within(1e-12));
            assertMatchesDefinitions(workflow, executions);
        }
    }

    @Test
    void intervalsHoldTheTruthAboutAsOftenAsTheySay() {
        // calls: 1 or 4 with equal chance, so n = 2.5; each exponential with mean 1 s, one after another
        Random random = new Random(7);
        int worlds = 300;
        Map<String, Integer> held = new HashMap<>();
        for (int world = 0; world < worlds; world++) {
            Execution.Complete[] executions = new Execution.Complete[60];
            Arrays.setAll(executions, i -> {
                List<LeafCall> calls = new ArrayList<>();
                long now = 0;
                for (int c = random.nextBoolean() ? 1 : 4; c > 0; c--) {
                    long end = now + (long) (-Math.log(1 - random.nextDouble()) * SECOND);
                    calls.add(callNanos("a", now, end));
                    calls.add(callNanos("b", now, now + (end - now) / 4));
                    now = end;
                }
                return executionNanos(0, now, calls.toArray(LeafCall[]::new));
            });
            ModelStatistics.Intervals intervals =
                    estimate(30, executions).models().get(0).interval95().orElseThrow();
            count(held, "n", intervals.callsPerExecution().orElseThrow(), 2.5);
            count(held, "p", intervals.parallelism().orElseThrow(), 1);
            count(held, "s", intervals.executionShare().orElseThrow(), 0.8);
            count(held, "k", intervals.sequentialCalls().orElseThrow(), 2.5);
        }
        assertThat(held.get("n")).isBetween((int) (0.90 * worlds), worlds);
        assertThat(held.get("k")).isBetween((int) (0.90 * worlds), worlds);
        assertThat(held.get("p")).isEqualTo(worlds);
        assertThat(held.get("s")).isGreaterThan((int) (0.90 * worlds));
    }

    private static void count(Map<String, Integer> held, String name, Interval95 interval, double truth) {
        // shares of whole nanoseconds are off by a rounding
        boolean holds = interval.low() <= truth + 1e-6 && truth - 1e-6 <= interval.high();
        held.merge(name, holds ? 1 : 0, Integer::sum);
    }

    /** Every definition once more, from the calls themselves and nanosecond marks instead of sorted ends. */
    private static void assertMatchesDefinitions(WorkflowStatistics workflow, Execution.Complete[] executions) {
        for (ModelStatistics model : workflow.models()) {
            long calls = 0;
            long summed = 0;
            long covered = 0;
            long allModels = 0;
            for (Execution.Complete execution : executions) {
                java.util.BitSet busy = new java.util.BitSet();
                for (LeafCall call : execution.calls()) {
                    long from = call.startEpochNanos() + call.backoffNanos();
                    if (call.model() != null) {
                        allModels += call.endEpochNanos() - from;
                    }
                    if (model.model().equals(call.model())) {
                        calls++;
                        summed += call.endEpochNanos() - from;
                        busy.set((int) from, (int) call.endEpochNanos());
                    }
                }
                covered += busy.cardinality();
            }
            assertThat(model.callsPerExecution()).isEqualTo((double) calls / executions.length);
            assertThat(model.parallelism()).isCloseTo((double) summed / covered, within(1e-12));
            assertThat(model.executionShare().orElseThrow()).isCloseTo((double) summed / allModels, within(1e-12));
            assertThat(model.meanCallSeconds().orElseThrow())
                    .isCloseTo((double) summed / calls / SECOND, within(1e-18));
        }
    }

    private Execution.Complete randomExecution(Random random) {
        LeafCall[] calls = new LeafCall[1 + random.nextInt(8)];
        Arrays.setAll(calls, i -> {
            long start = random.nextInt(200);
            long end = start + 1 + random.nextInt(100);
            long backoff = random.nextInt(4) == 0 ? random.nextInt((int) (end - start)) : 0;
            String model = i > 0 && random.nextInt(5) == 0 ? null : "m" + random.nextInt(3);
            return new LeafCall(
                    nextId++,
                    model,
                    start,
                    end,
                    backoff,
                    OptionalLong.of(random.nextInt(100)),
                    OptionalLong.empty(),
                    false);
        });
        return executionNanos(random.nextInt(20), 250 + random.nextInt(100), calls);
    }

    private static WorkflowStatistics estimate(int required, Execution.Complete... executions) {
        ExecutionTally tally = new ExecutionTally();
        for (Execution.Complete execution : executions) {
            tally.add(execution);
        }
        return tally.estimate(new ShareEstimator(required, 1)).workflows().get(0);
    }

    private LeafCall call(String model, long startSeconds, long endSeconds) {
        return callNanos(model, startSeconds * SECOND, endSeconds * SECOND);
    }

    private LeafCall callNanos(String model, long start, long end) {
        return new LeafCall(nextId++, model, start, end, 0, OptionalLong.empty(), OptionalLong.empty(), false);
    }

    private Execution.Complete execution(long startSeconds, long endSeconds, LeafCall... calls) {
        return executionNanos(startSeconds * SECOND, endSeconds * SECOND, calls);
    }

    private Execution.Complete executionNanos(long start, long end, LeafCall... calls) {
        return new Execution.Complete(
                new ExecutionId(new TraceId(0, nextId++), 1),
                "w",
                start,
                end,
                List.of(calls),
                OptionalDouble.empty(),
                OptionalDouble.empty());
    }
}
