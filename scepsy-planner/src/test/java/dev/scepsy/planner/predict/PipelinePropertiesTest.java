package dev.scepsy.planner.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.scepsy.planner.allocation.WorkflowPrediction;
import dev.scepsy.planner.predict.AggregateLlmPipeline.Serving;
import dev.scepsy.planner.profile.LatencyProfile;
import dev.scepsy.planner.profile.MeasuredCurve;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;

/** What holds for every problem, on random ones. */
class PipelinePropertiesTest {

    private static final int PROBLEMS = Boolean.getBoolean("scepsy.full") ? 20_000 : 1_000;

    @Test
    void singleCallsMakeAPlainTandemSum() {
        forRandomProblems((random, problem) -> {
            List<WorkflowDemand> single = problem.workflows.stream()
                    .map(workflow -> with(
                            workflow,
                            workflow.targetPerSecond(),
                            workflow.calls().stream()
                                    .map(call -> new ModelCalls(call.model(), 1, 1))
                                    .toList()))
                    .toList();
            AggregateLlmPipeline pipeline = AggregateLlmPipeline.of(single);
            List<WorkflowPrediction> predictions = pipeline.predict(problem.servings, 1);
            for (int w = 0; w < single.size(); w++) {
                double sum = single.get(w).fixedSeconds();
                for (ModelCalls call : single.get(w).calls()) {
                    Serving serving = problem.servings.get(call.model());
                    double load = pipeline.requestsPerSecond(pipeline.models().indexOf(call.model()));
                    sum += serving.profile().meanLatencySeconds(load / serving.replicas());
                }
                if (!predictions.get(w).overloaded()) {
                    assertThat(predictions.get(w).latencySeconds().orElseThrow())
                            .isCloseTo(sum, within(1e-9 * sum));
                }
            }
        });
    }

    @Test
    void scalingAllCallsDividesTheThroughputOfALoneWorkflow() {
        forRandomProblems((random, problem) -> {
            WorkflowDemand workflow = problem.workflows.get(0);
            double factor = 1 + random.nextInt(9);
            double before = throughput(problem, workflow);
            double after = throughput(
                    problem,
                    with(
                            workflow,
                            workflow.targetPerSecond(),
                            workflow.calls().stream()
                                    .map(call -> new ModelCalls(
                                            call.model(), call.callsPerExecution() * factor, call.sequentialCalls()))
                                    .toList()));
            assertThat(after).isCloseTo(before / factor, within(1e-9 * before));
        });
    }

    @Test
    void anotherReplicaNeverHurts() {
        forRandomProblems((random, problem) -> {
            AggregateLlmPipeline pipeline = AggregateLlmPipeline.of(problem.workflows);
            Map<String, Serving> more = new HashMap<>(problem.servings);
            String model =
                    pipeline.models().get(random.nextInt(pipeline.models().size()));
            more.compute(model, (name, serving) -> new Serving(profile(serving), replicas(serving) + 1));
            List<WorkflowPrediction> before = pipeline.predict(problem.servings, 1);
            List<WorkflowPrediction> after = pipeline.predict(more, 1);
            for (int w = 0; w < before.size(); w++) {
                assertThat(after.get(w).maxThroughputPerSecond().orElseThrow())
                        .isGreaterThanOrEqualTo(
                                before.get(w).maxThroughputPerSecond().orElseThrow());
                if (!before.get(w).overloaded()) {
                    assertThat(after.get(w).overloaded()).isFalse();
                    assertThat(after.get(w).latencySeconds().orElseThrow())
                            .isLessThanOrEqualTo(before.get(w).latencySeconds().orElseThrow());
                }
            }
        });
    }

    @Test
    void atItsThroughputAWorkflowIsSustainedAndJustAboveItIsNot() {
        forRandomProblems((random, problem) -> {
            WorkflowDemand workflow = problem.workflows.get(0);
            double most = throughput(problem, workflow);
            assertThat(overloadedAt(problem, workflow, most * (1 - 1e-12))).isFalse();
            assertThat(overloadedAt(problem, workflow, most * (1 + 1e-9))).isTrue();
        });
    }

    @Test
    void atZeroLoadTheLatencyIsThatOfIdleReplicas() {
        forRandomProblems((random, problem) -> {
            WorkflowDemand idle =
                    with(problem.workflows.get(0), 0, problem.workflows.get(0).calls());
            double expected = idle.fixedSeconds()
                    + idle.calls().stream()
                            .mapToDouble(call -> call.sequentialCalls()
                                    * profile(problem.servings.get(call.model()))
                                            .meanLatencySeconds(0))
                            .sum();
            assertThat(AggregateLlmPipeline.of(List.of(idle))
                            .predict(problem.servings, 1)
                            .get(0)
                            .latencySeconds()
                            .orElseThrow())
                    .isCloseTo(expected, within(1e-9 * expected));
        });
    }

    @Test
    void theOrderOfWorkflowsChangesNothing() {
        forRandomProblems((random, problem) -> {
            List<WorkflowDemand> reversed = new ArrayList<>(problem.workflows);
            Collections.reverse(reversed);
            List<WorkflowPrediction> forwards =
                    AggregateLlmPipeline.of(problem.workflows).predict(problem.servings, 0.85);
            List<WorkflowPrediction> backwards =
                    new ArrayList<>(AggregateLlmPipeline.of(reversed).predict(problem.servings, 0.85));
            Collections.reverse(backwards);
            assertThat(backwards).isEqualTo(forwards);
        });
    }

    private record Problem(List<WorkflowDemand> workflows, Map<String, Serving> servings) {}

    private static void forRandomProblems(BiConsumer<Random, Problem> check) {
        for (int seed = 0; seed < PROBLEMS; seed++) {
            Random random = new Random(seed);
            check.accept(random, random(random));
        }
    }

    private static Problem random(Random random) {
        int models = 1 + random.nextInt(6);
        Map<String, Serving> servings = new HashMap<>();
        for (int m = 0; m < models; m++) {
            servings.put("m" + m, new Serving(curve(random), 1 + random.nextInt(4)));
        }
        List<WorkflowDemand> workflows = new ArrayList<>();
        for (int w = 0; w <= random.nextInt(3); w++) {
            List<ModelCalls> calls = new ArrayList<>();
            for (int m = 0; m < models; m++) {
                if (m == 0 || random.nextBoolean()) {
                    double n = decimal(0.1 + 5 * random.nextDouble());
                    calls.add(new ModelCalls("m" + m, n, decimal(n * random.nextDouble())));
                }
            }
            workflows.add(new WorkflowDemand(
                    "w" + w, decimal(2 * random.nextDouble()), 1, decimal(random.nextDouble()), 0, calls));
        }
        return new Problem(workflows, servings);
    }

    private static LatencyProfile curve(Random random) {
        List<MeasuredCurve.Point> points = new ArrayList<>();
        double rate = 0;
        double latency = 0.1 + random.nextDouble();
        for (int i = 0; i < 1 + random.nextInt(5); i++) {
            rate += 0.1 + 3 * random.nextDouble();
            latency += random.nextDouble();
            points.add(new MeasuredCurve.Point(decimal(rate), decimal(latency)));
        }
        return MeasuredCurve.of(points, OptionalDouble.empty(), 10);
    }

    private static double decimal(double value) {
        return Math.round(value * 1000) / 1000.0;
    }

    private static WorkflowDemand with(WorkflowDemand workflow, double target, List<ModelCalls> calls) {
        return new WorkflowDemand(workflow.name(), target, 1, workflow.otherSeconds(), 0, calls);
    }

    private static double throughput(Problem problem, WorkflowDemand workflow) {
        return AggregateLlmPipeline.of(List.of(workflow))
                .predict(problem.servings, 1)
                .get(0)
                .maxThroughputPerSecond()
                .orElseThrow();
    }

    private static boolean overloadedAt(Problem problem, WorkflowDemand workflow, double target) {
        return AggregateLlmPipeline.of(List.of(with(workflow, target, workflow.calls())))
                .predict(problem.servings, 1)
                .get(0)
                .overloaded();
    }

    private static LatencyProfile profile(Serving serving) {
        return serving.profile();
    }

    private static int replicas(Serving serving) {
        return serving.replicas();
    }
}
