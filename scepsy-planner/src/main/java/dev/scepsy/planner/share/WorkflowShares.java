package dev.scepsy.planner.share;

import dev.scepsy.planner.execution.IncompleteReason;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What {@code workflows.json} holds: every workflow's statistics, and what had to be left out. Immutable.
 *
 * @param workflows in name order
 * @param incompleteExecutions executions left out, by reason; reasons that never applied are absent
 */
public record WorkflowShares(List<WorkflowStatistics> workflows, Map<IncompleteReason, Long> incompleteExecutions) {

    public WorkflowShares {
        workflows = List.copyOf(workflows);
        Map<IncompleteReason, Long> inOrder = new EnumMap<>(IncompleteReason.class);
        inOrder.putAll(incompleteExecutions);
        incompleteExecutions = java.util.Collections.unmodifiableMap(inOrder);
    }
}
