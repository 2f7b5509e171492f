package dev.scepsy.planner.share;

import dev.scepsy.planner.execution.Execution;
import dev.scepsy.planner.execution.IncompleteReason;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Gathers executions by workflow and counts the incomplete ones, whatever their order. Not thread-safe. */
public final class ExecutionTally {

    private final Map<String, List<ExecutionShares>> executionsByWorkflow = new TreeMap<>();
    private final Map<IncompleteReason, Long> incomplete = new EnumMap<>(IncompleteReason.class);

    /** Takes one execution. */
    public void add(Execution execution) {
        if (execution instanceof Execution.Complete complete) {
            ExecutionShares shares = ExecutionShares.of(complete);
            executionsOf(shares.workflow()).add(shares);
        } else if (execution instanceof Execution.Incomplete left) {
            incomplete.merge(left.reason(), 1L, Long::sum);
            if (left.workflow() != null) {
                executionsOf(left.workflow());
            }
        }
    }

    /** What all of them say; a workflow seen in incomplete executions only has no executions and no models. */
    public WorkflowShares estimate(ShareEstimator estimator) {
        List<WorkflowStatistics> workflows = new ArrayList<>(executionsByWorkflow.size());
        executionsByWorkflow.forEach((workflow, executions) -> workflows.add(estimator.estimate(workflow, executions)));
        return new WorkflowShares(workflows, incomplete);
    }

    private List<ExecutionShares> executionsOf(String workflow) {
        return executionsByWorkflow.computeIfAbsent(workflow, name -> new ArrayList<>());
    }
}
