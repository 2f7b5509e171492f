package dev.scepsy.planner.share;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

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
        if (executions.size() < 2 * TIMES_FAIR) {
            return List.of();
        }
        List<ExecutionShares> ordered = executions.stream().sorted().toList();
        Map<String, Integer> positions = new HashMap<>();
        Map<String, Long> sums = new java.util.TreeMap<>();
        Map<String, Long> most = new HashMap<>();
        Map<String, Integer> where = new HashMap<>();
        for (ExecutionShares execution : ordered) {
            String instance = execution.instance() == null ? "" : execution.instance();
            int position = positions.merge(instance, 1, Integer::sum);
            for (ModelUse use : execution.models()) {
                sums.merge(use.model(), use.callNanos(), Long::sum);
                if (use.callNanos() > most.getOrDefault(use.model(), -1L)) {
                    most.put(use.model(), use.callNanos());
                    where.put(use.model(), position);
                }
            }
        }
        List<HeavyExecution> heavy = new ArrayList<>();
        sums.forEach((model, sum) -> {
            double part = sum == 0 ? 0 : (double) most.getOrDefault(model, 0L) / sum;
            if (part >= LEAST_PART && part >= TIMES_FAIR / executions.size()) {
                heavy.add(new HeavyExecution(workflow, model, part, where.getOrDefault(model, 1)));
            }
        });
        return heavy;
    }
}
