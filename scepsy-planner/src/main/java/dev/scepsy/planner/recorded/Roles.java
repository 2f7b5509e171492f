package dev.scepsy.planner.recorded;

import dev.scepsy.planner.execution.ClockSkew;
import dev.scepsy.planner.execution.Execution;
import dev.scepsy.planner.execution.ExecutionAssembler.Assembled;
import dev.scepsy.planner.execution.RootRule;
import dev.scepsy.planner.share.AgentCalls;
import dev.scepsy.planner.share.CallClasses;
import dev.scepsy.planner.share.CallSplit;
import dev.scepsy.planner.share.ExecutionShares;
import dev.scepsy.planner.share.ExecutionTally;
import dev.scepsy.planner.share.Selection;
import dev.scepsy.planner.share.ShareEstimator;
import dev.scepsy.planner.share.WorkflowKey;
import dev.scepsy.planner.share.WorkflowShares;
import dev.scepsy.planner.share.WorkflowStatistics;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Adds to statistics the roles that models play, from the same traces: they are read once more, and only if there may be any. */
public final class Roles {

    private Roles() {}

    /**
     * The same statistics with call classes where they matter.
     *
     * @param shares of {@code recording}'s executions that {@code selection} leaves
     */
    public static WorkflowShares in(
            WorkflowShares shares,
            RecordedTraces traces,
            Recording recording,
            RootRule rule,
            ClockSkew skew,
            Selection selection) {
        Map<WorkflowKey, Map<String, CallSplit>> splits = new HashMap<>();
        recording.tally().executions().forEach((key, executions) -> {
            Map<String, CallSplit> own = CallClasses.candidates(
                    recording.notes(key).map(WorkflowNotes::agentCalls).orElseGet(AgentCalls::new), executions);
            if (!own.isEmpty()) {
                splits.put(key, own);
            }
        });
        if (splits.isEmpty()) {
            return shares;
        }
        ExecutionTally relabelled = traces.collect(
                rule, skew, ExecutionTally::new, (tally, trace) -> take(tally, trace, splits), ExecutionTally::addAll);
        // without intervals: classes state none
        Map<WorkflowKey, List<ExecutionShares>> executions =
                new HashMap<>(recording.tally().executions());
        executions.putAll(relabelled.executions());
        WorkflowShares split = new ShareEstimator(Integer.MAX_VALUE, 1).estimate(executions, Map.of(), selection);
        List<WorkflowStatistics> workflows = new ArrayList<>();
        for (int w = 0; w < shares.workflows().size(); w++) {
            workflows.add(
                    CallClasses.in(shares.workflows().get(w), split.workflows().get(w)));
        }
        return new WorkflowShares(workflows, shares.incompleteExecutions());
    }

    private static void take(ExecutionTally tally, WholeTrace trace, Map<WorkflowKey, Map<String, CallSplit>> splits) {
        for (Assembled assembled : trace.assembly().executions()) {
            if (assembled.execution() instanceof Execution.Complete complete) {
                Map<String, CallSplit> own = splits.get(
                        new WorkflowKey(complete.workflow(), complete.origin().service()));
                if (own != null) {
                    tally.add(CallClasses.relabelled(complete, own));
                }
            }
        }
    }
}
