package dev.scepsy.planner.share;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * One execution that carries so much of a model's time that the workflow's shares are mostly its own: a cold start, a
 * hanging call. Immutable.
 *
 * @param workflow the workflow
 * @param model the model
 * @param part of the model's summed call time, that lies in this execution; in (0, 1]
 * @param position of the execution among those of its instance in order of start, from 1
 */
public record HeavyExecution(WorkflowKey workflow, String model, double part, int position) {

    /** An execution of its fair part carries 1/J. */
    private static final double LEAST_PART = 0.25;

    private static final double TIMES_FAIR = 5;

    /** The executions of that kind, by workflow and model; none of workflows with fewer than ten executions. */
    public static List<HeavyExecution> among(WorkflowKey workflow, List<ExecutionShares> executions) {
        return among(workflow, executions, executions);
    }

    /** Those that {@code selection} has not left out already. */
    public static List<HeavyExecution> among(
            WorkflowKey workflow, List<ExecutionShares> executions, Selection selection) {
        return among(workflow, selection.of(executions).executions(), executions);
    }

    private static List<HeavyExecution> among(
            WorkflowKey workflow, List<ExecutionShares> executions, List<ExecutionShares> ofProcesses) {
        if (executions.size() < 2 * TIMES_FAIR) {
            return List.of();
        }
        Map<String, Long> sums = new TreeMap<>();
        Map<String, Long> most = new HashMap<>();
        Map<String, ExecutionShares> whose = new HashMap<>();
        for (ExecutionShares execution : executions) {
            for (ModelUse use : execution.models()) {
                long longest = most.getOrDefault(use.model(), -1L);
                ExecutionShares holder = whose.get(use.model());
                sums.merge(use.model(), use.callNanos(), Long::sum);
                // of equal ones the first, whatever the order they come in
                if (holder == null
                        || use.callNanos() > longest
                        || (use.callNanos() == longest && execution.compareTo(holder) < 0)) {
                    most.put(use.model(), use.callNanos());
                    whose.put(use.model(), execution);
                }
            }
        }
        List<HeavyExecution> heavy = new ArrayList<>();
        sums.forEach((model, sum) -> {
            double part = sum == 0 ? 0 : (double) most.getOrDefault(model, 0L) / sum;
            ExecutionShares execution = whose.get(model);
            if (execution != null && part >= LEAST_PART && part >= TIMES_FAIR / executions.size()) {
                heavy.add(new HeavyExecution(workflow, model, part, position(execution, ofProcesses)));
            }
        });
        return heavy;
    }

    private static int position(ExecutionShares execution, List<ExecutionShares> executions) {
        return 1
                + (int) executions.stream()
                        .filter(other -> Objects.equals(other.instance(), execution.instance())
                                && other.compareTo(execution) < 0)
                        .count();
    }
}
