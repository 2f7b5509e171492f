package dev.scepsy.planner.serve.journal;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A plan that was applied: when, by whom, why, and how it did. Immutable.
 *
 * @param id unique, sorts by age
 * @param clusterPlanId id under which the cluster has it; null before the push began
 * @param proposal it came from; null where it was found serving or gone back to
 * @param kind {@code proposal}, {@code rollback} by a person, {@code goBack} by the service, or {@code found} serving at the start
 * @param state {@code applying}, {@code verifying}, {@code kept}, {@code rolledBack} or {@code failed}
 * @param plan {@code plan.json}
 * @param workflows {@code workflows.json} it rests on; null where not known
 * @param steps as they happened
 * @param previous id of the entry that served before; null for the first
 * @param scorecard null before it was verified
 */
public record PlanEntry(
        String id,
        @Nullable String clusterPlanId,
        @Nullable String proposal,
        String kind,
        ProposalState state,
        Instant startedAt,
        @Nullable Instant appliedAt,
        @Nullable Instant endedAt,
        String by,
        @Nullable String reason,
        JsonNode plan,
        @Nullable JsonNode workflows,
        List<Step> steps,
        @Nullable String previous,
        @Nullable Scorecard scorecard) {

    public PlanEntry {
        steps = List.copyOf(steps);
    }

    /** One step of a push. */
    public record Step(Instant at, String text) {}
}
