package dev.scepsy.planner.share;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Roles of models by the agents that call them, for those who sum executions up as they come and keep no calls: from {@link
 * ExecutionShares#withAgents}. Classes, and which of them matter, are those of {@link CallClasses}; two modes of lengths that no agent tells
 * apart need the calls and are only noticed. Small agents share one class whose parallelism is a lower bound.
 *
 * <p>Pure; stateless.
 */
public final class AgentRoles {

    private AgentRoles() {}

    /** The same statistics of the same executions, with the classes that matter. */
    public static WorkflowStatistics in(WorkflowStatistics workflow, List<ExecutionShares> executions) {
        Map<String, CallSplit.ByAgent> splits = splits(executions);
        if (splits.isEmpty()) {
            return workflow;
        }
        List<ExecutionShares> relabelled = executions.stream()
                .map(execution -> execution.relabelled(label -> {
                    String model = CallClasses.modelOf(label);
                    CallSplit.ByAgent split = splits.get(model);
                    return split == null ? model : CallClasses.label(model, split.classOf(CallClasses.nameOf(label)));
                }))
                .toList();
        // without intervals: classes state none
        WorkflowStatistics classes = new ShareEstimator(Integer.MAX_VALUE, 1).estimate(workflow.name(), relabelled);
        return CallClasses.in(workflow, classes, Demands.EngineSecondsPerCall.UNKNOWN)
                .workflow();
    }

    /** Models with two modes of lengths that no agent tells apart: the recorded traces would. */
    public static List<String> untold(WorkflowStatistics workflow, List<ExecutionShares> executions) {
        Map<String, CallSplit> all = CallClasses.candidates(new AgentCalls(), executions);
        Map<String, CallSplit.ByAgent> told = splits(executions);
        List<String> untold = new ArrayList<>();
        for (ModelStatistics model : workflow.models()) {
            if (all.containsKey(model.model()) && !told.containsKey(model.model())) {
                untold.add(model.model());
            }
        }
        return untold;
    }

    private static Map<String, CallSplit.ByAgent> splits(List<ExecutionShares> executions) {
        Map<String, Map<String, Long>> calls = new HashMap<>();
        for (ExecutionShares execution : executions) {
            for (ModelUse use : execution.agents()) {
                calls.computeIfAbsent(CallClasses.modelOf(use.model()), model -> new HashMap<>())
                        .merge(CallClasses.nameOf(use.model()), (long) use.calls(), Long::sum);
            }
        }
        Map<String, CallSplit.ByAgent> splits = new TreeMap<>();
        calls.forEach((model, agents) -> CallClasses.byCalls(agents).ifPresent(split -> splits.put(model, split)));
        return splits;
    }
}
