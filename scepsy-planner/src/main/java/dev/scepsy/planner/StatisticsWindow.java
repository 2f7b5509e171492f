package dev.scepsy.planner;

import dev.scepsy.planner.execution.Execution;
import dev.scepsy.planner.execution.IncompleteReason;
import dev.scepsy.planner.share.AgentRoles;
import dev.scepsy.planner.share.ExecutionShares;
import dev.scepsy.planner.share.ShareEstimator;
import dev.scepsy.planner.share.WorkflowKey;
import dev.scepsy.planner.share.WorkflowShares;
import dev.scepsy.planner.share.WorkflowStatistics;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;

/**
 * The executions of the last while, by workflow: as long ago as the window reaches, and no more than it holds. Incomplete ones
 * are counted since the start. Used by one thread.
 */
final class StatisticsWindow {

    /** Names beyond these are taken for a mistake, such as an id in the name. */
    static final int MAX_WORKFLOWS = 1000;

    private final LongSupplier nanoTime;
    private final long windowNanos;
    private final int maxExecutions;
    private final Map<WorkflowKey, ArrayDeque<Arrived>> executionsByWorkflow = new TreeMap<>();
    private final Map<IncompleteReason, Long> incomplete = new EnumMap<>(IncompleteReason.class);
    private boolean changed;

    StatisticsWindow(LiveStatisticsConfig config, LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        windowNanos = config.window().toNanos();
        maxExecutions = config.maxWindowExecutions();
    }

    private record Arrived(ExecutionShares shares, long atNanos) {}

    void add(Execution execution) {
        changed = true;
        if (execution instanceof Execution.Incomplete left) {
            incomplete.merge(left.reason(), 1L, Long::sum);
            return;
        }
        ExecutionShares shares = ExecutionShares.withAgents((Execution.Complete) execution);
        ArrayDeque<Arrived> executions = executionsByWorkflow.get(shares.workflow());
        if (executions == null) {
            if (executionsByWorkflow.size() == MAX_WORKFLOWS) {
                return;
            }
            executions = new ArrayDeque<>();
            executionsByWorkflow.put(shares.workflow(), executions);
        }
        if (executions.size() == maxExecutions) {
            executions.removeFirst();
        }
        executions.addLast(new Arrived(shares, nanoTime.getAsLong()));
    }

    /** Lets go of what is older than the window. */
    void forget() {
        long oldest = nanoTime.getAsLong() - windowNanos;
        Iterator<ArrayDeque<Arrived>> workflows = executionsByWorkflow.values().iterator();
        while (workflows.hasNext()) {
            ArrayDeque<Arrived> executions = workflows.next();
            while (!executions.isEmpty() && executions.getFirst().atNanos() - oldest < 0) {
                executions.removeFirst();
                changed = true;
            }
            if (executions.isEmpty()) {
                workflows.remove();
            }
        }
    }

    /** Whether an estimate would say something new. */
    boolean hasChanged() {
        return changed;
    }

    /** What it holds now, to be worked on by another thread. */
    Snapshot snapshot() {
        Map<WorkflowKey, List<ExecutionShares>> executions = new TreeMap<>();
        executionsByWorkflow.forEach((workflow, arrived) ->
                executions.put(workflow, arrived.stream().map(Arrived::shares).toList()));
        changed = false;
        return new Snapshot(executions, new EnumMap<>(incomplete));
    }

    /** The window at one moment. */
    record Snapshot(Map<WorkflowKey, List<ExecutionShares>> executions, Map<IncompleteReason, Long> incomplete) {

        /**
         * What the executions say, with the roles that agents give models.
         *
         * @param untold is told of models with two modes of lengths that no agent tells apart, each time
         */
        WorkflowShares estimate(ShareEstimator estimator, BiConsumer<String, String> untold) {
            Map<String, List<ExecutionShares>> byName = new HashMap<>();
            WorkflowKey.shown(executions.keySet())
                    .forEach((key, name) -> byName.put(name, executions.getOrDefault(key, List.of())));
            WorkflowShares shares = estimator.estimate(executions, incomplete);
            List<WorkflowStatistics> workflows = new ArrayList<>();
            for (WorkflowStatistics workflow : shares.workflows()) {
                List<ExecutionShares> own = byName.getOrDefault(workflow.name(), List.of());
                workflows.add(AgentRoles.in(workflow, own));
                AgentRoles.untold(workflow, own).forEach(model -> untold.accept(workflow.name(), model));
            }
            return new WorkflowShares(workflows, shares.incompleteExecutions());
        }
    }
}
