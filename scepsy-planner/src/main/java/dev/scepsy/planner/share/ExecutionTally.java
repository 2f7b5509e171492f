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

    private final Map<WorkflowKey, List<ExecutionShares>> executionsByWorkflow = new TreeMap<>();
    private final Map<IncompleteReason, Long> incomplete = new EnumMap<>(IncompleteReason.class);

    /** Takes one execution. */
    public void add(Execution execution) {
        if (execution instanceof Execution.Complete complete) {
            add(ExecutionShares.of(complete));
        } else if (execution instanceof Execution.Incomplete left) {
            add(left);
        }
    }

    /** Takes a complete execution that is summed up already. */
    public void add(ExecutionShares shares) {
        executionsOf(shares.workflow()).add(shares);
    }

    /** Takes an execution that is only counted. */
    public void add(Execution.Incomplete left) {
        incomplete.merge(left.reason(), 1L, Long::sum);
        if (left.workflow() != null) {
            executionsOf(new WorkflowKey(left.workflow(), left.origin().service()));
        }
    }

    /** Takes what another tally has gathered, which is not to be used any more. */
    public void addAll(ExecutionTally other) {
        other.executionsByWorkflow.forEach(
                (workflow, executions) -> executionsOf(workflow).addAll(executions));
        other.incomplete.forEach((reason, count) -> incomplete.merge(reason, count, Long::sum));
    }

    /** The complete executions of every workflow seen, in no order; a workflow of which none was complete has none. */
    public Map<WorkflowKey, List<ExecutionShares>> executions() {
        return executionsByWorkflow;
    }

    /** Executions left out, by reason. */
    public Map<IncompleteReason, Long> incomplete() {
        return incomplete;
    }

    /** What all of them say; a workflow seen in incomplete executions only has no executions and no models. */
    public WorkflowShares estimate(ShareEstimator estimator) {
        return estimator.estimate(executionsByWorkflow, incomplete);
    }

    private List<ExecutionShares> executionsOf(WorkflowKey workflow) {
        return executionsByWorkflow.computeIfAbsent(workflow, name -> new ArrayList<>());
    }
}
