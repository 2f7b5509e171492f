package dev.scepsy.planner.search;

import static dev.scepsy.planner.search.Problems.calls;
import static dev.scepsy.planner.search.Problems.candidate;
import static dev.scepsy.planner.search.Problems.cluster;
import static dev.scepsy.planner.search.Problems.infeasible;
import static dev.scepsy.planner.search.Problems.model;
import static dev.scepsy.planner.search.Problems.node;
import static dev.scepsy.planner.search.Problems.problem;
import static dev.scepsy.planner.search.Problems.solve;
import static dev.scepsy.planner.search.Problems.workflow;
import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.placement.Placement;
import dev.scepsy.planner.search.GeneratedProblem.Flavour;
import dev.scepsy.planner.search.GeneratedProblem.Size;
import dev.scepsy.planner.search.choice.AllocationProblem;
import dev.scepsy.planner.search.choice.AllocationProblem.ModelOptions;
import dev.scepsy.planner.search.choice.Load;
import dev.scepsy.planner.search.explain.Remedies;
import dev.scepsy.planner.search.explain.Remedy;
import dev.scepsy.planner.search.explain.WhatIf;
import dev.scepsy.planner.search.infeasible.InfeasibleReason;
import dev.scepsy.planner.topology.GpuType;
import dev.scepsy.planner.topology.Node;
import dev.scepsy.planner.topology.Occupied;
import dev.scepsy.planner.topology.Sharing;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** What is said where there is no plan: why, in the fewest models, and what would help. */
class RemediesTest {

    private static final Sharing NONE = new Sharing.Exclusive();
    private static final int SEEDS = Boolean.getBoolean("scepsy.full") ? 100 : 12;
    private static final int TRIED_BY_FORCE = Boolean.getBoolean("scepsy.full") ? 40 : 4;

    @Test
    void theFewestGpusThatHelpAreCountedPerType() {
        AllocationProblem problem = problem(
                cluster(node("n", 2, NONE)),
                List.of(
                        model("a", candidate(2, 1, Curve.flat(1, 3, 80))),
                        model("b", candidate(1, 1, Curve.flat(1, 1, 80)))),
                workflow("w", 3, 1, 0, calls("a", 1), calls("b", 1)));

        // a needs 2, b needs 3, 2 there are; added nodes have 2 GPUs each
        assertThat(remedies(problem)).containsExactly(new Remedy.AddGpus("A", 3, true));
    }

    @Test
    void headroomBoundsAndForeignWorkloadsThatStandInTheWayAreNamed() {
        ModelOptions bounded =
                new ModelOptions("m", 1, OptionalInt.of(1), List.of(candidate(1, 1, Curve.flat(1, 3, 80))));
        AllocationProblem tooFewAllowed =
                problem(cluster(node("n", 8, NONE)), List.of(bounded), workflow("w", 4, 1, 0, calls("m", 1)));
        assertThat(remedies(tooFewAllowed))
                .contains(new Remedy.LiftReplicaBounds(List.of("m"), false))
                .noneMatch(Remedy.AddGpus.class::isInstance);

        ModelOptions demanding =
                new ModelOptions("m", 3, OptionalInt.empty(), List.of(candidate(1, 1, Curve.flat(1, 3, 80))));
        Node held = new Node("n", new GpuType("A", 80), 3, 3, NONE, List.of(Occupied.wholly(1, new GpuType("A", 80))));
        AllocationProblem tooManyAsked =
                problem(cluster(held), List.of(demanding), workflow("w", 1, 1, 0, calls("m", 1)));
        assertThat(remedies(tooManyAsked))
                .contains(
                        new Remedy.LiftReplicaBounds(List.of("m"), true),
                        new Remedy.FreeOccupied(1),
                        new Remedy.AddGpus("A", 1, true));

        AllocationProblem cautious = new AllocationProblem(
                cluster(node("n", 1, NONE)),
                List.of(model("m", candidate(1, 1, Curve.flat(1, 1, 80)))),
                List.of(workflow("w", 0.9, 1, 0, calls("m", 1))),
                0.85);
        assertThat(remedies(cautious)).contains(new Remedy.RaiseUtilisation(0.9));
    }

    @Test
    void everyRemedyIsEnoughAndNoSmallerOneIs() {
        int checked = 0;
        for (Flavour flavour : List.of(Flavour.TIGHT, Flavour.FRAGMENTED, Flavour.MIXED_NODES, Flavour.OCCUPIED)) {
            for (int seed = 0; seed < TRIED_BY_FORCE; seed++) {
                AllocationProblem problem = scarce(seed, flavour);
                if (!(solve(problem) instanceof SearchResult.Infeasible infeasible)) {
                    continue;
                }
                for (Remedy remedy : Remedies.of(problem, infeasible, Placement::on)) {
                    if (remedy instanceof Remedy.AddGpus add) {
                        assertThat(solve(more(problem, add.gpus(), add.gpu())))
                                .as(flavour + " " + seed)
                                .isInstanceOf(SearchResult.Found.class);
                        if (add.gpus() > 1) {
                            assertThat(BruteForce.solve(more(problem, add.gpus() - 1, add.gpu())))
                                    .as(flavour + " " + seed)
                                    .isEmpty();
                        }
                        assertThat(add.fewest()).isTrue();
                        checked++;
                    }
                }
            }
        }
        assertThat(checked).isGreaterThan(TRIED_BY_FORCE / 2);
    }

    @Test
    void aLargeClusterIsToldHowManyGpusItLacksAndHowMuchHeadroomToGiveUp() {
        AllocationProblem whole = LagrangianHeuristicTest.fleet(40, 4_000, 8);
        double fits = infeasible(new WhatIf.ScaledLoad(16).apply(whole))
                .highestCommonScale()
                .orElseThrow();
        AllocationProblem problem = new WhatIf.ScaledLoad(16 * fits * 1.05).apply(whole);

        List<Remedy> remedies = remedies(problem);

        Remedy.AddGpus add = only(remedies, Remedy.AddGpus.class);
        assertThat(solve(more(problem, add.gpus(), "A"))).isInstanceOf(SearchResult.Found.class);
        if (add.fewest()) {
            assertThat(solve(more(problem, add.gpus() - 1, "A"))).isInstanceOf(SearchResult.Infeasible.class);
        }
        assertThat(add.gpus()).isBetween(1, 400);
        Remedy.RaiseUtilisation raise = only(remedies, Remedy.RaiseUtilisation.class);
        assertThat(solve(atUtilisation(problem, raise.maxUtilisation()))).isInstanceOf(SearchResult.Found.class);
        assertThat(solve(atUtilisation(problem, raise.maxUtilisation() - 0.01)))
                .isInstanceOf(SearchResult.Infeasible.class);
        Remedy.LowerTargets lower = only(remedies, Remedy.LowerTargets.class);
        assertThat(lower.scale()).isBetween(0.94, 0.96);
        assertThat(solve(new WhatIf.ScaledLoad(lower.scale() * 0.999_999).apply(problem)))
                .isInstanceOf(SearchResult.Found.class);
    }

    @Test
    void aLargeClusterIsToldWhichReplicaBoundsStandInTheWay() {
        AllocationProblem whole = LagrangianHeuristicTest.fleet(20, 1_600, 4);
        AllocationProblem problem = whole.withModels(whole.models().stream()
                .map(model -> new ModelOptions(
                        model.name(),
                        1,
                        model.name().endsWith("0") ? OptionalInt.of(1) : OptionalInt.of(100_000),
                        model.candidates()))
                .toList());

        Remedy.LiftReplicaBounds lift = only(remedies(problem), Remedy.LiftReplicaBounds.class);

        assertThat(lift.models()).containsExactly("model-000", "model-010");
    }

    private static AllocationProblem atUtilisation(AllocationProblem problem, double maxUtilisation) {
        return new AllocationProblem(
                problem.cluster(), problem.models(), problem.workflows(), maxUtilisation, problem.objective());
    }

    private static <T extends Remedy> T only(List<Remedy> remedies, Class<T> kind) {
        assertThat(remedies).hasAtLeastOneElementOfType(kind);
        return remedies.stream()
                .filter(kind::isInstance)
                .map(kind::cast)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void noModelCanBeLeftOutOfAConflictAndNoSmallerOneExists() {
        int checked = 0;
        for (Flavour flavour : List.of(Flavour.TIGHT, Flavour.FRAGMENTED, Flavour.MEMORY_BOUND, Flavour.MIXED_NODES)) {
            for (int seed = 0; seed < 2 * SEEDS; seed++) {
                AllocationProblem problem = scarce(seed, flavour);
                if (!(solve(problem) instanceof SearchResult.Infeasible infeasible)) {
                    continue;
                }
                for (InfeasibleReason reason : infeasible.reasons()) {
                    if (reason.models().isEmpty()) {
                        continue;
                    }
                    assertThat(hasPlan(problem, reason.models()))
                            .as(flavour + " " + seed + " " + reason)
                            .isFalse();
                    if (reason instanceof InfeasibleReason.Unplaceable) {
                        assertThat(subsets(names(problem), reason.models().size() - 1))
                                .as(flavour + " " + seed + " " + reason)
                                .allMatch(smaller -> hasPlan(problem, smaller));
                        checked++;
                    }
                }
            }
        }
        assertThat(checked).isGreaterThan(SEEDS / 4);
    }

    private static AllocationProblem scarce(int seed, Flavour flavour) {
        return new WhatIf.ScaledLoad(4).apply(GeneratedProblem.of(seed, flavour, new Size(3, 3 + seed % 2, 2)));
    }

    private static AllocationProblem more(AllocationProblem problem, int gpus, String type) {
        return new WhatIf.MoreGpus(gpus, Optional.of(type)).apply(problem);
    }

    private static boolean hasPlan(AllocationProblem problem, List<String> models) {
        return BruteForce.solve(problem.withOnly(new HashSet<>(models))).isPresent();
    }

    private static List<String> names(AllocationProblem problem) {
        return problem.models().stream()
                .map(ModelOptions::name)
                .filter(name -> Load.of(problem, name, 1).isUsed())
                .toList();
    }

    private static List<List<String>> subsets(List<String> models, int size) {
        List<List<String>> subsets = new ArrayList<>();
        for (int bits = 1; bits < 1 << models.size(); bits++) {
            List<String> subset = new ArrayList<>();
            for (int i = 0; i < models.size(); i++) {
                if ((bits >> i & 1) == 1) {
                    subset.add(models.get(i));
                }
            }
            if (subset.size() == size) {
                subsets.add(subset);
            }
        }
        return subsets;
    }

    private static List<Remedy> remedies(AllocationProblem problem) {
        return Remedies.of(problem, infeasible(problem), Placement::on);
    }
}
