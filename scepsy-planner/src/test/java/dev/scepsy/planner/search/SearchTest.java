package dev.scepsy.planner.search;

import static dev.scepsy.planner.search.Problems.calls;
import static dev.scepsy.planner.search.Problems.candidate;
import static dev.scepsy.planner.search.Problems.cluster;
import static dev.scepsy.planner.search.Problems.found;
import static dev.scepsy.planner.search.Problems.model;
import static dev.scepsy.planner.search.Problems.node;
import static dev.scepsy.planner.search.Problems.problem;
import static dev.scepsy.planner.search.Problems.shapes;
import static dev.scepsy.planner.search.Problems.tenths;
import static dev.scepsy.planner.search.Problems.workflow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.scepsy.planner.allocation.GpuFraction;
import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.predict.WorkflowDemand;
import dev.scepsy.planner.search.choice.AllocationProblem;
import dev.scepsy.planner.search.choice.AllocationProblem.ModelOptions;
import dev.scepsy.planner.topology.Sharing;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class SearchTest {

    @Test
    void oneModelOnOneGpuAddsItsLatencyToTheOtherTime() {
        AllocationProblem problem = problem(
                cluster(node("n", 1, new Sharing.Exclusive())),
                List.of(model("m", candidate(1, 1, Curve.flat(1.5, 4, 80)))),
                workflow("w", 1, 1, 0.25, calls("m", 2)));

        Plan plan = found(problem).plan();

        assertThat(plan.objectiveSeconds()).isCloseTo(0.25 + 2 * 1.5, within(1e-12));
        assertThat(plan.lowerBoundSeconds()).isEqualTo(plan.objectiveSeconds());
        assertThat(plan.gpusUsed()).isEqualTo(1);
        assertThat(plan.largestFreeGroup()).isZero();
        assertThat(plan.predictions().get(0).maxThroughputPerSecond()).hasValue(2);
        assertThat(plan.predictions().get(0).bottleneck()).isEqualTo("m");
    }

    @Test
    void replicasAreAddedOnlyAsLongAsTheyMakeCallsFaster() {
        // latency falls until each replica gets at most 0.8/s; 1.6/s need two
        AllocationProblem problem = problem(
                cluster(node("n", 4, new Sharing.Exclusive())),
                List.of(model("m", candidate(1, 1, Curve.rising(1, 3, 4, 80)))),
                workflow("w", 1.6, 1, 0, calls("m", 1)));

        SearchResult.Found found = found(problem);

        assertThat(shapes(found)).containsExactly("m 2 x t=1 f=1");
        assertThat(found.plan().objectiveSeconds()).isEqualTo(1);
        assertThat(found.plan().largestFreeGroup()).isEqualTo(2);
    }

    @Test
    void aLoadEqualToTheUsableSaturationIsSustained() {
        // 3 · 0.1 is 0.30000000000000004 in floating point; as written it is 0.3 and fits one replica of 0.3/s
        AllocationProblem problem = problem(
                cluster(node("n", 1, new Sharing.Exclusive())),
                List.of(model("m", candidate(1, 1, Curve.flat(1, 0.3, 80)))),
                workflow("w", 0.1, 1, 0, calls("m", 3)));

        assertThat(shapes(found(problem))).containsExactly("m 1 x t=1 f=1");
    }

    @Test
    void tenTenthsFillAGpuExactly() {
        ModelOptions ten =
                new ModelOptions("m", 10, OptionalInt.empty(), List.of(candidate(1, 0.1, Curve.flat(1, 1, 8))));

        SearchResult.Found found =
                found(problem(cluster(node("n", 1, tenths())), List.of(ten), workflow("w", 1, 1, 0, calls("m", 1))));

        assertThat(found.plan().placements()).hasSize(10);
        assertThat(found.plan().gpusUsed()).isEqualTo(1);
    }

    @Test
    void threeThirdsFillAGpuExactlyInComputeAndMemory() {
        double third = 80 * (1.0 / 3);
        ModelOptions three = new ModelOptions(
                "m",
                3,
                OptionalInt.empty(),
                List.of(new AllocationProblem.Candidate(
                        "A", 1, GpuFraction.oneOf(3), Curve.flat(1, 1, Math.nextUp(third)))));

        SearchResult.Found found = found(problem(
                cluster(node("n", 1, new Sharing.EqualParts(Sharing.Mode.MPS, 3, false))),
                List.of(three),
                workflow("w", 1, 1, 0, calls("m", 1))));

        assertThat(found.plan().placements()).hasSize(3);
    }

    @Test
    void equallyFastPlansAreToldApartByGpusThenByTheSmallestList() {
        // 0.5, 0.3 and two GPUs are all equally fast: 0.3 takes least
        ModelOptions m = model(
                "m",
                candidate(2, 1, Curve.flat(1, 9, 80)),
                candidate(1, 0.5, Curve.flat(1, 9, 40)),
                candidate(1, 0.3, Curve.flat(1, 9, 24)));

        assertThat(shapes(found(
                        problem(cluster(node("n", 2, tenths())), List.of(m), workflow("w", 1, 1, 0, calls("m", 1))))))
                .containsExactly("m 1 x t=1 f=0.3");

        // one of 0.4 or two of 0.2: the same GPUs, the smaller fraction first
        ModelOptions two = new ModelOptions(
                "m",
                1,
                OptionalInt.empty(),
                List.of(candidate(1, 0.4, Curve.flat(1, 2, 32)), candidate(1, 0.2, Curve.flat(1, 1, 16))));
        assertThat(shapes(found(
                        problem(cluster(node("n", 2, tenths())), List.of(two), workflow("w", 2, 1, 0, calls("m", 1))))))
                .containsExactly("m 2 x t=1 f=0.2");
    }

    @Test
    void aWorkflowOfWeightZeroConstrainsButDoesNotCount() {
        ModelOptions a = model("a", candidate(1, 1, Curve.rising(1, 3, 1, 80)));
        ModelOptions b = model("b", candidate(1, 1, Curve.rising(5, 3, 1, 80)));

        SearchResult.Found found = found(problem(
                cluster(node("n", 4, new Sharing.Exclusive())),
                List.of(a, b),
                workflow("counts", 0.5, 1, 0, calls("a", 1)),
                workflow("constrains", 0.9, 0, 7, calls("b", 1))));

        assertThat(shapes(found)).containsExactly("a 3 x t=1 f=1", "b 1 x t=1 f=1");
        assertThat(found.plan().objectiveSeconds()).isEqualTo(1);
        assertThat(found.plan().predictions().get(1).latencySeconds()).isPresent();
    }

    @Test
    void withoutAnyWeightTheFewestGpusThatServeTheTargetsAreChosen() {
        SearchResult.Found found = found(problem(
                cluster(node("n", 2, tenths())),
                List.of(model("m", candidate(1, 0.5, Curve.flat(1, 2, 40)), candidate(1, 1, Curve.flat(0.5, 4, 80)))),
                workflow("w", 1, 0, 1, calls("m", 1))));

        assertThat(shapes(found)).containsExactly("m 1 x t=1 f=0.5");
        assertThat(found.plan().objectiveSeconds()).isZero();
        assertThat(found.plan().optimalityGap()).isZero();
    }

    @Test
    void aTargetOfZeroIsEvaluatedAtTheOthersLoad() {
        Curve curve = new Curve(new double[] {1, 2}, new double[] {1, 3}, 2, 80);

        SearchResult.Found found = found(problem(
                cluster(node("n", 1, new Sharing.Exclusive())),
                List.of(model("m", candidate(1, 1, curve))),
                workflow("busy", 1.5, 1, 0, calls("m", 1)),
                workflow("idle", 0, 1, 0, calls("m", 2))));

        assertThat(found.plan().predictions().get(1).latencySeconds()).hasValue(4);
        assertThat(found.plan().predictions().get(1).maxThroughputPerSecond()).hasValue(0.25);
        assertThat(found.plan().objectiveSeconds()).isEqualTo(3);
    }

    @Test
    void aModelThatNoWorkflowUsesGetsNothing() {
        SearchResult.Found found = found(problem(
                cluster(node("n", 1, new Sharing.Exclusive())),
                List.of(
                        model("unused", candidate(1, 1, Curve.flat(1, 1, 80))),
                        model("used", candidate(1, 1, Curve.flat(1, 1, 80)))),
                workflow("w", 1, 1, 0, calls("used", 1))));

        assertThat(shapes(found)).containsExactly("used 1 x t=1 f=1");
    }

    @Test
    void withOnlyExternalModelsThePlanIsEmpty() {
        WorkflowDemand external = new WorkflowDemand("w", 1, 2, 0.5, 3, List.of());

        SearchResult.Found found = found(problem(cluster(node("n", 2, new Sharing.Exclusive())), List.of(), external));

        assertThat(found.plan().allocations()).isEmpty();
        assertThat(found.plan().objectiveSeconds()).isEqualTo(3.5);
        assertThat(found.plan().predictions().get(0).maxThroughputPerSecond()).isEmpty();
        assertThat(found.plan().largestFreeGroup()).isEqualTo(2);
    }

    @Test
    void groupsStayInsideADomainEvenWhenThatCostsLatency() {
        // a group of 2 would be faster, but every domain holds one GPU
        SearchResult.Found found = found(problem(
                cluster(node("n", 4, 1, new Sharing.Exclusive())),
                List.of(model("m", candidate(2, 1, Curve.flat(1, 9, 80)), candidate(1, 1, Curve.flat(2, 9, 80)))),
                workflow("w", 1, 1, 0, calls("m", 1))));

        assertThat(shapes(found)).containsExactly("m 1 x t=1 f=1");
    }

    @Test
    void aBetterLookingCombinationThatCannotBePlacedIsPassedOver() {
        // two domains of 3: two groups of 2 fit, but then only single GPUs are left for a third
        ModelOptions a = model("a", candidate(2, 1, Curve.flat(1, 9, 80)), candidate(1, 1, Curve.flat(10, 9, 80)));
        ModelOptions b = model("b", candidate(2, 1, Curve.flat(1, 9, 80)), candidate(1, 1, Curve.flat(9, 9, 80)));
        ModelOptions c = model("c", candidate(2, 1, Curve.flat(1, 9, 80)), candidate(1, 1, Curve.flat(8, 9, 80)));

        SearchResult.Found found = found(problem(
                cluster(node("n", 6, 3, new Sharing.Exclusive())),
                List.of(a, b, c),
                workflow("w", 1, 1, 0, calls("a", 1), calls("b", 1), calls("c", 1))));

        assertThat(shapes(found)).containsExactly("a 1 x t=2 f=1", "b 1 x t=2 f=1", "c 1 x t=1 f=1");
        assertThat(found.plan().objectiveSeconds()).isEqualTo(10);
        assertThat(found.plan().optimalityGap()).isZero();
    }

    @Test
    void memoryLimitsWhatComputeWouldAllow() {
        // four tenths fit a GPU by compute; 30 GiB each let only two stand on it
        SearchResult.Found found = found(problem(
                cluster(node("n", 1, tenths())),
                List.of(model("m", candidate(1, 0.1, Curve.rising(1, 4, 1, 30)))),
                workflow("w", 0.8, 1, 0, calls("m", 1))));

        assertThat(shapes(found)).containsExactly("m 2 x t=1 f=0.1");
    }

    @Test
    void theSameProblemGivesTheSamePlanToTheLastBit() {
        AllocationProblem problem =
                GeneratedProblem.of(7, GeneratedProblem.Flavour.MEMORY_BOUND, new GeneratedProblem.Size(5, 16, 2));

        assertThat(Problems.solve(problem)).isEqualTo(Problems.solve(problem));
    }
}
