package dev.scepsy.planner.search;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.allocation.Goal;
import dev.scepsy.planner.allocation.GpuFraction;
import dev.scepsy.planner.allocation.Objective;
import dev.scepsy.planner.placement.Placement;
import dev.scepsy.planner.predict.ModelCalls;
import dev.scepsy.planner.predict.WorkflowDemand;
import dev.scepsy.planner.search.choice.AllocationProblem;
import dev.scepsy.planner.search.choice.AllocationProblem.Candidate;
import dev.scepsy.planner.search.choice.AllocationProblem.ModelOptions;
import dev.scepsy.planner.search.choice.Choice;
import dev.scepsy.planner.search.choice.ChoiceSpace;
import dev.scepsy.planner.search.choice.Dominance;
import dev.scepsy.planner.search.choice.Limit;
import dev.scepsy.planner.search.choice.Measure;
import dev.scepsy.planner.search.choice.Placeability;
import dev.scepsy.planner.search.choice.SearchLimits;
import dev.scepsy.planner.search.explain.WhatIf;
import dev.scepsy.planner.search.heuristic.LagrangianHeuristic;
import dev.scepsy.planner.search.solver.Feasibility;
import dev.scepsy.planner.topology.Cluster;
import dev.scepsy.planner.topology.GpuType;
import dev.scepsy.planner.topology.Node;
import dev.scepsy.planner.topology.Rack;
import dev.scepsy.planner.topology.Sharing;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LagrangianHeuristicTest {

    @Test
    void aLargeClusterGetsALegalPlanCloseToTheBound() {
        AllocationProblem problem = fleet(80, 1_000, 8);

        SearchResult.Found found = (SearchResult.Found) Search.plan(problem, Placement::on);

        LegalPlan.check(problem, found.plan());
        assertThat(found.plan().optimalityGap()).isBetween(0.0, 0.02);
        assertThat(found.effort().placementProven()).isFalse();
    }

    @Test
    void nearlyAsManyModelsAsGpusEndCloseToTheBound() {
        AllocationProblem problem = new WhatIf.ScaledLoad(0.75).apply(fleet(100, 104, 20));

        SearchResult.Found found = (SearchResult.Found) Search.plan(problem, Placement::on);

        LegalPlan.check(problem, found.plan());
        assertThat(found.plan().optimalityGap()).isBetween(0.0, 0.02);
    }

    @Test
    void noChangeOfOneModelMakesThePlanBetter() {
        int asked = 0;
        for (GeneratedProblem.Flavour flavour : List.of(
                GeneratedProblem.Flavour.PLAIN,
                GeneratedProblem.Flavour.FRAGMENTED,
                GeneratedProblem.Flavour.MIXED_NODES,
                GeneratedProblem.Flavour.TWO_TYPES)) {
            for (int seed = 0; seed < 4; seed++) {
                AllocationProblem problem = GeneratedProblem.of(seed, flavour, new GeneratedProblem.Size(4, 8, 2));
                ChoiceSpace space = ChoiceSpace.of(problem, 1);
                Placement placement = Placement.on(problem.cluster(), space.placementShapes());
                LagrangianHeuristic heuristic = heuristic(space, placement, List.of());
                Optional<List<Choice>> plan = heuristic.solve(Optional.empty());
                if (plan.isEmpty()) {
                    continue;
                }
                double cost = plan.get().stream().mapToDouble(Choice::cost).sum();
                for (int model = 0; model < space.models(); model++) {
                    for (Choice other : Dominance.undominated(space, model)) {
                        List<Choice> changed = new ArrayList<>(plan.get());
                        changed.set(model, other);
                        if (changed.stream().mapToDouble(Choice::cost).sum() < cost * (1 - 1e-9)) {
                            asked++;
                            assertThat(placement.check(
                                            changed.stream()
                                                    .mapToInt(choice ->
                                                            choice.shape().index())
                                                    .toArray(),
                                            changed.stream()
                                                    .mapToInt(Choice::replicas)
                                                    .toArray()))
                                    .as(flavour + " " + seed + " " + other)
                                    .isNotEqualTo(Placeability.Verdict.PLACEABLE);
                        }
                    }
                }
            }
        }
        assertThat(asked).isGreaterThan(10);
    }

    @Test
    void aPlanOfManyModelsKeepsLatencyLimitsThatAnotherPlanKeeps() {
        for (int models : new int[] {20, 60}) {
            AllocationProblem problem = fleet(models, 400, 5);
            SearchResult.Found free = (SearchResult.Found) Search.plan(problem, Placement::on);
            AllocationProblem limited = problem.withWorkflows(problem.workflows().stream()
                    .map(workflow -> workflow.withLatencyLimit(free.plan().predictions().stream()
                            .filter(prediction -> prediction.workflow().equals(workflow.name()))
                            .findFirst()
                            .orElseThrow()
                            .latencySeconds()))
                    .toList());
            // the last digit of a sum may differ
            AllocationProblem nearly = limited.withWorkflows(limited.workflows().stream()
                    .map(workflow -> workflow.withLatencyLimit(
                            OptionalDouble.of(workflow.latencyLimitSeconds().orElseThrow() * 1.01)))
                    .toList());

            SearchResult.Found found = (SearchResult.Found) Search.plan(nearly, Placement::on);

            LegalPlan.check(nearly, found.plan());
            assertThat(found.plan().lowerBoundSeconds())
                    .isLessThanOrEqualTo(free.plan().objectiveSeconds() * (1 + 1e-9));
            assertThat(found.plan().optimalityGap()).isBetween(0.0, 0.02);
        }
    }

    @Test
    void theBoundNeverExceedsTheProvenOptimumWithinLimits() {
        int compared = 0;
        for (GeneratedProblem.Flavour flavour : GeneratedProblem.Flavour.values()) {
            for (int seed = 0; seed < 3; seed++) {
                AllocationProblem free = GeneratedProblem.of(seed, flavour, new GeneratedProblem.Size(3, 5, 2));
                if (!(Search.plan(free.withObjective(Objective.GPUS), Placement::on)
                        instanceof SearchResult.Found sparing)) {
                    continue;
                }
                AllocationProblem problem = free.withWorkflows(free.workflows().stream()
                        .map(workflow -> workflow.withLatencyLimit(OptionalDouble.of(0.9
                                * sparing.plan().predictions().stream()
                                        .filter(prediction ->
                                                prediction.workflow().equals(workflow.name()))
                                        .findFirst()
                                        .orElseThrow()
                                        .latencySeconds()
                                        .orElseThrow())))
                        .toList());
                if (Search.plan(problem, Placement::on) instanceof SearchResult.Found found) {
                    ChoiceSpace space = ChoiceSpace.of(problem, 1);
                    LagrangianHeuristic heuristic = heuristic(
                            space, Placement.on(problem.cluster(), space.placementShapes()), space.latencyLimits());
                    heuristic.solve(Optional.empty());
                    assertThat(heuristic.lowerBound())
                            .as(flavour + " " + seed)
                            .isLessThanOrEqualTo(found.plan().objectiveSeconds() * (1 + 1e-9));
                    compared++;
                }
            }
        }
        assertThat(compared).isGreaterThan(5);
    }

    @Test
    void moreWorkNeverGivesAWorsePlan() {
        AllocationProblem problem = fleet(20, 160, 5);
        double last = Double.POSITIVE_INFINITY;
        for (long nodes : new long[] {1_000, 400_000, 1_000_000, 2_000_000}) {
            SearchResult.Found found =
                    (SearchResult.Found) Search.plan(problem, Placement::on, new SearchLimits(nodes, 3));
            assertThat(found.plan().objectiveSeconds()).isLessThanOrEqualTo(last);
            last = found.plan().objectiveSeconds();
        }
    }

    @Test
    void moreWorkNeverGivesAWorsePlanForAnyObjectiveOnProblemsThatAreHardToPlace() {
        for (Objective objective : List.of(Objective.LATENCY, Objective.GPUS)) {
            for (int seed = 0; seed < 2; seed++) {
                AllocationProblem problem = GeneratedProblem.of(
                                6_000 + seed,
                                GeneratedProblem.Flavour.SHARED_GROUPS,
                                new GeneratedProblem.Size(5, 12, 2))
                        .withObjective(objective);
                double last = Double.POSITIVE_INFINITY;
                for (long nodes = 1; nodes <= 10_000; nodes *= 10) {
                    SearchResult result = Search.plan(problem, Placement::on, new SearchLimits(nodes, 1));
                    double value = result instanceof SearchResult.Found found
                            ? found.plan()
                                    .goal()
                                    .map(Goal::value)
                                    .orElse(found.plan().objectiveSeconds())
                            : Double.POSITIVE_INFINITY;
                    assertThat(value).as(objective + " " + seed + " " + nodes).isLessThanOrEqualTo(last * (1 + 1e-12));
                    last = value;
                }
            }
        }
    }

    @Test
    void aSearchThatIsToldToStopAnswersWithALegalPlanAndABound() {
        AllocationProblem problem = fleet(20, 160, 5);
        int[] asked = {0};
        SearchLimits limits = new SearchLimits(2_000_000, 0, () -> ++asked[0] > 5);

        SearchResult.Found found = (SearchResult.Found) Search.plan(problem, Placement::on, limits);

        LegalPlan.check(problem, found.plan());
        assertThat(found.plan().optimalityGap()).isBetween(0.0, 1.0);
        assertThat(found.plan().lowerBoundSeconds())
                .isLessThanOrEqualTo(((SearchResult.Found) Search.plan(problem, Placement::on))
                                .plan()
                                .objectiveSeconds()
                        * (1 + 1e-9));
    }

    @Test
    void theSameSeedAndWorkGiveTheSamePlan() {
        AllocationProblem problem = fleet(20, 160, 5);
        SearchLimits limits = new SearchLimits(500_000, 11);

        assertThat(Search.plan(problem, Placement::on, limits)).isEqualTo(Search.plan(problem, Placement::on, limits));
    }

    @Test
    void theBoundNeverExceedsTheProvenOptimum() {
        for (GeneratedProblem.Flavour flavour : GeneratedProblem.Flavour.values()) {
            for (int seed = 0; seed < 4; seed++) {
                AllocationProblem problem = GeneratedProblem.of(seed, flavour, new GeneratedProblem.Size(3, 5, 2));
                if (Search.plan(problem, Placement::on) instanceof SearchResult.Found found) {
                    ChoiceSpace space = ChoiceSpace.of(problem, 1);
                    LagrangianHeuristic heuristic =
                            heuristic(space, Placement.on(problem.cluster(), space.placementShapes()), List.of());
                    double cost = heuristic.solve(Optional.empty()).orElseThrow().stream()
                            .mapToDouble(Choice::cost)
                            .sum();
                    double optimum = found.plan().objectiveSeconds();
                    assertThat(heuristic.lowerBound())
                            .as(flavour + " " + seed)
                            .isLessThanOrEqualTo(optimum * (1 + 1e-9));
                    assertThat(space.fixedSeconds() + cost)
                            .as(flavour + " " + seed)
                            .isGreaterThanOrEqualTo(optimum * (1 - 1e-9));
                }
            }
        }
    }

    private static LagrangianHeuristic heuristic(ChoiceSpace space, Placement placement, List<Limit> within) {
        return new LagrangianHeuristic(
                space,
                placement,
                SearchLimits.standard(),
                Measure.latency(space),
                within,
                () -> Feasibility.of(space, placement, 2_000, SearchLimits.Stop.NEVER)
                        .plan());
    }

    /** Models of many sizes on nodes of eight GPUs, loaded to about half. */
    static AllocationProblem fleet(int models, int gpus, int workflows) {
        Random random = new Random(1);
        List<Rack> racks = new ArrayList<>();
        for (int node = 0; node < gpus / 8; node++) {
            Node next = new Node(
                    "node-" + node,
                    new GpuType("A", 80),
                    8,
                    8,
                    new Sharing.Grid(Sharing.Mode.MPS, GpuFraction.of(0.1), false));
            if (node % 32 == 0) {
                racks.add(new Rack("rack-" + node / 32, List.of(next)));
            } else {
                List<Node> nodes = new ArrayList<>(racks.get(racks.size() - 1).nodes());
                nodes.add(next);
                racks.set(racks.size() - 1, new Rack("rack-" + node / 32, nodes));
            }
        }
        List<ModelOptions> options = new ArrayList<>();
        for (int model = 0; model < models; model++) {
            double base = 0.3 + 4 * random.nextDouble();
            double saturation = 0.5 + 4 * random.nextDouble();
            int leastTenths = 1 + random.nextInt(8);
            double factor = 1.5 + random.nextInt(3);
            List<Candidate> candidates = new ArrayList<>();
            for (int width : new int[] {1, 2, 4, 8}) {
                for (int tenths = width > 1 ? 10 : leastTenths; tenths <= 10; tenths++) {
                    double power = Math.pow(width, 0.8) * Math.pow(tenths / 10.0, 0.7);
                    candidates.add(new Candidate(
                            "A",
                            width,
                            new GpuFraction(tenths, 10),
                            Curve.rising(base / power, factor, saturation * power, 8.0 * tenths)));
                }
            }
            options.add(new ModelOptions(name(model), 1, OptionalInt.empty(), candidates));
        }
        List<WorkflowDemand> demands = new ArrayList<>();
        for (int workflow = 0; workflow < workflows; workflow++) {
            List<ModelCalls> calls = new ArrayList<>();
            for (int model = workflow; model < models; model += workflows) {
                double n = 0.3 + 3 * random.nextDouble();
                calls.add(new ModelCalls(name(model), n, n / (1 + random.nextDouble())));
            }
            demands.add(new WorkflowDemand(
                    "workflow-" + workflow,
                    0.4 * gpus / models * (0.5 + random.nextDouble()),
                    1 + random.nextInt(3),
                    random.nextDouble(),
                    0,
                    calls));
        }
        return new AllocationProblem(new Cluster(racks), options, demands, 0.85);
    }

    private static String name(int model) {
        return String.format("model-%03d", model);
    }
}
