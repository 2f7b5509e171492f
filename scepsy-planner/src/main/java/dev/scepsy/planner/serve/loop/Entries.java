package dev.scepsy.planner.serve.loop;

import dev.scepsy.planner.serve.journal.PlanEntry;
import dev.scepsy.planner.serve.journal.ProposalState;
import dev.scepsy.planner.serve.journal.Scorecard;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Plans of the journal, changed. */
final class Entries {

    private Entries() {}

    static PlanEntry with(PlanEntry entry, List<PlanEntry.Step> steps) {
        return copy(entry, entry.state(), entry.appliedAt(), entry.endedAt(), entry.reason(), steps, entry.scorecard());
    }

    /** Since {@code at} it serves. */
    static PlanEntry applied(PlanEntry entry, ProposalState state, Instant at) {
        return copy(entry, state, at, state.ended() ? at : null, entry.reason(), entry.steps(), entry.scorecard());
    }

    static PlanEntry ended(PlanEntry entry, ProposalState state, Instant at, @Nullable String reason) {
        List<PlanEntry.Step> steps = new java.util.ArrayList<>(entry.steps());
        if (reason != null) {
            steps.add(new PlanEntry.Step(at, reason));
        }
        return copy(entry, state, entry.appliedAt(), at, entry.reason(), steps, entry.scorecard());
    }

    static PlanEntry scored(PlanEntry entry, ProposalState state, Scorecard scorecard, @Nullable Instant ended) {
        return copy(entry, state, entry.appliedAt(), ended, entry.reason(), entry.steps(), scorecard);
    }

    private static PlanEntry copy(
            PlanEntry entry,
            ProposalState state,
            @Nullable Instant appliedAt,
            @Nullable Instant endedAt,
            @Nullable String reason,
            List<PlanEntry.Step> steps,
            @Nullable Scorecard scorecard) {
        return new PlanEntry(
                entry.id(),
                entry.clusterPlanId(),
                entry.proposal(),
                entry.kind(),
                state,
                entry.startedAt(),
                appliedAt,
                endedAt,
                entry.by(),
                reason,
                entry.plan(),
                entry.workflows(),
                steps,
                entry.previous(),
                scorecard);
    }
}
