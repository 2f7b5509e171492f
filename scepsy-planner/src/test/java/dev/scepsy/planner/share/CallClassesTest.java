package dev.scepsy.planner.share;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.scepsy.planner.execution.Execution;
import dev.scepsy.planner.execution.ExecutionId;
import dev.scepsy.planner.execution.LeafCall;
import dev.scepsy.planner.span.EngineTimes;
import dev.scepsy.planner.span.TraceId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CallClassesTest {

    private static final long SECOND = 1_000_000_000L;

    private final ShareEstimator estimator = new ShareEstimator(1, 1);
    private long nextId = 1;

    @Test
    void agentsWithCallsOfOtherLengthsAreRolesOfTheirModel() {
        // planner 1 s, then three writers of 4 s side by side: n = 4, the path is 5 s
        List<Execution.Complete> executions = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            executions.add(execution(
                    5,
                    call("planner", 0, 1, 2000, 50),
                    call("writer", 1, 5, 200, 800),
                    call("writer", 1, 5, 200, 800),
                    call("writer", 1, 5, 200, 800)));
        }
        ModelStatistics model = classed(executions).models().get(0);

        // all calls: 13 s in 4 calls; 5 s of path
        assertThat(model.callsPerExecution()).isEqualTo(4);
        assertThat(model.sequentialCalls()).isCloseTo(5 / 3.25, within(1e-12));
        assertThat(model.callClasses()).extracting(CallClass::name).containsExactly("planner", "writer");
        CallClass planner = model.callClasses().get(0);
        assertThat(planner.callsPerExecution()).isEqualTo(1);
        assertThat(planner.sequentialCalls()).isEqualTo(1);
        assertThat(planner.meanCallSeconds()).hasValue(1);
        assertThat(planner.executionShare()).hasValue(1 / 13.0);
        assertThat(planner.inputTokens().orElseThrow().mean()).isEqualTo(2000);
        CallClass writer = model.callClasses().get(1);
        assertThat(writer.callsPerExecution()).isEqualTo(3);
        assertThat(writer.parallelism()).isEqualTo(3);
        assertThat(writer.concurrentCalls()).hasValue(3);
        assertThat(writer.sequentialCalls()).isEqualTo(1);
        assertThat(writer.outputTokens().orElseThrow().mean()).isEqualTo(800);
    }

    @Test
    void agentsWhoseCallsAreAlikeAreOneRole() {
        assertThat(classed(List.of(execution(
                                9, call("a", 0, 4, 1000, 100), call("b", 4, 9, 1100, 120), call("a", 0, 4, 900, 110))))
                        .models()
                        .get(0)
                        .callClasses())
                .isEmpty();
    }

    @Test
    void twoModesOfLengthsAreRolesWhereNoAgentTellsThemApart() {
        Random random = new Random(20261129);
        List<Execution.Complete> two = new ArrayList<>();
        List<Execution.Complete> one = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            two.add(execution(
                    3,
                    call(null, 0, 1, 100 + random.nextInt(60), 50 + random.nextInt(30)),
                    call(null, 1, 3, 3000 + random.nextInt(900), 60 + random.nextInt(30))));
            one.add(execution(
                    3, call(null, 0, 3, (long) Math.exp(7 + random.nextGaussian()), 50 + random.nextInt(30))));
        }
        ModelStatistics modes = classed(two).models().get(0);

        assertThat(modes.callClasses()).extracting(CallClass::name).containsExactly("long prompts", "short prompts");
        assertThat(modes.callClasses()).extracting(CallClass::callsPerExecution).containsExactly(1.0, 1.0);
        assertThat(classed(one).models().get(0).callClasses()).isEmpty();
    }

    @Test
    void classesAddUpToTheirModel() {
        Random random = new Random(1);
        String[] agents = {"planner", "writer", "critic", null};
        for (int run = 0; run < 50; run++) {
            List<Execution.Complete> executions = new ArrayList<>();
            for (int j = 0; j < 30; j++) {
                LeafCall[] calls = new LeafCall[1 + random.nextInt(6)];
                for (int c = 0; c < calls.length; c++) {
                    int agent = random.nextInt(4);
                    double start = random.nextDouble() * 8;
                    calls[c] =
                            call(agents[agent], start, start + random.nextDouble() * 3, 100 << (2 * agent), 50 + agent);
                }
                executions.add(execution(12, calls));
            }
            ModelStatistics model = classed(executions).models().get(0);
            assertThat(model.callClasses()).hasSize(4);
            assertThat(model.callClasses().stream()
                            .mapToDouble(CallClass::callsPerExecution)
                            .sum())
                    .isCloseTo(model.callsPerExecution(), within(1e-9));
            assertThat(model.callClasses().stream()
                            .mapToDouble(each -> each.sequentialCalls()
                                    * each.meanCallSeconds().orElse(0))
                            .sum())
                    .isCloseTo(model.sequentialCalls() * model.meanCallSeconds().orElse(0), within(1e-9));
            assertThat(model.callClasses().stream()
                            .mapToDouble(each -> each.executionShare().orElse(0))
                            .sum())
                    .isCloseTo(model.executionShare().orElse(0), within(1e-9));
        }
    }

    @Test
    void demandIsWhatEnginesSayWithoutTheirQueues() {
        // a: 10 s of which 6 s in the queue; b: 5 s, silent engine
        LeafCall a = new LeafCall(
                nextId++,
                "a",
                0,
                10 * SECOND,
                0,
                OptionalLong.of(10),
                OptionalLong.of(10),
                false,
                new EngineTimes(6 * SECOND, SECOND, 2 * SECOND),
                null,
                List.of());
        LeafCall b = new LeafCall(
                nextId++, "b", 10 * SECOND, 15 * SECOND, 0, OptionalLong.of(10), OptionalLong.of(10), false);
        WorkflowStatistics measured = estimator.estimate("w", List.of(ExecutionShares.of(execution(15, a, b))));

        WorkflowStatistics demand = Demands.in(measured, Demands.EngineSecondsPerCall.UNKNOWN);
        WorkflowStatistics modelled = Demands.in(measured, model -> OptionalDouble.of(1));

        assertThat(demand.models().get(0).demand()).contains(new Demand(3, 3 / 8.0, Demand.Source.ENGINE));
        assertThat(demand.models().get(1).demand()).contains(new Demand(5, 5 / 8.0, Demand.Source.MEASURED));
        assertThat(modelled.models().get(0).demand()).contains(new Demand(3, 3 / 4.0, Demand.Source.ENGINE));
        assertThat(modelled.models().get(1).demand()).contains(new Demand(1, 1 / 4.0, Demand.Source.TOKENS));
        // what was measured stays what it is
        assertThat(demand.models().get(0).executionShare()).hasValue(10 / 15.0);
    }

    @Test
    void whereTheEngineModelKnowsTheModelItSaysWhetherRolesMatter() {
        // n = 4 of 1 s + 3 s more of other time; path planner, then writers: 5 s
        List<Execution.Complete> executions = List.of(execution(
                8,
                call("planner", 0, 1, 2000, 50),
                call("writer", 1, 5, 200, 800),
                call("writer", 1, 5, 200, 800),
                call("writer", 1, 5, 200, 800)));
        // planner 1 s, writer 4 s, mean call 3.25 s: the load is the same, and so is the path, 5 s
        CallClasses.Judged alike = judged(executions, engine(1, 4, 3.25));
        // mean call 2 s: the load is 8 s, not 13; without roles the path is 2 * 5 / 3.25 s and the latency 3 s more
        CallClasses.Judged other = judged(executions, engine(1, 4, 2));

        assertThat(alike.verdicts()).singleElement().satisfies(verdict -> {
            assertThat(verdict.kept()).isFalse();
            assertThat(verdict.classes()).containsExactly("planner", "writer");
            assertThat(verdict.effect().latency()).isCloseTo(0, within(1e-12));
            assertThat(verdict.effect().demand()).isCloseTo(0, within(1e-12));
        });
        assertThat(alike.workflow().models().get(0).callClasses()).isEmpty();
        assertThat(other.verdicts()).singleElement().satisfies(verdict -> {
            double path = 2 * 5 / 3.25;
            assertThat(verdict.kept()).isTrue();
            assertThat(verdict.effect().latency()).isCloseTo((5 - path) / (3 + path), within(1e-12));
            assertThat(verdict.effect().demand()).isCloseTo(5 / 8.0, within(1e-12));
        });
        assertThat(other.workflow().models().get(0).callClasses()).hasSize(2);
    }

    private static Demands.EngineSecondsPerCall engine(double planner, double writer, double mean) {
        return new Demands.EngineSecondsPerCall() {
            @Override
            public OptionalDouble of(ModelStatistics model) {
                return OptionalDouble.of(mean);
            }

            @Override
            public List<OptionalDouble> ofClasses(ModelStatistics model, List<CallClass> classes) {
                return classes.stream()
                        .map(each -> OptionalDouble.of(each.name().equals("planner") ? planner : writer))
                        .toList();
            }
        };
    }

    private WorkflowStatistics classed(List<Execution.Complete> executions) {
        return judged(executions, Demands.EngineSecondsPerCall.UNKNOWN).workflow();
    }

    private CallClasses.Judged judged(List<Execution.Complete> executions, Demands.EngineSecondsPerCall engine) {
        AgentCalls agents = new AgentCalls();
        executions.forEach(agents::add);
        List<ExecutionShares> shares =
                executions.stream().map(ExecutionShares::of).toList();
        Map<String, CallSplit> splits = CallClasses.candidates(agents, shares);
        return CallClasses.in(
                estimator.estimate("w", shares),
                estimator.estimate(
                        "w",
                        executions.stream()
                                .map(execution -> ExecutionShares.of(CallClasses.relabelled(execution, splits)))
                                .toList()),
                engine);
    }

    private LeafCall call(String agent, double start, double end, long input, long output) {
        return new LeafCall(
                nextId++,
                "m",
                (long) (start * SECOND),
                (long) (end * SECOND),
                0,
                OptionalLong.of(input),
                OptionalLong.of(output),
                false,
                null,
                agent,
                List.of());
    }

    private Execution.Complete execution(double end, LeafCall... calls) {
        return new Execution.Complete(
                new ExecutionId(new TraceId(1, nextId++), 1),
                "w",
                0,
                (long) (end * SECOND),
                List.of(calls),
                OptionalDouble.empty(),
                OptionalDouble.empty());
    }

    @Test
    void noLengthsNoModes() {
        assertThat(CallSplit.ofModes(new int[0], true)).isEqualTo(Optional.empty());
    }
}
