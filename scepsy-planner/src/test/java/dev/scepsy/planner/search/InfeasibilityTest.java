package dev.scepsy.planner.search;

import static dev.scepsy.planner.search.Problems.calls;
import static dev.scepsy.planner.search.Problems.candidate;
import static dev.scepsy.planner.search.Problems.cluster;
import static dev.scepsy.planner.search.Problems.infeasible;
import static dev.scepsy.planner.search.Problems.model;
import static dev.scepsy.planner.search.Problems.node;
import static dev.scepsy.planner.search.Problems.problem;
import static dev.scepsy.planner.search.Problems.solve;
import static dev.scepsy.planner.search.Problems.tenths;
import static dev.scepsy.planner.search.Problems.workflow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.scepsy.planner.search.GeneratedProblem.Flavour;
import dev.scepsy.planner.search.GeneratedProblem.Size;
import dev.scepsy.planner.search.choice.AllocationProblem;
import dev.scepsy.planner.search.choice.AllocationProblem.ModelOptions;
import dev.scepsy.planner.search.explain.WhatIf;
import dev.scepsy.planner.search.infeasible.InfeasibleReason;
import dev.scepsy.planner.topology.Sharing;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class InfeasibilityTest {

    private static final Sharing NONE = new Sharing.Exclusive();

    @Test
    void aModelWithoutUsableProfileIsNamed() {
        // 0.25 is not on the grid of tenths, and no domain is 4 wide
        SearchResult.Infeasible result = infeasible(problem(
                cluster(node("n", 2, tenths())),
                List.of(
                        model("bad", candidate(1, 0.25, Curve.flat(1, 1, 20)), candidate(4, 1, Curve.flat(1, 1, 80))),
                        model("good", candidate(1, 1, Curve.flat(1, 1, 80)))),
                workflow("w", 1, 1, 0, calls("bad", 1), calls("good", 1))));

        assertThat(result.reasons()).containsExactly(new InfeasibleReason.NoUsableProfile("bad", 2));
        assertThat(result.highestCommonScale()).isEmpty();
    }

    @Test
    void aLoadNoNumberOfReplicasTakesIsOutOfReach() {
        SearchResult.Infeasible result = infeasible(problem(
                cluster(node("n", 2, NONE)),
                List.of(model("m", candidate(1, 1, Curve.flat(1, 3, 80)))),
                workflow("w", 4, 1, 0, calls("m", 2))));

        assertThat(result.reasons())
                .containsExactly(new InfeasibleReason.ThroughputOutOfReach("m", 8, 6, 2, List.of("w")));
        assertThat(result.highestCommonScale()).hasValue(0.75);
    }

    @Test
    void maxReplicasCanPutALoadOutOfReach() {
        ModelOptions limited =
                new ModelOptions("m", 1, OptionalInt.of(1), List.of(candidate(1, 1, Curve.flat(1, 3, 80))));

        SearchResult.Infeasible result = infeasible(
                problem(cluster(node("n", 8, NONE)), List.of(limited), workflow("w", 4, 1, 0, calls("m", 1))));

        assertThat(result.reasons().get(0).reason()).isEqualTo("throughputOutOfReach");
        assertThat(result.highestCommonScale()).hasValue(0.75);
    }

    @Test
    void replicasThatMustStandAndCannotAreNamed() {
        ModelOptions three =
                new ModelOptions("m", 3, OptionalInt.empty(), List.of(candidate(1, 1, Curve.flat(1, 3, 80))));

        SearchResult.Infeasible result =
                infeasible(problem(cluster(node("n", 2, NONE)), List.of(three), workflow("w", 1, 1, 0, calls("m", 1))));

        assertThat(result.reasons()).containsExactly(new InfeasibleReason.MinReplicas("m", 3, 2));
        assertThat(result.highestCommonScale()).isEmpty();
    }

    @Test
    void oneGpuTooFewIsNotEnoughCompute() {
        List<ModelOptions> three = List.of(
                model("a", candidate(1, 1, Curve.flat(1, 1, 80))),
                model("b", candidate(1, 1, Curve.flat(1, 1, 80))),
                model("c", candidate(1, 1, Curve.flat(1, 1, 80))));

        SearchResult.Infeasible result = infeasible(problem(
                cluster(node("n", 2, NONE)),
                three,
                workflow("w", 1, 1, 0, calls("a", 1), calls("b", 1), calls("c", 1))));

        assertThat(result.reasons())
                .containsExactly(new InfeasibleReason.NotEnoughCompute(3, 2, List.of("a", "b", "c")));
        assertThat(result.reasons().get(0).message()).contains("Add 1 or more GPUs");
        assertThat(result.highestCommonScale()).isEmpty();
    }

    @Test
    void memoryThatDoesNotSufficeInSumIsNamed() {
        List<ModelOptions> models = List.of(
                model("a", candidate(1, 0.1, Curve.flat(1, 1, 50))),
                model("b", candidate(1, 0.1, Curve.flat(1, 1, 40))));

        SearchResult.Infeasible result = infeasible(
                problem(cluster(node("n", 1, tenths())), models, workflow("w", 1, 1, 0, calls("a", 1), calls("b", 1))));

        assertThat(result.reasons()).containsExactly(new InfeasibleReason.NotEnoughMemory(90, 80, List.of("a", "b")));
    }

    @Test
    void whatFitsInSumButNowhereIsUnplaceableAndOnlyTheModelsInConflictAreNamed() {
        // three shards of 0.6 on two GPUs: 1.8 of 2 in sum, but no two share a GPU
        List<ModelOptions> models = List.of(
                model("a", candidate(1, 0.6, Curve.flat(1, 1, 48))),
                model("b", candidate(1, 0.6, Curve.flat(1, 1, 48))),
                model("c", candidate(1, 0.6, Curve.flat(1, 1, 48))),
                model("small", candidate(1, 0.1, Curve.flat(1, 1, 8))));

        SearchResult.Infeasible result = infeasible(problem(
                cluster(node("n", 2, tenths())),
                models,
                workflow("w", 1, 1, 0, calls("a", 1), calls("b", 1), calls("c", 1), calls("small", 1))));

        assertThat(result.reasons()).containsExactly(new InfeasibleReason.Unplaceable(List.of("a", "b", "c"), true));
    }

    @Test
    void theHighestCommonScaleIsWhereOneReplicaFewerSuffices() {
        // at full load 2 + 2 replicas are needed and 3 fit; a's second one goes first, at 3/4 of the load
        List<ModelOptions> models = List.of(
                model("a", candidate(1, 1, Curve.flat(1, 3, 80))), model("b", candidate(1, 1, Curve.flat(1, 2, 80))));

        SearchResult.Infeasible result = infeasible(
                problem(cluster(node("n", 3, NONE)), models, workflow("w", 4, 1, 0, calls("a", 1), calls("b", 1))));

        assertThat(result.highestCommonScale().orElseThrow()).isCloseTo(0.75, within(1e-9));
    }

    @Test
    void atTheHighestCommonScaleAPlanExistsAndOnePercentAboveNone() {
        int checked = 0;
        for (Flavour flavour : List.of(Flavour.TIGHT, Flavour.FRAGMENTED, Flavour.MIXED_NODES, Flavour.TWO_TYPES)) {
            for (int seed = 100; seed < 115; seed++) {
                AllocationProblem problem = new WhatIf.ScaledLoad(6)
                        .apply(GeneratedProblem.of(seed, flavour, new Size(3, 4 + seed % 5, 2)));
                if (solve(problem) instanceof SearchResult.Infeasible infeasible
                        && infeasible.highestCommonScale().isPresent()) {
                    double scale = infeasible.highestCommonScale().getAsDouble();
                    assertThat(scale).isLessThan(1);
                    assertThat(solve(new WhatIf.ScaledLoad(scale * 0.9999).apply(problem)))
                            .as(flavour + " " + seed)
                            .isInstanceOf(SearchResult.Found.class);
                    assertThat(solve(new WhatIf.ScaledLoad(scale * 1.01).apply(problem)))
                            .as(flavour + " " + seed)
                            .isInstanceOf(SearchResult.Infeasible.class);
                    checked++;
                }
            }
        }
        assertThat(checked).isGreaterThan(15);
    }
}
