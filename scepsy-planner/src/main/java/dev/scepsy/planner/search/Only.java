package dev.scepsy.planner.search;

import java.util.Set;

/** Parts of a problem. */
final class Only {

    private Only() {}

    /** The problem as if only {@code models} were called. */
    static AllocationProblem models(AllocationProblem problem, Set<String> models) {
        return problem.withWorkflows(problem.workflows().stream()
                        .map(workflow -> workflow.withCalls(workflow.calls().stream()
                                .filter(calls -> models.contains(calls.model()))
                                .toList()))
                        .toList())
                .withModels(problem.models().stream()
                        .filter(model -> models.contains(model.name()))
                        .toList());
    }
}
