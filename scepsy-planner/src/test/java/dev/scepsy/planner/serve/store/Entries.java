package dev.scepsy.planner.serve.store;

import dev.scepsy.planner.serve.journal.Decision;
import dev.scepsy.planner.serve.journal.Documents;
import dev.scepsy.planner.serve.journal.Freeze;
import dev.scepsy.planner.serve.journal.Pin;
import dev.scepsy.planner.serve.journal.PlanEntry;
import dev.scepsy.planner.serve.journal.Proposal;
import dev.scepsy.planner.serve.journal.ProposalState;
import dev.scepsy.planner.serve.journal.Scorecard;
import dev.scepsy.planner.serve.journal.Trigger;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** What a journal holds, for tests. */
final class Entries {

    static final Instant T0 = Instant.parse("2026-11-30T10:00:00.123456789Z");

    private Entries() {}

    static Proposal proposal(String id, ProposalState state, String text) {
        return new Proposal(
                id,
                state,
                T0,
                T0.plusSeconds(5),
                List.of(new Trigger("drift", "rag", "critic", T0, text, Map.of("callsPerExecution", 3.0))),
                Documents.parse(
                        "{\"allocations\":[{\"model\":\"critic\",\"gpuFraction\":0.1,\"memoryGiBPerGpu\":1.0E-7}]}"),
                Documents.parse("{\"workflows\":[]}"),
                Map.of("rag", 0.5),
                new Proposal.Gain(
                        null, 4.25, 1, 3, 4, List.of(new Proposal.WorkflowGain("rag", 0.5, null, 4.25, null, 1e-300))),
                new Proposal.MoveCost(2, 60, 120, 3.5, 1e9, 3600),
                List.of("Because.", text),
                List.of(new Proposal.Difference("critic", null, Documents.parse("{\"replicas\":2}"))),
                List.of("start critic-1"),
                null,
                "cluster-1",
                "evidence-1",
                state == ProposalState.OPEN ? List.of() : List.of(new Decision("reject", "ann", text, T0)),
                null,
                Documents.parse("{\"allocations\":[]}"),
                Map.of("rag", 30.0));
    }

    static PlanEntry plan(String id, ProposalState state, String text) {
        return new PlanEntry(
                id,
                "c-" + id,
                null,
                "proposal",
                state,
                T0,
                null,
                null,
                "ann",
                text,
                Documents.parse("{\"gpusUsed\":6.0}"),
                null,
                List.of(new PlanEntry.Step(T0, text)),
                null,
                new Scorecard(
                        T0,
                        T0.plusSeconds(600),
                        "asPredicted",
                        text,
                        List.of(new Scorecard.WorkflowScore("rag", 12, 1.0, null, null, 0.5, 0.4)),
                        List.of()));
    }

    static Pin pin(String model, String text) {
        return new Pin(model, "H100-SXM-80GB", 0.5, 1, null, "ann", text, T0, null);
    }

    static Freeze freeze(String text) {
        return new Freeze("ann", text, T0, T0.plusSeconds(60));
    }
}
