package dev.scepsy.planner.search;

import static dev.scepsy.planner.search.Problems.calls;
import static dev.scepsy.planner.search.Problems.candidate;
import static dev.scepsy.planner.search.Problems.cluster;
import static dev.scepsy.planner.search.Problems.found;
import static dev.scepsy.planner.search.Problems.model;
import static dev.scepsy.planner.search.Problems.node;
import static dev.scepsy.planner.search.Problems.problem;
import static dev.scepsy.planner.search.Problems.workflow;
import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.allocation.ReplicaPlacement;
import dev.scepsy.planner.placement.Placement;
import dev.scepsy.planner.search.GeneratedProblem.Flavour;
import dev.scepsy.planner.search.GeneratedProblem.Size;
import dev.scepsy.planner.search.choice.AllocationProblem;
import dev.scepsy.planner.search.explain.NodeFailures;
import dev.scepsy.planner.search.explain.NodeFailures.Failure;
import dev.scepsy.planner.search.explain.NodeFailures.Replan;
import dev.scepsy.planner.search.explain.NodeFailures.Surviving;
import dev.scepsy.planner.topology.Cluster;
import dev.scepsy.planner.topology.Rack;
import dev.scepsy.planner.topology.Sharing;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class NodeFailuresTest {

    private static final Sharing NONE = new Sharing.Exclusive();

    @Test
    void survivorsTakeWhatTheirSaturationAllows() {
        // a: 3 replicas of 2/s on n1, n1, n2; b: 1 replica of 4/s on n2; w calls a once, v calls b twice and a once
        AllocationProblem problem = problem(
                cluster(node("n1", 2, NONE), node("n2", 2, NONE)),
                List.of(
                        model("a", candidate(1, 1, Curve.flat(1, 2, 80))),
                        model("b", candidate(1, 1, Curve.flat(1, 4, 80)))),
                workflow("w", 3, 1, 0, calls("a", 1)),
                workflow("v", 1.5, 1, 0, calls("a", 1), calls("b", 2)));
        Plan plan = found(problem).plan();
        assertThat(plan.placements())
                .containsExactly(
                        new ReplicaPlacement("a", 0, "n1", List.of(0)),
                        new ReplicaPlacement("a", 1, "n1", List.of(1)),
                        new ReplicaPlacement("a", 2, "n2", List.of(0)),
                        new ReplicaPlacement("b", 0, "n2", List.of(1)));

        assertThat(NodeFailures.of(problem, plan, Placement::on))
                .containsExactly(
                        // a is left with 2/s for 4.5/s: w gets 2 - 1.5, v 2 - 3
                        new Failure(
                                "n1",
                                Map.of("a", 2),
                                List.of(
                                        new Surviving("w", false, 0.5, Optional.of("a")),
                                        new Surviving("v", false, 0, Optional.of("a"))),
                                Replan.IMPOSSIBLE),
                        // a is left with 4/s, b with nothing
                        new Failure(
                                "n2",
                                Map.of("a", 1, "b", 1),
                                List.of(
                                        new Surviving("w", false, 2.5, Optional.of("a")),
                                        new Surviving("v", false, 0, Optional.of("b"))),
                                Replan.IMPOSSIBLE));
    }

    @Test
    void aNodeThatHoldsNothingLosesNothing() {
        AllocationProblem problem = problem(
                cluster(node("n1", 1, NONE), node("n2", 1, NONE)),
                List.of(model("a", candidate(1, 1, Curve.flat(1, 2, 80)))),
                workflow("w", 1, 1, 0, calls("a", 1)));

        assertThat(NodeFailures.of(problem, found(problem).plan(), Placement::on))
                .singleElement()
                .satisfies(failure -> {
                    assertThat(failure.node()).isEqualTo("n1");
                    assertThat(failure.holds()).isFalse();
                    assertThat(failure.replan()).isEqualTo(Replan.FITS);
                });
    }

    @Test
    void whetherANewPlanFitsIsWhatPlanningWithoutTheNodeSays() {
        int fits = 0;
        int impossible = 0;
        for (Flavour flavour : Flavour.values()) {
            for (int seed = 0; seed < 8; seed++) {
                AllocationProblem problem = GeneratedProblem.of(seed, flavour, new Size(3, 6 + seed % 4, 2));
                if (!(Problems.solve(problem) instanceof SearchResult.Found found)) {
                    continue;
                }
                for (Failure failure : NodeFailures.of(problem, found.plan(), Placement::on)) {
                    Cluster rest = new Cluster(List.of(new Rack(
                            "r",
                            problem.cluster().nodes().stream()
                                    .filter(node -> !node.name().equals(failure.node()))
                                    .toList())));
                    boolean planned = !rest.nodes().isEmpty()
                            && Problems.solve(problem.withCluster(rest)) instanceof SearchResult.Found;
                    assertThat(failure.replan())
                            .as(flavour + " " + seed + " " + failure.node())
                            .isEqualTo(planned ? Replan.FITS : Replan.IMPOSSIBLE);
                    fits += planned ? 1 : 0;
                    impossible += planned ? 0 : 1;
                }
            }
        }
        assertThat(fits).isGreaterThan(10);
        assertThat(impossible).isGreaterThan(10);
    }
}
