package dev.scepsy.planner.planning;

import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.placement.Fragmentation;
import dev.scepsy.planner.placement.Movement;
import dev.scepsy.planner.placement.Placement;
import dev.scepsy.planner.search.choice.AllocationProblem;
import dev.scepsy.planner.search.explain.NodeFailures;
import dev.scepsy.planner.search.explain.NodeFailures.Failure;
import java.util.List;
import java.util.Optional;

/**
 * What a plan's placement means: what moves, how the cluster is cut up, and what a failing node would leave. Immutable.
 *
 * @param before fragmentation under the current plan; of the empty cluster where there is none
 * @param after fragmentation under the plan
 * @param movement from the current plan; empty where there is none
 * @param failures one per node that holds a replica; empty where nobody asked
 */
public record PlacementEffects(
        Fragmentation before, Fragmentation after, Optional<Movement> movement, List<Failure> failures) {

    public PlacementEffects {
        failures = List.copyOf(failures);
    }

    static PlacementEffects of(AllocationProblem problem, Plan plan, Optional<Plan> current, boolean failures) {
        return new PlacementEffects(
                current.map(serving -> Fragmentation.after(problem.cluster(), serving))
                        .orElseGet(() -> Fragmentation.before(problem.cluster())),
                Fragmentation.after(problem.cluster(), plan),
                current.map(serving -> Movement.between(problem.cluster(), serving, plan, problem::need)),
                failures ? NodeFailures.of(problem, plan, Placement::on) : List.of());
    }
}
