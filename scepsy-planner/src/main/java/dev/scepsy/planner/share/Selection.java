package dev.scepsy.planner.share;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which of a workflow's complete executions count. Immutable.
 *
 * @param skipFirst of every instance of a program, so many executions are left out, the first to start: a process that has just
 *     begun loads classes, opens connections, fills caches; 0 or more
 * @param trim of the others, this part is left out at either end of the order of end-to-end times: a trimmed mean, which a few
 *     executions of extraordinary length do not move; in [0, 0.5)
 */
public record Selection(int skipFirst, double trim) {

    /** All count. */
    public static final Selection ALL = new Selection(0, 0);

    /** @throws IllegalArgumentException if a part is out of its range */
    public Selection {
        if (skipFirst < 0) {
            throw new IllegalArgumentException(
                    "The number of skipped executions (" + skipFirst + ") must be 0 or more.");
        }
        if (!(trim >= 0 && trim < 0.5)) {
            throw new IllegalArgumentException("The trimmed part (" + trim + ") must lie in [0, 0.5).");
        }
    }

    /**
     * What counts of one workflow.
     *
     * @param executions those that count, by start
     * @param skipped how many were the first of their instance
     * @param trimmed how many were among the shortest or longest
     */
    record Chosen(List<ExecutionShares> executions, long skipped, long trimmed) {}

    /** How stable the shares of what counts are, in the order of the workflows; those without executions are left out. */
    public List<Stability> stabilities(Map<WorkflowKey, List<ExecutionShares>> executions, double precision) {
        List<Stability> stabilities = new ArrayList<>();
        WorkflowKey.shown(executions.keySet()).forEach((key, shown) -> {
            List<ExecutionShares> chosen =
                    of(executions.getOrDefault(key, List.of())).executions();
            if (!chosen.isEmpty()) {
                stabilities.add(Stability.of(shown, chosen, precision));
            }
        });
        return stabilities;
    }

    Chosen of(List<ExecutionShares> executionsOfWorkflow) {
        ExecutionShares[] sorted = executionsOfWorkflow.toArray(ExecutionShares[]::new);
        Arrays.sort(sorted);
        List<ExecutionShares> ordered = Arrays.asList(sorted);
        List<ExecutionShares> late = skipFirst == 0 ? ordered : withoutFirst(ordered);
        int skipped = ordered.size() - late.size();
        int each = (int) Math.floor(trim * late.size());
        if (each == 0) {
            return new Chosen(late, skipped, 0);
        }
        List<ExecutionShares> byTime = new ArrayList<>(late);
        byTime.sort(Comparator.comparingLong(ExecutionShares::durationNanos).thenComparing(Comparator.naturalOrder()));
        List<ExecutionShares> middle = new ArrayList<>(byTime.subList(each, byTime.size() - each));
        middle.sort(null);
        return new Chosen(middle, skipped, 2L * each);
    }

    private List<ExecutionShares> withoutFirst(List<ExecutionShares> ordered) {
        Map<String, Integer> seen = new HashMap<>();
        List<ExecutionShares> late = new ArrayList<>(ordered.size());
        for (ExecutionShares execution : ordered) {
            // those that do not say their instance are taken to be one
            String instance = execution.instance() == null ? "" : execution.instance();
            if (seen.merge(instance, 1, Integer::sum) > skipFirst) {
                late.add(execution);
            }
        }
        return late;
    }
}
