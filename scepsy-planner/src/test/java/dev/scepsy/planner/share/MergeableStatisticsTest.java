package dev.scepsy.planner.share;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.scepsy.planner.execution.Execution;
import dev.scepsy.planner.execution.ExecutionId;
import dev.scepsy.planner.execution.LeafCall;
import dev.scepsy.planner.file.MergeableJson;
import dev.scepsy.planner.span.EngineTimes;
import dev.scepsy.planner.span.TraceId;
import dev.scepsy.planner.stat.LogHistogram;
import dev.scepsy.planner.stat.NearestRank;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MergeableStatisticsTest {

    private static final long SECOND = 1_000_000_000L;

    private long next = 1;
    private String[] agents = {"planner", "writer", null};

    @Test
    void manyAtOnceAreTheSameAsOneByOne() {
        Random random = new Random(128);
        for (int round = 0; round < 50; round++) {
            List<ExecutionShares> executions = randomExecutions(random, random.nextInt(80));
            MergeableStatistics oneByOne = MergeableStatistics.EMPTY;
            for (ExecutionShares execution : executions) {
                oneByOne = oneByOne.plus(MergeableStatistics.of(execution));
            }
            assertThat(MergeableStatistics.of(executions)).isEqualTo(oneByOne);
        }
    }

    @Test
    void twoExecutionsAreTheSumsComputedByHand() {
        // first: a 0 to 4 s and 1 to 3 s; second: a 0 to 2 s, then b to 5 s
        MergeableStatistics both = MergeableStatistics.of(execution(4, call("a", 0, 4), call("a", 1, 3)))
                .plus(MergeableStatistics.of(execution(6, call("a", 0, 2), call("b", 2, 5))));

        WorkflowStatistics workflow = new MergeableEstimator(1).estimate("w", both);

        assertThat(workflow.executions()).hasValue(2);
        assertThat(workflow.otherSeconds()).isEqualTo(0.5);
        assertThat(workflow.endToEndSeconds().orElseThrow().mean()).isEqualTo(5);
        ModelStatistics a = workflow.models().get(0);
        assertThat(a.callsPerExecution()).isEqualTo(1.5);
        assertThat(a.parallelism()).isEqualTo(8 / 6.0);
        assertThat(a.executionShare()).hasValue(8 / 11.0);
        assertThat(a.meanCallSeconds().orElseThrow()).isCloseTo(8 / 3.0, within(1e-12));
        // the path: 4 s and 2 s, of calls of 8/3 s
        assertThat(a.sequentialCalls()).isCloseTo(3 / (8 / 3.0), within(1e-12));
        // log n = log 1.5; N = 2, 1: variance of the mean of N / 1.5 is (1/3)^2
        Interval95 calls = a.interval95().orElseThrow().callsPerExecution().orElseThrow();
        assertThat(calls.high()).isCloseTo(1.5 * Math.exp(12.7062 / 3), within(0.01 * calls.high()));
    }

    @Test
    void anySplitOrderAndGroupingGivesTheSameBytes() {
        Random random = new Random(20261129);
        for (int run = 0; run < 40; run++) {
            List<ExecutionShares> executions = randomExecutions(random, 1 + random.nextInt(60));
            byte[] whole = MergeableBytes.of(MergeableStatistics.of(executions));

            Collections.shuffle(executions, random);
            List<MergeableStatistics> parts = new ArrayList<>();
            parts.add(MergeableStatistics.EMPTY);
            for (int from = 0; from < executions.size(); ) {
                int to = Math.min(executions.size(), from + 1 + random.nextInt(9));
                MergeableStatistics part = MergeableStatistics.of(executions.subList(from, to));
                // through either form on the way
                parts.add(
                        random.nextBoolean()
                                ? MergeableBytes.read(MergeableBytes.of(part))
                                : MergeableJson.read(MergeableJson.of(part)));
                from = to;
            }
            while (parts.size() > 1) {
                MergeableStatistics one = parts.remove(random.nextInt(parts.size()));
                int at = random.nextInt(parts.size());
                parts.set(at, random.nextBoolean() ? parts.get(at).plus(one) : one.plus(parts.get(at)));
            }
            assertThat(MergeableBytes.of(parts.get(0))).isEqualTo(whole);
            assertThat(MergeableJson.of(parts.get(0))).isEqualTo(MergeableJson.of(MergeableBytes.read(whole)));
        }
    }

    @Test
    void estimatesAreThoseOfTheFilesAndPercentilesWithinOnePerCent() {
        Random random = new Random(7);
        for (int run = 0; run < 30; run++) {
            List<ExecutionShares> executions = randomExecutions(random, 30 + random.nextInt(200));
            WorkflowStatistics exact = new ShareEstimator(Integer.MAX_VALUE, 1).estimate("w", executions);
            WorkflowStatistics merged =
                    new MergeableEstimator(Integer.MAX_VALUE).estimate("w", MergeableStatistics.of(executions));

            assertThat(merged.otherSeconds()).isCloseTo(exact.otherSeconds(), within(1e-9));
            WorkflowStatistics.EndToEnd times = merged.endToEndSeconds().orElseThrow();
            WorkflowStatistics.EndToEnd exactly = exact.endToEndSeconds().orElseThrow();
            assertThat(times.mean()).isCloseTo(exactly.mean(), within(1e-9));
            assertThat(times.p50()).isCloseTo(exactly.p50(), within(0.01 * exactly.p50()));
            assertThat(times.p99()).isCloseTo(exactly.p99(), within(0.01 * exactly.p99()));
            assertThat(merged.models()).hasSameSizeAs(exact.models());
            for (int m = 0; m < exact.models().size(); m++) {
                ModelStatistics one = merged.models().get(m);
                ModelStatistics other = exact.models().get(m);
                assertThat(one.model()).isEqualTo(other.model());
                assertThat(one.callsPerExecution()).isCloseTo(other.callsPerExecution(), within(1e-12));
                assertThat(one.parallelism()).isCloseTo(other.parallelism(), within(1e-9));
                assertThat(one.sequentialCalls()).isCloseTo(other.sequentialCalls(), within(1e-9));
                assertThat(one.executionShare().orElse(0))
                        .isCloseTo(other.executionShare().orElse(0), within(1e-12));
                assertThat(one.concurrentCalls().orElse(0))
                        .isCloseTo(other.concurrentCalls().orElse(0), within(1e-6));
                assertThat(one.engineSeconds()).isEqualTo(other.engineSeconds());
                assertThat(one.inputTokens().orElseThrow().mean())
                        .isCloseTo(other.inputTokens().orElseThrow().mean(), within(1e-9));
                double p99 = other.inputTokens().orElseThrow().p99().orElseThrow();
                assertThat(one.inputTokens().orElseThrow().p99().orElseThrow()).isCloseTo(p99, within(0.01 * p99));
            }
        }
    }

    @Test
    void rolesOfMergedSumsAreThoseOfTheCalls() {
        List<ExecutionShares> executions = new ArrayList<>();
        List<MergeableStatistics> parts = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            agents = new String[] {"planner"};
            LeafCall plan = call("a", 0, 1, 6000 + i);
            agents = new String[] {"writer"};
            executions.add(execution(5, plan, call("a", 1, 5, 300), call("a", 1, 4, 330), call("b", 1, 5, 90)));
            parts.add(MergeableStatistics.of(executions.get(i)));
        }
        WorkflowStatistics kept = AgentRoles.in(new ShareEstimator(30, 1).estimate("w", executions), executions);
        WorkflowStatistics merged = new MergeableEstimator(30).estimate("w", MergeableStatistics.sum(parts));

        for (WorkflowStatistics workflow : List.of(kept, merged)) {
            ModelStatistics a = workflow.models().get(0);
            assertThat(a.callClasses()).extracting(CallClass::name).containsExactly("planner", "writer");
            CallClass planner = a.callClasses().get(0);
            CallClass writer = a.callClasses().get(1);
            assertThat(planner.sequentialCalls()).isCloseTo(1, within(1e-9));
            assertThat(planner.inputTokens().orElseThrow().mean()).isCloseTo(6019.5, within(1e-9));
            // 4 s and 3 s at once, one of 4 s on the path, of calls of 3.5 s
            assertThat(writer.parallelism()).isCloseTo(7 / 4.0, within(1e-9));
            assertThat(writer.callsPerExecution() + planner.callsPerExecution())
                    .isCloseTo(a.callsPerExecution(), within(1e-12));
            assertThat(workflow.models().get(1).callClasses()).isEmpty();
        }
    }

    @Test
    void rolesOfPartOfTheCallsAreNone() {
        agents = new String[] {"planner", "writer"};
        List<ExecutionShares> told = randomExecutions(new Random(3), 40);
        agents = new String[] {null};
        ExecutionShares silent = ExecutionShares.of(complete(5, call("m0", 0, 1, 6000)));
        MergeableStatistics some = MergeableStatistics.of(told);

        WorkflowStatistics mixed = new MergeableEstimator(1).estimate("w", some.plus(MergeableStatistics.of(silent)));

        assertThat(mixed.models().get(0).callClasses()).isEmpty();
    }

    @Test
    void namesThatAreRatherIdsAreNotToldApartInWhateverOrderTheyCome() {
        List<MergeableStatistics> parts = new ArrayList<>();
        for (int i = 0; i <= MergeableStatistics.MOST_AGENTS; i++) {
            agents = new String[] {"run " + i};
            parts.add(MergeableStatistics.of(execution(5, call("a", 0, 1, 60))));
        }
        MergeableStatistics all = MergeableStatistics.sum(parts);
        MergeableStatistics upwards = parts.stream().reduce(MergeableStatistics.EMPTY, MergeableStatistics::plus);
        MergeableStatistics twice = all.plus(parts.get(0));

        assertThat(all.agents()).isEmpty();
        assertThat(all.crowded()).containsExactly("a");
        assertThat(MergeableBytes.of(upwards)).isEqualTo(MergeableBytes.of(all));
        assertThat(twice.agents()).isEmpty();
        assertThat(MergeableJson.read(MergeableJson.of(twice))).isEqualTo(twice);
    }

    @Test
    void percentilesOfManyValuesLieWithinOnePerCent() {
        Random random = new Random(1);
        long[] values = new long[5000];
        Arrays.setAll(values, i -> (long) Math.exp(40 * random.nextDouble()));
        LogHistogram histogram = LogHistogram.of(values);
        Arrays.sort(values);
        for (int percent = 1; percent <= 100; percent++) {
            long exact = NearestRank.percentile(values, percent);
            assertThat((double) histogram.percentile(percent)).isCloseTo(exact, within(0.01 * exact));
        }
    }

    @Test
    void newerAndDamagedFormsAreRefusedWithASentence() {
        MergeableStatistics some = MergeableStatistics.of(execution(4, call("a", 0, 4)));
        byte[] bytes = MergeableBytes.of(some);
        byte[] newer = bytes.clone();
        newer[0] = 3;

        assertThatIllegalArgumentException()
                .isThrownBy(() -> MergeableBytes.read(newer))
                .withMessageContaining("version 3");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MergeableJson.read(MergeableJson.of(some).replace("\"version\":2", "\"version\":3")))
                .withMessageContaining("version 3");
        for (int length = 0; length < bytes.length; length++) {
            byte[] cut = Arrays.copyOf(bytes, length);
            assertThatIllegalArgumentException().isThrownBy(() -> MergeableBytes.read(cut));
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MergeableBytes.read(Arrays.copyOf(bytes, bytes.length + 1)));
    }

    @Test
    void aDayOfAThousandWorkflowsFitsIntoAGigabyte() {
        // 20 models, 10 executions a minute; two hours of minutes, then hours
        Random random = new Random(5);
        List<MergeableStatistics> minutes = new ArrayList<>();
        for (int minute = 0; minute < 6; minute++) {
            List<ExecutionShares> executions = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                LeafCall[] calls = new LeafCall[20];
                for (int m = 0; m < calls.length; m++) {
                    calls[m] = call("model-" + m, m, m + random.nextDouble(), 1 + random.nextInt(5000));
                }
                executions.add(execution(25 + random.nextDouble(), calls));
            }
            minutes.add(MergeableStatistics.of(executions));
        }
        double minute = minutes.stream()
                        .mapToInt(each -> MergeableBytes.of(each).length)
                        .sum()
                / 6.0;
        // an hour's histograms are fuller, its sums hardly longer
        double hour = 3 * minute;
        double day = 1000 * (120 * minute + 24 * hour);

        assertThat(day).isLessThan(1e9);
    }

    private List<ExecutionShares> randomExecutions(Random random, int count) {
        List<ExecutionShares> executions = new ArrayList<>();
        for (int j = 0; j < count; j++) {
            LeafCall[] calls = new LeafCall[1 + random.nextInt(6)];
            for (int c = 0; c < calls.length; c++) {
                double start = random.nextDouble() * 5;
                calls[c] = call(
                        "m" + random.nextInt(1 + count % 4),
                        start,
                        start + Math.exp(random.nextGaussian()),
                        1 + random.nextInt(4000));
            }
            executions.add(execution(6 + random.nextDouble() * 20, calls));
        }
        return executions;
    }

    private LeafCall call(String model, double start, double end) {
        return call(model, start, end, 10);
    }

    private LeafCall call(String model, double start, double end, long tokens) {
        return new LeafCall(
                next++,
                model,
                (long) (start * SECOND),
                (long) (end * SECOND),
                0,
                OptionalLong.of(tokens),
                OptionalLong.of(tokens / 3),
                false,
                next % 3 == 0 ? new EngineTimes(next, 2 * next, 3 * next) : null,
                agents[(int) (next % agents.length)],
                List.of());
    }

    private ExecutionShares execution(double end, LeafCall... calls) {
        return ExecutionShares.withAgents(complete(end, calls));
    }

    private Execution.Complete complete(double end, LeafCall... calls) {
        return new Execution.Complete(
                new ExecutionId(new TraceId(1, next), next++),
                "w",
                0,
                (long) (end * SECOND),
                List.of(calls),
                OptionalDouble.empty(),
                OptionalDouble.empty());
    }
}
