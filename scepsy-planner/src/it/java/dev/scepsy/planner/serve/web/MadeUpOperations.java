package dev.scepsy.planner.serve.web;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.scepsy.planner.serve.journal.Change;
import dev.scepsy.planner.serve.journal.Decision;
import dev.scepsy.planner.serve.journal.Documents;
import dev.scepsy.planner.serve.journal.Freeze;
import dev.scepsy.planner.serve.journal.Pin;
import dev.scepsy.planner.serve.journal.PlanEntry;
import dev.scepsy.planner.serve.journal.Proposal;
import dev.scepsy.planner.serve.journal.ProposalState;
import dev.scepsy.planner.serve.journal.Scorecard;
import dev.scepsy.planner.serve.journal.Suspect;
import dev.scepsy.planner.serve.journal.Trigger;
import dev.scepsy.planner.serve.loop.Operations;
import dev.scepsy.planner.serve.settings.Actor;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Cluster, plans and decisions of {@link MadeUp}: every model has two engines of one GPU, one after the other, and a plan that gives the first model a third. What is not open any
 * more is refused as the real loop refuses it.
 */
final class MadeUpOperations implements Operations {

    private static final Instant NOW = MadeUp.NOW;
    private static final int NODES_PER_RACK = 16;
    private static final int ENGINES = 2;
    private static final double MEMORY = 72;
    private static final String GPU = "H100-SXM-80GB";

    private final MadeUp made;
    private final MemoryJournal journal;
    private volatile @Nullable Freeze freeze;
    private volatile List<Suspect> suspects;

    MadeUpOperations(MadeUp made, MemoryJournal journal) {
        this.made = made;
        this.journal = journal;
        this.suspects = List.of(new Suspect(
                made.node(0),
                List.of(1),
                made.model(0),
                made.sentence("slow-engine"),
                0.06,
                0.02,
                240,
                NOW.minusSeconds(700),
                null,
                made.sentence("no plan is better.")));
        journal.plans.add(entry("e-2", ProposalState.KEPT, "e-1"));
        journal.plans.add(entry("e-1", ProposalState.ROLLED_BACK, null));
        journal.proposals.add(proposal("p-2", ProposalState.OPEN));
        journal.proposals.add(proposal("p-1", ProposalState.REJECTED));
        Change change = new Change();
        change.event(NOW.minusSeconds(600), "trigger", drift());
        change.event(NOW.minusSeconds(500), "pin", pin());
        journal.write(change);
    }

    private Trigger drift() {
        return new Trigger(
                "drift",
                made.workflow(0),
                made.model(0),
                NOW.minusSeconds(600),
                made.sentence("calls of the model went from 2 to 4."),
                Map.of(
                        "callsBefore",
                        2.0,
                        "callsNow",
                        4.0,
                        "sinceEpochSeconds",
                        NOW.minusSeconds(900).getEpochSecond() * 1.0));
    }

    private Pin pin() {
        return new Pin(
                made.model(0),
                GPU,
                1.0,
                1,
                ENGINES,
                made.prefix + "ann",
                made.sentence("enough"),
                NOW.minusSeconds(500),
                null);
    }

    private ObjectNode plan(int further) {
        ObjectNode plan = Documents.mapper().createObjectNode();
        plan.put("objectiveSeconds", 4.2).put("lowerBoundSeconds", 4.2).put("optimalityGap", 0.0);
        ArrayNode allocations = plan.putArray("allocations");
        ArrayNode placements = plan.putArray("placements");
        int gpu = 0;
        for (int m = 0; m < made.models; m++) {
            int replicas = ENGINES + (m == 0 ? further : 0);
            allocations
                    .addObject()
                    .put("model", made.model(m))
                    .put("gpu", GPU)
                    .put("gpuFraction", 1.0)
                    .put("tensorParallel", 1)
                    .put("replicas", replicas)
                    .put("memoryGiBPerGpu", MEMORY);
            for (int r = 0; r < replicas; r++) {
                // what a model has beyond its two stands on the last GPUs that there are, so that the others stay where
                // they are
                int at = r < ENGINES
                        ? gpu++
                        : (made.nodes - (loses() ? 1 : 0)) * MadeUp.GPUS_PER_NODE - 1 - (r - ENGINES);
                placements
                        .addObject()
                        .put("model", made.model(m))
                        .put("replica", r)
                        .put("node", made.node(at / MadeUp.GPUS_PER_NODE))
                        .putArray("gpus")
                        .add(at % MadeUp.GPUS_PER_NODE);
            }
        }
        ArrayNode predictions = plan.putArray("predictions");
        for (int w = 0; w < made.workflows; w++) {
            predictions
                    .addObject()
                    .put("workflow", made.workflow(w))
                    .put("targetPerSecond", 0.5)
                    .put("latencySeconds", 5.0 - further)
                    .put("maxThroughputPerSecond", 1.5)
                    .put("bottleneck", made.model(w % made.models));
        }
        return plan.put("gpusUsed", (double) gpu + further).put("largestFreeGroup", 4);
    }

    /** Whether the last node is gone. */
    private boolean loses() {
        return made.nodes > 2;
    }

    private Proposal proposal(String id, ProposalState state) {
        List<Proposal.WorkflowGain> gains = new ArrayList<>();
        Map<String, Double> targets = new TreeMap<>();
        Map<String, Double> limits = new TreeMap<>();
        for (int w = 0; w < made.workflows; w++) {
            targets.put(made.workflow(w), 0.5);
            limits.put(made.workflow(w), 30.0);
            gains.add(new Proposal.WorkflowGain(
                    made.workflow(w), 0.5, 5.0, 4.0, 1.2, 1.5, List.of(4.5, 5.5), List.of(3.6, 4.4)));
        }
        ObjectNode before = Documents.mapper().createObjectNode();
        before.set("allocations", plan(0).get("allocations"));
        before.set("placements", plan(0).get("placements"));
        JsonNode sizes = plan(0).path("allocations").path(0);
        return new Proposal(
                id,
                state,
                NOW.minusSeconds(300),
                NOW.minusSeconds(300),
                List.of(drift()),
                plan(1),
                Documents.parse("{\"workflows\":[]}"),
                targets,
                new Proposal.Gain(5.0, 4.0, 0.2, made.models * 2.0, made.models * 2.0 + 1, gains),
                new Proposal.MoveCost(1, 90, 90, 3, 4_000, 21_600),
                List.of(made.sentence("calls of the model went from 2 to 4.")),
                List.of(new Proposal.Difference(
                        made.model(0), sizes, plan(1).path("allocations").path(0))),
                List.of(made.sentence("start the engine")),
                "c-2",
                "hardware",
                "evidence",
                state == ProposalState.OPEN
                        ? List.of()
                        : List.of(new Decision(
                                "reject", made.prefix + "bob", made.sentence("not now"), NOW.minusSeconds(200))),
                null,
                before,
                limits);
    }

    private PlanEntry entry(String id, ProposalState state, @Nullable String previous) {
        List<Scorecard.WorkflowScore> scores = new ArrayList<>();
        for (int w = 0; w < made.workflows; w++) {
            scores.add(new Scorecard.WorkflowScore(made.workflow(w), 120, 5.0, 5.3, 7.0, 0.5, 0.48));
        }
        List<Scorecard.ModelScore> models = new ArrayList<>();
        for (int m = 0; m < made.models; m++) {
            models.add(new Scorecard.ModelScore(made.model(m), 0.5, 0.45, 1.1, 1.2));
        }
        return new PlanEntry(
                id,
                id.replace('e', 'c'),
                null,
                "proposal",
                state,
                NOW.minusSeconds(4_000),
                NOW.minusSeconds(3_900),
                NOW.minusSeconds(3_300),
                made.prefix + "ann",
                made.sentence("the first"),
                plan(0),
                null,
                List.of(new PlanEntry.Step(NOW.minusSeconds(3_950), made.sentence("started"))),
                previous,
                new Scorecard(
                        NOW.minusSeconds(3_900),
                        NOW.minusSeconds(3_300),
                        "asPredicted",
                        made.sentence("It does as predicted."),
                        scores,
                        models));
    }

    @Override
    public ClusterView cluster() {
        List<NodeView> nodes = new ArrayList<>();
        for (int n = 0; n < made.nodes; n++) {
            boolean gone = n == made.nodes - 1 && loses();
            nodes.add(new NodeView(
                    made.node(n),
                    made.prefix + "rack-" + (1 + n / NODES_PER_RACK),
                    GPU,
                    MadeUp.GPUS_PER_NODE,
                    4,
                    80,
                    "none",
                    !gone,
                    gone ? made.sentence("the node is left out: it is cordoned.") : null,
                    List.of()));
        }
        List<EngineView> engines = new ArrayList<>();
        int gpu = 0;
        for (int m = 0; m < made.models; m++) {
            for (int r = 0; r < ENGINES; r++) {
                boolean ready = gpu != 3;
                engines.add(new EngineView(
                        made.model(m),
                        r,
                        made.node(gpu / MadeUp.GPUS_PER_NODE),
                        List.of(gpu % MadeUp.GPUS_PER_NODE),
                        1,
                        1,
                        MEMORY,
                        true,
                        ready,
                        ready ? List.of() : List.of(made.sentence("the image cannot be pulled.")),
                        true,
                        null));
                gpu++;
            }
        }
        return new ClusterView(
                "e-2",
                "c-2",
                nodes,
                engines,
                List.of(made.sentence("one engine is not ready.")),
                List.of(pin()),
                suspects,
                freeze,
                null);
    }

    @Override
    public List<ModelView> models() {
        List<ModelView> views = new ArrayList<>();
        for (int m = 0; m < made.models; m++) {
            views.add(new ModelView(
                    made.model(m),
                    false,
                    ENGINES,
                    (double) (m % 7),
                    (double) (m % 3),
                    0.1 + (m % 9) / 10.0,
                    0.5,
                    1.5,
                    2.0,
                    1.2,
                    1.1,
                    0.4,
                    0.5,
                    List.of(made.sentence("fine"))));
        }
        return views;
    }

    @Override
    public LoopView loop() {
        Map<String, Double> predicted = new LinkedHashMap<>();
        Map<String, Double> measured = new LinkedHashMap<>();
        List<WorkflowView> workflows = new ArrayList<>();
        for (int w = 0; w < made.workflows; w++) {
            predicted.put(made.workflow(w), 5.0);
            measured.put(made.workflow(w), 5.3);
            workflows.add(new WorkflowView(made.workflow(w), 0.5, "configured", 30.0, 0.48, 5.0, 5.3, 1.5));
        }
        return new LoopView(
                "propose",
                null,
                Map.of("plan", new StageTime(3, 1.5)),
                predicted,
                measured,
                List.of(made.sentence("a note")),
                0,
                workflows);
    }

    @Override
    public Optional<String> trouble() {
        return Optional.empty();
    }

    /** As if another person had done it. */
    void becomes(String id, ProposalState state, String by) {
        synchronized (journal) {
            journal.proposals.replaceAll(each -> each.id().equals(id)
                    ? each.becoming(state, new Decision("reject", by, made.sentence("elsewhere"), NOW))
                    : each);
        }
    }

    private Proposal decide(Actor actor, String id, ProposalState state, String what, @Nullable String reason)
            throws ConflictException, UnknownException {
        Proposal now =
                journal.proposal(id).orElseThrow(() -> new UnknownException("There is no proposal with this id."));
        if (now.state() != ProposalState.OPEN) {
            throw new ConflictException(
                    "The proposal (" + id + ") is " + now.state().key() + ", not open.",
                    now.state().key());
        }
        Proposal next = now.becoming(state, new Decision(what, actor.name(), reason, NOW));
        synchronized (journal) {
            journal.proposals.replaceAll(each -> each.id().equals(id) ? next : each);
        }
        Change change = new Change();
        change.event(NOW, "proposal", Map.of("id", id, "state", state.key()));
        journal.write(change);
        return next;
    }

    @Override
    public Proposal approve(Actor actor, String proposal, @Nullable String reason)
            throws ConflictException, UnknownException {
        return decide(actor, proposal, ProposalState.APPROVED, "approve", reason);
    }

    @Override
    public Proposal reject(Actor actor, String proposal, @Nullable String reason)
            throws ConflictException, UnknownException {
        return decide(actor, proposal, ProposalState.REJECTED, "reject", reason);
    }

    @Override
    public Proposal plan(Actor actor, Map<String, Double> targets, @Nullable String reason) throws ConflictException {
        throw new ConflictException("What serves is the best plan that was found.", "asPlanned");
    }

    @Override
    public WhatIfAnswer whatIf(String session, WhatIfQuestion question) {
        return new WhatIfAnswer(plan(1), true, true, false, 0.01);
    }

    @Override
    public PlanEntry rollBack(Actor actor, @Nullable String reason) throws ConflictException {
        throw new ConflictException("There is no earlier plan to go back to.", "applied");
    }

    @Override
    public Pin pin(Actor actor, Pin wanted) {
        return wanted;
    }

    @Override
    public void unpin(Actor actor, String model, @Nullable String reason) {}

    @Override
    public Freeze freeze(Actor actor, @Nullable String reason, @Nullable Instant until) {
        Freeze made = new Freeze(actor.name(), reason, NOW, until);
        freeze = made;
        return made;
    }

    @Override
    public void unfreeze(Actor actor, @Nullable String reason) {
        freeze = null;
    }

    @Override
    public void trust(Actor actor, String node, @Nullable String reason) throws UnknownException {
        if (suspects.stream().noneMatch(each -> each.node().equals(node))) {
            throw new UnknownException("No engine was slow on the node (" + node + ").");
        }
        suspects = List.of();
    }
}
