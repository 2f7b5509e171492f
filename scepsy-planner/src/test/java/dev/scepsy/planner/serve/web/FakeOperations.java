package dev.scepsy.planner.serve.web;

import dev.scepsy.planner.serve.journal.Decision;
import dev.scepsy.planner.serve.journal.Documents;
import dev.scepsy.planner.serve.journal.Freeze;
import dev.scepsy.planner.serve.journal.Pin;
import dev.scepsy.planner.serve.journal.PlanEntry;
import dev.scepsy.planner.serve.journal.Proposal;
import dev.scepsy.planner.serve.journal.ProposalState;
import dev.scepsy.planner.serve.journal.Scorecard;
import dev.scepsy.planner.serve.journal.StoreException;
import dev.scepsy.planner.serve.journal.Suspect;
import dev.scepsy.planner.serve.journal.Trigger;
import dev.scepsy.planner.serve.loop.Operations;
import dev.scepsy.planner.serve.settings.Actor;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** Does nothing, and remembers what it was asked to do. */
final class FakeOperations implements Operations {

    static final Instant AT = Instant.parse("2026-02-03T04:05:06Z");

    final List<String> asked = new CopyOnWriteArrayList<>();
    private final MemoryJournal journal;
    volatile @Nullable String trouble;
    volatile String modelName = "org/large";
    /** Planning waits for it. */
    volatile CountDownLatch gate = new CountDownLatch(0);

    FakeOperations(MemoryJournal journal) {
        this.journal = journal;
    }

    private void mustLead() {
        if (journal.leader != null) {
            throw StoreException.standby(journal.leader);
        }
    }

    static Proposal proposal(String id, ProposalState state) {
        return new Proposal(
                id,
                state,
                AT,
                AT,
                List.of(new Trigger("person", null, null, AT, "A person asked.", Map.of("targetPerSecond", 2.0))),
                Documents.parse("{\"objectiveSeconds\":1.0}"),
                Documents.parse("{\"workflows\":[]}"),
                Map.of("research", 0.5),
                new Proposal.Gain(
                        null, 1, 0.5, 2, 3, List.of(new Proposal.WorkflowGain("research", 0.5, null, 2.0, null, 3.0))),
                new Proposal.MoveCost(2, 60, 30, 1.5, 10, 3600),
                List.of("Because."),
                List.of(new Proposal.Difference("large", null, Documents.parse("{\"replicas\":2}"))),
                List.of("start large on node-1"),
                null,
                "hardware",
                "evidence",
                List.of(new Decision("approve", "ann", null, AT)),
                null,
                Documents.parse("{\"allocations\":[],\"placements\":[]}"),
                Map.of("research", 30.0));
    }

    static PlanEntry plan(String id) {
        return new PlanEntry(
                id,
                "cluster-1",
                null,
                "rollback",
                ProposalState.APPLYING,
                AT,
                null,
                null,
                "ann",
                "slow",
                Documents.parse("{}"),
                null,
                List.of(new PlanEntry.Step(AT, "started")),
                null,
                new Scorecard(
                        AT,
                        AT,
                        "asPredicted",
                        "It does.",
                        List.of(new Scorecard.WorkflowScore("research", 30, 1.0, 1.1, null, 0.5, null)),
                        List.of(new Scorecard.ModelScore("large", 0.5, null, null, 1.0))));
    }

    @Override
    public Proposal plan(Actor actor, Map<String, Double> targets, @Nullable String reason)
            throws ConflictException, BadRequestException {
        mustLead();
        asked.add("plan " + actor.name() + " " + targets + " " + reason);
        try {
            gate.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        if (targets.containsKey("nobody")) {
            throw new BadRequestException(List.of("No workflow is called (nobody).", "Name another one."));
        }
        if (targets.containsKey("bug")) {
            throw new IllegalStateException("secret detail");
        }
        return proposal("p-" + asked.size(), ProposalState.OPEN);
    }

    @Override
    public WhatIfAnswer whatIf(String session, WhatIfQuestion question) {
        asked.add("whatIf " + question);
        return new WhatIfAnswer(Documents.parse("{\"predictions\":[]}"), true, false, true, 2);
    }

    @Override
    public Proposal approve(Actor actor, String proposal, @Nullable String reason)
            throws ConflictException, UnknownException {
        return decide("approve", ProposalState.APPROVED, actor, proposal, reason);
    }

    @Override
    public Proposal reject(Actor actor, String proposal, @Nullable String reason)
            throws ConflictException, UnknownException {
        return decide("reject", ProposalState.REJECTED, actor, proposal, reason);
    }

    private Proposal decide(String what, ProposalState state, Actor actor, String id, @Nullable String reason)
            throws ConflictException, UnknownException {
        mustLead();
        asked.add(what + " " + actor.name() + " " + id + " " + reason);
        if (id.equals("none")) {
            throw new UnknownException("There is no proposal none.");
        }
        if (id.equals("old")) {
            throw new ConflictException("The proposal old is superseded.", "superseded");
        }
        return proposal(id, state);
    }

    @Override
    public PlanEntry rollBack(Actor actor, @Nullable String reason) {
        mustLead();
        asked.add("rollBack " + actor.name() + " " + reason);
        return plan("plan-2");
    }

    @Override
    public Pin pin(Actor actor, Pin wanted) {
        mustLead();
        asked.add("pin " + actor.name() + " " + wanted.model());
        return wanted;
    }

    @Override
    public void unpin(Actor actor, String model, @Nullable String reason) throws UnknownException {
        mustLead();
        asked.add("unpin " + actor.name() + " " + model);
        if (model.equals("none")) {
            throw new UnknownException("none is not pinned.");
        }
    }

    @Override
    public Freeze freeze(Actor actor, @Nullable String reason, @Nullable Instant until) {
        mustLead();
        asked.add("freeze " + actor.name() + " " + reason);
        return new Freeze(actor.name(), reason, AT, until);
    }

    @Override
    public void unfreeze(Actor actor, @Nullable String reason) {
        mustLead();
        asked.add("unfreeze " + actor.name());
    }

    @Override
    public void trust(Actor actor, String node, @Nullable String reason) throws UnknownException {
        mustLead();
        asked.add("trust " + actor.name() + " " + node + " " + reason);
        if (node.equals("none")) {
            throw new UnknownException("No GPU of node (none) is suspect.");
        }
    }

    @Override
    public ClusterView cluster() {
        return new ClusterView(
                "plan-1",
                null,
                List.of(
                        new NodeView("node-1", "rack-1", "H100-SXM-80GB", 8, 8, 80, "mps", true),
                        new NodeView(
                                "node-2",
                                "rack-1",
                                "H100-SXM-80GB",
                                8,
                                8,
                                80,
                                "none",
                                false,
                                "Node node-2 is left out.",
                                List.of(new OccupiedView(0, 0.5, 40)))),
                List.of(new EngineView(
                        "large", 0, "node-1", List.of(0, 1), 1, 2, 60, true, null, List.of(), true, null)),
                List.of("small lacks an engine."),
                List.of(new Pin("large", null, null, 2, null, "ann", null, AT, null)),
                List.of(new Suspect("node-1", List.of(0), "large", "Pod large-1", 0.06, 0.02, 240, AT, null, null)),
                new Freeze("ann", "release", AT, null),
                null);
    }

    @Override
    public List<ModelView> models() {
        return List.of(
                new ModelView(modelName, false, 2, 1.0, 0.0, 0.5, null, 1.5, 2.0, 0.8, 0.9, 0.4, 0.5, List.of("fine")));
    }

    @Override
    public LoopView loop() {
        return new LoopView(
                "propose",
                null,
                Map.of("search", new StageTime(3, 1.5)),
                Map.of("research", 2.0),
                Map.of(),
                List.of(),
                0,
                List.of(new WorkflowView("research", 0.5, "configured", 30.0, 0.4, 2.0, null, 2.8)));
    }

    @Override
    public Optional<String> trouble() {
        return Optional.ofNullable(trouble);
    }
}
