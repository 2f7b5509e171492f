package dev.scepsy.planner.search;

import dev.scepsy.planner.predict.WorkflowDemand;
import java.util.Set;

/** Parts of a problem. */
final class Only {

    private Only() {}

    /** The problem as if only {@code models} were called. */
    static AllocationProblem models(AllocationProblem problem, Set<String> models) {
        return new AllocationProblem(
                problem.cluster(),
                problem.models().stream()
                        .filter(model -> models.contains(model.name()))
                        .toList(),
                problem.workflows().stream()
                        .map(workflow -> new WorkflowDemand(
                                workflow.name(),
                                workflow.targetPerSecond(),
                                workflow.weight(),
                                workflow.otherSeconds(),
                                workflow.externalSeconds(),
                                workflow.calls().stream()
                                        .filter(calls -> models.contains(calls.model()))
                                        .toList()))
                        .toList(),
                problem.maxUtilisation());
    }
}
