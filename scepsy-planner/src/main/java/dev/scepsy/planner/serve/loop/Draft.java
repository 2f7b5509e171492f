package dev.scepsy.planner.serve.loop;

import com.fasterxml.jackson.databind.JsonNode;
import dev.scepsy.planner.serve.journal.Proposal.Difference;
import dev.scepsy.planner.serve.journal.Proposal.Gain;
import dev.scepsy.planner.serve.journal.Proposal.MoveCost;
import dev.scepsy.planner.serve.journal.Trigger;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A proposal before it is made: what planning found. Immutable; see {@link dev.scepsy.planner.serve.journal.Proposal}. */
record Draft(
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
        @Nullable JsonNode before,
        Map<String, Double> latencyLimitSeconds) {}
