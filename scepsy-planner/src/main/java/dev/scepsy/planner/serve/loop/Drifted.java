package dev.scepsy.planner.serve.loop;

import dev.scepsy.planner.serve.journal.Trigger;
import dev.scepsy.planner.serve.observe.Observations;
import dev.scepsy.planner.share.WorkflowShares;
import dev.scepsy.planner.share.WorkflowStatistics;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Workflows that do something else than they did: what they did before must not be planned for. Their statistics count from the change on, and
 * planning waits until enough executions have ended since.
 */
final class Drifted {

    /** In a drift's evidence: when it began. */
    static final String SINCE = "sinceEpochSeconds";

    /** A workflow that runs this rarely is planned for with what there is. */
    private static final Duration MOST_WAIT = Duration.ofHours(2);

    private static final Duration MINUTE = Duration.ofMinutes(1);

    private Drifted() {}

    /** When each drifted workflow changed, the last time. */
    static Map<String, Instant> since(List<Trigger> triggers) {
        Map<String, Instant> since = new HashMap<>();
        for (Trigger trigger : triggers) {
            Double epochSeconds = trigger.evidence().get(SINCE);
            if (trigger.kind().equals("drift") && trigger.workflow() != null && epochSeconds != null) {
                Instant began = Instant.ofEpochSecond(epochSeconds.longValue());
                since.merge(trigger.workflow(), began, (a, b) -> a.isAfter(b) ? a : b);
            }
        }
        return since;
    }

    /** Statistics of the minutes after {@code began}, which are wholly after it. */
    private static Optional<WorkflowStatistics> after(
            String workflow, Instant began, Observations observations, Instant now) {
        Instant from = began.plus(MINUTE);
        if (!from.isBefore(now)) {
            return Optional.empty();
        }
        return observations.statisticsBetween(from, now).workflows().stream()
                .filter(each -> each.name().equals(workflow))
                .findFirst();
    }

    /** Why planning waits, a sentence; empty: it need not. */
    static Optional<String> tooFew(List<Trigger> triggers, Observations observations, Instant now, int required) {
        for (Map.Entry<String, Instant> each : since(triggers).entrySet()) {
            boolean patient = now.isBefore(each.getValue().plus(MOST_WAIT));
            long executions = after(each.getKey(), each.getValue(), observations, now)
                    .map(statistics -> statistics.executions().orElse(0))
                    .orElse(0L);
            if (patient && executions < required) {
                return Optional.of("Workflow (" + each.getKey() + ") has changed: it is planned for after " + required
                        + " executions of the new kind; " + executions + " have ended.");
            }
        }
        return Optional.empty();
    }

    /** {@code whole}, with the statistics since their change of the workflows that changed, where there are enough. */
    static WorkflowShares fresh(
            WorkflowShares whole, List<Trigger> triggers, Observations observations, Instant now, int required) {
        Map<String, Instant> since = since(triggers);
        if (since.isEmpty()) {
            return whole;
        }
        return new WorkflowShares(
                whole.workflows().stream()
                        .map(workflow -> {
                            Instant began = since.get(workflow.name());
                            return began == null
                                    ? workflow
                                    : after(workflow.name(), began, observations, now)
                                            .filter(after -> after.executions().orElse(0) >= required)
                                            .orElse(workflow);
                        })
                        .map(Objects::requireNonNull)
                        .toList(),
                whole.incompleteExecutions());
    }
}
