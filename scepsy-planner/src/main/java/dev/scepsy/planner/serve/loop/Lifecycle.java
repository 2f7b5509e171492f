package dev.scepsy.planner.serve.loop;

import com.fasterxml.jackson.databind.JsonNode;
import dev.scepsy.planner.serve.journal.Change;
import dev.scepsy.planner.serve.journal.Decision;
import dev.scepsy.planner.serve.journal.Documents;
import dev.scepsy.planner.serve.journal.Journal;
import dev.scepsy.planner.serve.journal.PlanEntry;
import dev.scepsy.planner.serve.journal.Proposal;
import dev.scepsy.planner.serve.journal.ProposalState;
import dev.scepsy.planner.serve.journal.Scorecard;
import dev.scepsy.planner.serve.loop.Operations.ConflictException;
import dev.scepsy.planner.serve.loop.Operations.UnknownException;
import dev.scepsy.planner.serve.settings.Actor;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The life of proposals and of the plans they become. The journal is the only memory: every transition is written, with its event, before it
 * has an effect or an answer, so that a restart goes on from what is written. One transition at a time; thread-safe.
 */
final class Lifecycle {

    /** Open proposals expire after this. */
    static final Duration EXPIRES = Duration.ofHours(24);

    /** Plans looked through for the one that serves or is on its way. */
    static final int PLANS = 200;

    private static final String PUSHED_PREFIX = "e-";
    private static final String UNDO = "undo";
    private static final String STRANDED = "stranded";

    private final Journal journal;
    private final InstantSource clock;

    Lifecycle(Journal journal, InstantSource clock) {
        this.journal = journal;
        this.clock = clock;
    }

    /** What proposals rest on: the plan on the cluster's record (empty: none) and the hardware's fingerprint. */
    record Basis(Optional<String> planId, String cluster) {}

    Optional<Proposal> open() {
        return journal.liveProposals().stream()
                .filter(proposal -> proposal.state() == ProposalState.OPEN)
                .findFirst();
    }

    Optional<Proposal> underWay() {
        return journal.liveProposals().stream()
                .filter(proposal -> proposal.state().underWay())
                .findFirst();
    }

    /** The entry that is being pushed, forwards or back. */
    Optional<PlanEntry> pushing() {
        return journal.plans(PLANS).stream()
                .filter(entry -> entry.state() == ProposalState.APPLYING)
                .findFirst();
    }

    /** The entry whose plan serves, as far as the journal knows. */
    Optional<PlanEntry> serving() {
        return journal.plans(PLANS).stream()
                .filter(entry -> entry.state() == ProposalState.VERIFYING || entry.state() == ProposalState.KEPT)
                .findFirst();
    }

    /** The entry to be verified; none while it is being undone. */
    Optional<PlanEntry> verifying() {
        return pushing().isPresent()
                ? Optional.empty()
                : journal.plans(PLANS).stream()
                        .filter(entry -> entry.state() == ProposalState.VERIFYING)
                        .findFirst();
    }

    /** A new proposal; supersedes the open one. */
    synchronized Proposal propose(Draft draft, Actor actor) {
        Instant now = clock.instant();
        Change change = new Change();
        for (Proposal old : journal.liveProposals()) {
            if (old.state() == ProposalState.OPEN) {
                become(change, old, ProposalState.SUPERSEDED, "supersede", actor.name(), "A newer one was made.");
            }
        }
        Proposal made = new Proposal(
                Ids.next(
                        "p-",
                        now,
                        journal.proposals(1).stream().map(Proposal::id).findFirst()),
                ProposalState.OPEN,
                now,
                now,
                draft.triggers(),
                draft.plan(),
                draft.workflows(),
                draft.targetsPerSecond(),
                draft.gain(),
                draft.cost(),
                draft.explanation(),
                draft.difference(),
                draft.steps(),
                draft.basePlanId(),
                draft.baseCluster(),
                draft.evidenceKey(),
                List.of(),
                null,
                draft.before(),
                draft.latencyLimitSeconds());
        change.proposal(made);
        event(change, made, null);
        journal.write(change);
        return made;
    }

    /**
     * Approves, if it still rests on what is there.
     *
     * @param now what is there
     */
    synchronized Proposal approve(Actor actor, String id, @Nullable String reason, Basis now)
            throws ConflictException, UnknownException {
        Proposal proposal = decidable(id);
        requireNothingUnderWay(proposal.state());
        Optional<String> moved = moved(proposal, now);
        if (moved.isPresent()) {
            throw new ConflictException(
                    "The proposal rests on what has changed: " + moved.get() + " Plan again.",
                    proposal.state().key());
        }
        Change change = new Change();
        Proposal approved = become(change, proposal, ProposalState.APPROVED, "approve", actor.name(), reason);
        journal.write(change);
        return approved;
    }

    synchronized Proposal reject(Actor actor, String id, @Nullable String reason)
            throws ConflictException, UnknownException {
        Proposal proposal = decidable(id);
        Change change = new Change();
        Proposal rejected = become(change, proposal, ProposalState.REJECTED, "reject", actor.name(), reason);
        journal.write(change);
        return rejected;
    }

    private Proposal decidable(String id) throws ConflictException, UnknownException {
        expire();
        Proposal proposal =
                journal.proposal(id).orElseThrow(() -> new UnknownException("There is no proposal (" + id + ")."));
        if (proposal.state() != ProposalState.OPEN) {
            throw new ConflictException(
                    "The proposal (" + id + ") is " + proposal.state().key() + ", not open."
                            + (proposal.state() == ProposalState.APPROVED
                                    ? " It waits to be applied: a freeze (PUT /api/v1/freeze) keeps it from that."
                                    : ""),
                    proposal.state().key());
        }
        return proposal;
    }

    private void requireNothingUnderWay(ProposalState state) throws ConflictException {
        Optional<Proposal> other = underWay();
        if (other.isPresent()) {
            throw new ConflictException(
                    "The proposal (" + other.get().id() + ") is "
                            + other.get().state().key() + ": one is under way at a time.",
                    state.key());
        }
        if (pushing().isPresent()) {
            throw new ConflictException("The cluster is being moved back: wait for its end.", state.key());
        }
    }

    /** What of the proposal's basis is not there any more, a sentence. */
    static Optional<String> moved(Proposal proposal, Basis now) {
        if (!Optional.ofNullable(proposal.basePlanId()).equals(now.planId())) {
            return Optional.of(
                    "it was made while plan " + (proposal.basePlanId() == null ? "none" : proposal.basePlanId())
                            + " served, and now it is " + now.planId().orElse("none") + ".");
        }
        return proposal.baseCluster().equals(now.cluster())
                ? Optional.empty()
                : Optional.of("the cluster's hardware is another than it was made for.");
    }

    /** Open proposals that are too old. */
    synchronized void expire() {
        Instant now = clock.instant();
        Change change = new Change();
        for (Proposal proposal : journal.liveProposals()) {
            if (proposal.state() == ProposalState.OPEN
                    && !now.isBefore(proposal.createdAt().plus(EXPIRES))) {
                become(
                        change,
                        proposal,
                        ProposalState.EXPIRED,
                        "expire",
                        Actor.SERVICE.name(),
                        "Nobody decided in 24 h.");
            }
        }
        if (!change.items().isEmpty()) {
            journal.write(change);
        }
    }

    /** Begins to apply what is approved: written before anything is changed. */
    synchronized PlanEntry begin(Proposal approved, String clusterPlanId) {
        Instant now = clock.instant();
        PlanEntry entry = new PlanEntry(
                nextEntry(now),
                clusterPlanId,
                approved.id(),
                "proposal",
                ProposalState.APPLYING,
                now,
                null,
                null,
                decider(approved),
                approved.explanation().isEmpty() ? null : approved.explanation().get(0),
                approved.plan(),
                approved.workflows(),
                List.of(),
                serving().map(PlanEntry::id).orElse(null),
                null);
        Change change = new Change().plan(entry);
        Proposal applying = become(
                change, approved.appliedAs(entry.id()), ProposalState.APPLYING, "apply", Actor.SERVICE.name(), null);
        journal.write(change);
        if (applying.state() != ProposalState.APPLYING) {
            throw new IllegalStateException("The proposal " + approved.id() + " did not become applying.");
        }
        return entry;
    }

    /** What is approved cannot be applied any more. */
    synchronized void drop(Proposal approved, String reason) {
        Change change = new Change();
        become(change, approved, ProposalState.FAILED, "fail", Actor.SERVICE.name(), reason);
        journal.write(change);
    }

    private static String decider(Proposal proposal) {
        return proposal.decisions().stream()
                .filter(decision -> decision.what().equals("approve"))
                .map(Decision::by)
                .findFirst()
                .orElse(Actor.SERVICE.name());
    }

    /** Steps that happened. */
    synchronized void steps(String entryId, List<PlanEntry.Step> happened) {
        PlanEntry entry = entry(entryId);
        List<PlanEntry.Step> steps = new ArrayList<>(entry.steps());
        steps.addAll(happened);
        Change change = new Change().plan(Entries.with(entry, steps));
        happened.forEach(step -> change.event(step.at(), "step", Map.of("plan", entry.id(), "text", step.text())));
        journal.write(change);
    }

    /** The push of a proposal's plan ended and it serves: it is verified from now on. */
    synchronized void applied(String entryId) {
        PlanEntry entry = entry(entryId);
        Instant now = clock.instant();
        Change change = new Change().plan(Entries.applied(entry, ProposalState.VERIFYING, now));
        proposalOf(entry)
                .ifPresent(proposal ->
                        become(change, proposal, ProposalState.VERIFYING, "applied", Actor.SERVICE.name(), null));
        change.note(UNDO, "");
        journal.write(change);
    }

    /** The push of a proposal's plan came to nothing. */
    synchronized void ended(String entryId, ProposalState end, String what, String by, String reason) {
        PlanEntry entry = entry(entryId);
        Change change = new Change().plan(Entries.ended(entry, end, clock.instant(), reason));
        proposalOf(entry)
                .filter(proposal -> proposal.state().underWay())
                .ifPresent(proposal -> become(change, proposal, end, what, by, reason));
        change.note(UNDO, "");
        journal.write(change);
    }

    /** The push of a proposal's plan cannot come to its end, because hardware is gone: what is there is planned for at once. */
    synchronized void stranded(String entryId, ProposalState end, String reason) {
        PlanEntry entry = entry(entryId);
        String what = end == ProposalState.FAILED ? "fail" : "rollback";
        Change change = new Change().plan(Entries.ended(entry, end, clock.instant(), reason));
        proposalOf(entry)
                .filter(proposal -> proposal.state().underWay())
                .ifPresent(proposal -> become(change, proposal, end, what, Actor.SERVICE.name(), reason));
        change.note(UNDO, "");
        change.note(STRANDED, entryId);
        journal.write(change);
    }

    /** Whether the push of {@code entry} ended because hardware was gone, and nothing has been pushed since. */
    boolean isStranded(PlanEntry entry) {
        return entry.state().ended() && journal.note(STRANDED).equals(Optional.of(entry.id()));
    }

    /** Whether the unfinished push towards {@code clusterPlanId} is one that this service gave up: the next may begin where it stands. */
    boolean gaveUp(String clusterPlanId) {
        return journal.plans(PLANS).stream()
                .filter(entry -> entry.state() != ProposalState.APPLYING)
                .findFirst()
                .filter(entry -> clusterPlanId.equals(entry.clusterPlanId()))
                .filter(this::isStranded)
                .isPresent();
    }

    /** What was verified stays. */
    synchronized void keep(String entryId, Scorecard scorecard) {
        PlanEntry entry = entry(entryId);
        Instant now = clock.instant();
        Change change = new Change().plan(Entries.scored(entry, ProposalState.KEPT, scorecard, now));
        change.event(now, "scorecard", Map.of("plan", entry.id(), "scorecard", scorecard));
        proposalOf(entry)
                .ifPresent(proposal -> become(
                        change, proposal, ProposalState.KEPT, "keep", Actor.SERVICE.name(), scorecard.sentence()));
        journal.write(change);
    }

    /**
     * Begins to go back: written before anything is changed. The proposal of the plan that is undone stays as it is until that is done.
     *
     * @param undone entry whose plan serves; null: none on record
     * @param scorecard of it, if it was verified
     * @param clusterPlanId where going back leads; null: out of an unfinished push
     * @param kind {@code rollback} or {@code goBack}
     */
    synchronized PlanEntry beginBack(
            @Nullable PlanEntry undone,
            @Nullable Scorecard scorecard,
            @Nullable String clusterPlanId,
            String kind,
            String by,
            @Nullable String reason)
            throws ConflictException {
        Optional<PlanEntry> busy = pushing();
        if (busy.isPresent()) {
            throw new ConflictException(
                    "A push is under way (" + busy.get().kind() + "): wait for its end.", "applying");
        }
        Instant now = clock.instant();
        Optional<PlanEntry> former = journal.plans(PLANS).stream()
                .filter(entry -> clusterPlanId != null && clusterPlanId.equals(entry.clusterPlanId()))
                .findFirst();
        JsonNode plan = former.map(PlanEntry::plan).orElseGet(() -> Documents.parse("{}"));
        PlanEntry back = new PlanEntry(
                nextEntry(now),
                clusterPlanId,
                undone == null ? null : undone.proposal(),
                kind,
                ProposalState.APPLYING,
                now,
                null,
                null,
                by,
                reason,
                plan,
                former.map(PlanEntry::workflows).orElse(null),
                List.of(),
                undone == null ? null : undone.id(),
                null);
        Change change = new Change().plan(back);
        if (undone != null && scorecard != null) {
            change.plan(Entries.scored(undone, undone.state(), scorecard, undone.endedAt()));
            change.event(now, "scorecard", Map.of("plan", undone.id(), "scorecard", scorecard));
        }
        change.event(now, "service", Map.of("text", "Going back to plan " + clusterPlanId + ".", "by", by));
        journal.write(change);
        return back;
    }

    /** Going back ended well. */
    synchronized void wentBack(String entryId) {
        PlanEntry back = entry(entryId);
        Instant now = clock.instant();
        Change change = new Change().plan(Entries.applied(back, ProposalState.KEPT, now));
        undone(back).ifPresent(entry -> {
            if (!entry.state().ended()) {
                change.plan(Entries.ended(entry, ProposalState.ROLLED_BACK, now, back.reason()));
                proposalOf(entry)
                        .filter(proposal -> proposal.state().underWay())
                        .ifPresent(proposal -> become(
                                change, proposal, ProposalState.ROLLED_BACK, back.kind(), back.by(), back.reason()));
            } else if (entry.state() == ProposalState.KEPT) {
                change.plan(Entries.ended(entry, ProposalState.ROLLED_BACK, now, back.reason()));
            }
        });
        journal.write(change);
    }

    /** Going back came to nothing: what was to be undone still serves, or a mixture that the cluster's record describes. */
    synchronized void backFailed(String entryId, String reason) {
        PlanEntry back = entry(entryId);
        Instant now = clock.instant();
        Change change = new Change().plan(Entries.ended(back, ProposalState.FAILED, now, reason));
        undone(back).filter(entry -> entry.state() == ProposalState.VERIFYING).ifPresent(entry -> {
            String why = "Going back failed: " + reason;
            change.plan(Entries.ended(entry, ProposalState.FAILED, now, why));
            proposalOf(entry)
                    .filter(proposal -> proposal.state().underWay())
                    .ifPresent(proposal ->
                            become(change, proposal, ProposalState.FAILED, "fail", Actor.SERVICE.name(), why));
        });
        journal.write(change);
    }

    /** Somebody wants the running push of {@code entry} undone: kept until it ended. */
    synchronized void wantUndone(PlanEntry entry, String by, @Nullable String reason) {
        Instant now = clock.instant();
        Change change = new Change().note(UNDO, entry.id() + "\n" + by + "\n" + (reason == null ? "" : reason));
        change.event(now, "service", Map.of("text", "The push is to be undone.", "by", by));
        journal.write(change);
    }

    /** Who wants {@code entry}'s push undone, and why. */
    Optional<Undo> undo(PlanEntry entry) {
        return journal.note(UNDO)
                .map(note -> note.split("\n", 3))
                .filter(parts -> parts.length == 3 && parts[0].equals(entry.id()))
                .map(parts -> new Undo(parts[1], parts[2]));
    }

    /** A wish. */
    record Undo(String by, String reason) {}

    /** What was found serving. */
    synchronized PlanEntry found(String clusterPlanId, JsonNode plan) {
        Instant now = clock.instant();
        PlanEntry entry = new PlanEntry(
                nextEntry(now),
                clusterPlanId,
                null,
                "found",
                ProposalState.KEPT,
                now,
                now,
                now,
                Actor.SERVICE.name(),
                "It served when the service looked.",
                plan,
                null,
                List.of(),
                serving().map(PlanEntry::id).orElse(null),
                null);
        journal.write(new Change().plan(entry));
        return entry;
    }

    private String nextEntry(Instant now) {
        return Ids.next(
                PUSHED_PREFIX, now, journal.plans(1).stream().map(PlanEntry::id).findFirst());
    }

    private PlanEntry entry(String id) {
        return journal.plan(id).orElseThrow(() -> new IllegalStateException("The journal lost plan " + id + "."));
    }

    private Optional<PlanEntry> undone(PlanEntry back) {
        return Optional.ofNullable(back.previous()).flatMap(journal::plan);
    }

    private Optional<Proposal> proposalOf(PlanEntry entry) {
        return Optional.ofNullable(entry.proposal()).flatMap(journal::proposal);
    }

    private Proposal become(
            Change change, Proposal proposal, ProposalState next, String what, String by, @Nullable String reason) {
        Proposal changed = proposal.becoming(next, new Decision(what, by, reason, clock.instant()));
        change.proposal(changed);
        event(change, changed, reason);
        return changed;
    }

    private void event(Change change, Proposal proposal, @Nullable String reason) {
        change.event(
                proposal.changedAt(),
                "proposal",
                reason == null
                        ? Map.of("id", proposal.id(), "state", proposal.state().key())
                        : Map.of("id", proposal.id(), "state", proposal.state().key(), "reason", reason));
    }
}
