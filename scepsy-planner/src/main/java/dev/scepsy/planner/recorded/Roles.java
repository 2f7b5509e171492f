package dev.scepsy.planner.recorded;

import dev.scepsy.planner.execution.ClockSkew;
import dev.scepsy.planner.execution.Execution;
import dev.scepsy.planner.execution.ExecutionAssembler.Assembled;
import dev.scepsy.planner.execution.RootRule;
import dev.scepsy.planner.share.AgentCalls;
import dev.scepsy.planner.share.CallClasses;
import dev.scepsy.planner.share.CallSplit;
import dev.scepsy.planner.share.Demands;
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

    /** How the roles of a workflow's model were judged. */
    public record Verdict(String workflow, CallClasses.Verdict verdict) {}

    /** Statistics with call classes where they matter, and every model that could have any. */
    public record Found(WorkflowShares shares, List<Verdict> verdicts) {
        public Found {
            verdicts = List.copyOf(verdicts);
        }
    }

    /**
     * The same statistics with call classes where they matter.
     *
     * @param shares of {@code recording}'s executions that {@code selection} leaves
     * @param engine judges what matters for models that it knows
     */
    public static Found in(
            WorkflowShares shares,
            RecordedTraces traces,
            Recording recording,
            RootRule rule,
            ClockSkew skew,
            Selection selection,
            Demands.EngineSecondsPerCall engine) {
        Map<WorkflowKey, Map<String, CallSplit>> splits = new HashMap<>();
        recording.tally().executions().forEach((key, executions) -> {
            Map<String, CallSplit> own = CallClasses.candidates(
                    recording.notes(key).map(WorkflowNotes::agentCalls).orElseGet(AgentCalls::new), executions);
            if (!own.isEmpty()) {
                splits.put(key, own);
            }
        });
        if (splits.isEmpty()) {
            return new Found(shares, List.of());
        }
        ExecutionTally relabelled = traces.collect(
                rule, skew, ExecutionTally::new, (tally, trace) -> take(tally, trace, splits), ExecutionTally::addAll);
        // without intervals: classes state none
        Map<WorkflowKey, List<ExecutionShares>> executions =
                new HashMap<>(recording.tally().executions());
        executions.putAll(relabelled.executions());
        WorkflowShares split = new ShareEstimator(Integer.MAX_VALUE, 1).estimate(executions, Map.of(), selection);
        List<WorkflowStatistics> workflows = new ArrayList<>();
        List<Verdict> verdicts = new ArrayList<>();
        for (int w = 0; w < shares.workflows().size(); w++) {
            CallClasses.Judged judged =
                    CallClasses.in(shares.workflows().get(w), split.workflows().get(w), engine);
            workflows.add(judged.workflow());
            judged.verdicts()
                    .forEach(verdict ->
                            verdicts.add(new Verdict(judged.workflow().name(), verdict)));
        }
        return new Found(new WorkflowShares(workflows, shares.incompleteExecutions()), verdicts);
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
