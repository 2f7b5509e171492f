package dev.scepsy.planner.serve.journal;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A plan that the service, or a person, would move to; with why, what for and at what cost. Immutable.
 *
 * @param id unique, sorts by age
 * @param triggers why now
 * @param plan {@code plan.json}
 * @param workflows {@code workflows.json} that it rests on
 * @param targetsPerSecond by workflow as shown
 * @param gain what it is predicted to bring
 * @param cost of the move
 * @param explanation sentences
 * @param difference by model, those that change
 * @param steps of the push, in order
 * @param basePlanId id of the plan that served when it was made; null where none did. It can only be approved while that plan serves
 * @param baseCluster fingerprint of the hardware that it was made for; likewise
 * @param evidenceKey the same for the same plan on the same evidence: what failed once is not proposed again
 * @param decisions oldest first
 * @param planEntry id of the {@link PlanEntry} it was applied as; null before
 * @param before what served when it was made: {@code allocations} and {@code placements} as in {@code plan.json}; null where nothing did, or an older service made it
 * @param latencyLimitSeconds limits by workflow as shown that it keeps
 */
public record Proposal(
        String id,
        ProposalState state,
        Instant createdAt,
        Instant changedAt,
        List<Trigger> triggers,
        JsonNode plan,
        JsonNode workflows,
        Map<String, Double> targetsPerSecond,
        Gain gain,
        MoveCost cost,
        List<String> explanation,
        List<Difference> difference,
        List<String> steps,
        @Nullable String basePlanId,
        String baseCluster,
        String evidenceKey,
        List<Decision> decisions,
        @Nullable String planEntry,
        @Nullable JsonNode before,
        @Nullable Map<String, Double> latencyLimitSeconds) {

    public Proposal {
        triggers = List.copyOf(triggers);
        targetsPerSecond = new TreeMap<>(targetsPerSecond);
        explanation = List.copyOf(explanation);
        difference = List.copyOf(difference);
        steps = List.copyOf(steps);
        decisions = List.copyOf(decisions);
        // absent in what an older service wrote
        latencyLimitSeconds = latencyLimitSeconds == null ? Map.of() : new TreeMap<>(latencyLimitSeconds);
    }

    /**
     * What it brings, predicted, weighted over workflows as the search weighs them.
     *
     * @param latencySecondsBefore mean latency of what serves now at the new targets; null: it cannot hold them
     * @param latencySecondsAfter of this plan
     * @param relative (before − after) / before; 1 where what serves now cannot hold the targets
     * @param gpusBefore Σ r·t·f of what serves
     * @param gpusAfter of this plan
     * @param workflows by workflow
     */
    public record Gain(
            @Nullable Double latencySecondsBefore,
            double latencySecondsAfter,
            double relative,
            double gpusBefore,
            double gpusAfter,
            List<WorkflowGain> workflows) {
        public Gain {
            workflows = List.copyOf(workflows);
        }
    }

    /**
     * One workflow's part; null: overloaded.
     *
     * @param latencyInterval95SecondsBefore low and high end of the interval that the latency lies in with 95 % certainty, by the
     *     spread of the statistics and the error of the profiles; null: not known. After likewise
     */
    public record WorkflowGain(
            String workflow,
            double targetPerSecond,
            @Nullable Double latencySecondsBefore,
            @Nullable Double latencySecondsAfter,
            @Nullable Double maxThroughputPerSecondBefore,
            @Nullable Double maxThroughputPerSecondAfter,
            @Nullable List<Double> latencyInterval95SecondsBefore,
            @Nullable List<Double> latencyInterval95SecondsAfter) {

        /** Without intervals. */
        public WorkflowGain(
                String workflow,
                double targetPerSecond,
                @Nullable Double latencySecondsBefore,
                @Nullable Double latencySecondsAfter,
                @Nullable Double maxThroughputPerSecondBefore,
                @Nullable Double maxThroughputPerSecondAfter) {
            this(
                    workflow,
                    targetPerSecond,
                    latencySecondsBefore,
                    latencySecondsAfter,
                    maxThroughputPerSecondBefore,
                    maxThroughputPerSecondAfter,
                    null,
                    null);
        }
    }

    /**
     * What the move costs.
     *
     * @param moves engines started or stopped
     * @param seconds that it is expected to take
     * @param gpuSeconds without service
     * @param delayedRequests expected to wait longer while it lasts
     * @param worthSeconds request-seconds gained over {@code horizonSeconds}, less those lost by moving
     * @param horizonSeconds expected time until the next change
     */
    public record MoveCost(
            int moves,
            double seconds,
            double gpuSeconds,
            double delayedRequests,
            double worthSeconds,
            double horizonSeconds) {}

    /** A model's allocation before and after, as in {@code plan.json}; null where it has none. */
    public record Difference(
            String model,
            @Nullable JsonNode before,
            @Nullable JsonNode after) {}

    /**
     * The same in another state.
     *
     * @throws IllegalStateException if that state may not follow
     */
    public Proposal becoming(ProposalState next, Decision decision) {
        if (!state.mayBecome(next)) {
            throw new IllegalStateException(
                    "The proposal " + id + " is " + state.key() + " and cannot become " + next.key() + ".");
        }
        List<Decision> longer = new ArrayList<>(decisions);
        longer.add(decision);
        return with(next, decision.at(), longer, planEntry);
    }

    /** The same, applied as {@code entry}. */
    public Proposal appliedAs(String entry) {
        return with(state, changedAt, decisions, entry);
    }

    private Proposal with(ProposalState next, Instant at, List<Decision> decided, @Nullable String entry) {
        return new Proposal(
                id,
                next,
                createdAt,
                at,
                triggers,
                plan,
                workflows,
                targetsPerSecond,
                gain,
                cost,
                explanation,
                difference,
                steps,
                basePlanId,
                baseCluster,
                evidenceKey,
                decided,
                entry,
                before,
                latencyLimitSeconds);
    }
}
