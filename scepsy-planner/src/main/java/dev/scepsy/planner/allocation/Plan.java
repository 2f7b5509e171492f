package dev.scepsy.planner.allocation;

import java.util.List;

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
 */
public record Plan(
        double objectiveSeconds,
        double lowerBoundSeconds,
        double optimalityGap,
        List<LlmAllocation> allocations,
        List<ReplicaPlacement> placements,
        List<WorkflowPrediction> predictions,
        double gpusUsed,
        int largestFreeGroup) {

    public Plan {
        allocations = List.copyOf(allocations);
        placements = List.copyOf(placements);
        predictions = List.copyOf(predictions);
    }
}
