package dev.scepsy.planner.allocation;

import java.util.List;
import java.util.Optional;

/**
 * A declarative plan, as {@code plan.json} holds it: what every model gets, where it sits, and what is expected of it.
 * Immutable.
 *
 * @param objectiveSeconds weighted mean workflow latency of the closed form
 * @param lowerBoundSeconds no plan can be better than this
 * @param optimalityGap (objective − lower bound) / objective
 * @param allocations one per used, not external model, in name order
 * @param placements one per replica, in (model, replica) order
 * @param predictions one per workflow, in the order of the workflows file
 * @param gpusUsed Σ r·t·f
 * @param largestFreeGroup wholly unused GPUs of the best domain
 * @param goal what came before latency; empty: nothing. Where there is one, the bound on latency holds for plans that
 *     reach its value
 */
public record Plan(
        double objectiveSeconds,
        double lowerBoundSeconds,
        double optimalityGap,
        List<LlmAllocation> allocations,
        List<ReplicaPlacement> placements,
        List<WorkflowPrediction> predictions,
        double gpusUsed,
        int largestFreeGroup,
        Optional<Goal> goal) {

    /** Made for the least latency. */
    public Plan(
            double objectiveSeconds,
            double lowerBoundSeconds,
            double optimalityGap,
            List<LlmAllocation> allocations,
            List<ReplicaPlacement> placements,
            List<WorkflowPrediction> predictions,
            double gpusUsed,
            int largestFreeGroup) {
        this(
                objectiveSeconds,
                lowerBoundSeconds,
                optimalityGap,
                allocations,
                placements,
                predictions,
                gpusUsed,
                largestFreeGroup,
                Optional.empty());
    }

    public Plan {
        allocations = List.copyOf(allocations);
        placements = List.copyOf(placements);
        predictions = List.copyOf(predictions);
    }

    /** The same plan, made for {@code what} before latency. */
    public Plan withGoal(Goal what) {
        return new Plan(
                objectiveSeconds,
                lowerBoundSeconds,
                optimalityGap,
                allocations,
                placements,
                predictions,
                gpusUsed,
                largestFreeGroup,
                Optional.of(what));
    }
}
