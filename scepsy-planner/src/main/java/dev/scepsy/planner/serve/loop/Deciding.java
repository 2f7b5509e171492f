package dev.scepsy.planner.serve.loop;

import dev.scepsy.planner.serve.journal.Change;
import dev.scepsy.planner.serve.journal.Freeze;
import dev.scepsy.planner.serve.journal.Journal;
import dev.scepsy.planner.serve.journal.PlanEntry;
import dev.scepsy.planner.serve.journal.Proposal;
import dev.scepsy.planner.serve.journal.ProposalState;
import dev.scepsy.planner.serve.journal.Scorecard;
import dev.scepsy.planner.serve.journal.Trigger;
import dev.scepsy.planner.serve.settings.Actor;
import dev.scepsy.planner.serve.settings.ServeSettings.Mode;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Takes the next step of whatever is under way, or hands what was noticed to planning. For one thread, but for what says otherwise. */
final class Deciding {

    private static final int RECENT = 20;

    private final Surroundings around;
    private final Lifecycle lifecycle;
    private final Constraints constraints;
    private final Situations situations;
    private final Verifying verifying;
    private final Seen seen;
    private final Stranding stranding;
    private final Pending pending;
    private final Mode mode;
    private final QuietTimes quiet;
    private final Consumer<List<Trigger>> plan;
    private final Runnable push;

    /**
     * @param plan plans for triggers, elsewhere; then {@link #planned}
     * @param push pushes what the journal says is to be pushed, elsewhere; harmless where it is under way
     */
    Deciding(
            Surroundings around,
            Lifecycle lifecycle,
            Constraints constraints,
            Situations situations,
            Seen seen,
            Stranding stranding,
            Pending pending,
            Mode mode,
            Consumer<List<Trigger>> plan,
            Runnable push) {
        this.around = around;
        this.lifecycle = lifecycle;
        this.constraints = constraints;
        this.situations = situations;
        this.verifying = new Verifying(around);
        this.seen = seen;
        this.stranding = stranding;
        this.pending = pending;
        this.mode = mode;
        this.quiet = new QuietTimes(around.settings().replan().quietHours());
        this.plan = plan;
        this.push = push;
    }

    private boolean troubled() {
        return seen.trouble().isPresent();
    }

    void decide(List<String> said) throws Exception {
        if (around.port().isEmpty()) {
            said.add("No cluster is configured: the service observes, and plans nothing.");
            return;
        }
        ClusterPort port = around.port().get();
        Optional<String> held = heldBack();
        held.ifPresent(said::add);
        if (!port.applies()) {
            said.add("Only a cluster file is configured: plans are proposed, and nothing is applied.");
        }
        Optional<PlanEntry> moving = lifecycle.pushing();
        stranding.look(moving, seen.hardware(), seen.engines()).ifPresent(port::stop);
        if (moving.isPresent()) {
            push.run();
            return;
        }
        Optional<Proposal> underWay = lifecycle.underWay();
        if (underWay.isPresent() && underWay.get().state() == ProposalState.APPROVED) {
            if (held.isEmpty() && port.applies() && !troubled()) {
                begin(port, underWay.get());
            }
            return;
        }
        if (underWay.isPresent() && underWay.get().state() == ProposalState.APPLYING) {
            // its entry ended, and the journal has both or neither: nothing left to do but to say so
            lifecycle.drop(underWay.get(), "The journal has no push of it.");
            return;
        }
        if (lifecycle.verifying().isPresent()) {
            verify(port, lifecycle.verifying().get());
            return;
        }
        Optional<Proposal> open = lifecycle.open();
        int most = around.settings().replan().maximumMoves();
        boolean large = open.isPresent() && open.get().cost().moves() > most;
        if (mode == Mode.APPLY && large && isOwn(open.get())) {
            said.add("The open proposal (" + open.get().id() + ") starts or stops "
                    + open.get().cost().moves() + " engines, more than " + most
                    + " (maximumMoves): it waits for a person.");
        }
        if (mode == Mode.APPLY && open.isPresent() && held.isEmpty() && isOwn(open.get()) && !large && !troubled()) {
            lifecycle.approve(Actor.SERVICE, open.get().id(), "The mode is apply.", situations.basis(port));
            begin(port, lifecycle.underWay().orElseThrow());
            return;
        }
        List<Trigger> waiting = pending.triggers();
        if (mode != Mode.OBSERVE && !waiting.isEmpty() && !troubled()) {
            Optional<Instant> cooldown = cooldownUntil();
            Optional<String> tooFew = Drifted.tooFew(
                    waiting,
                    around.observations(),
                    around.clock().instant(),
                    around.settings().statistics().requiredExecutions());
            List<String> untraced = Untraced.models(
                    around.loads(),
                    around.observations().statistics(Optional.empty()).workflows(),
                    around.problems());
            if (!untraced.isEmpty()) {
                said.addAll(untraced);
                said.add("Nothing is planned for what was noticed until then, unless somebody asks.");
            } else if (tooFew.isPresent()) {
                said.add(tooFew.get());
            } else if (cooldown.isEmpty()) {
                plan.accept(waiting);
            } else {
                said.add("A change was noticed; it is planned for when the cooldown ends, " + cooldown.get() + ".");
            }
        }
    }

    /** A plan that a person asked for never applies by itself. */
    private static boolean isOwn(Proposal proposal) {
        return proposal.triggers().stream().noneMatch(trigger -> trigger.kind().equals("person"));
    }

    /** Why nothing is applied now, though going back is; a sentence. */
    Optional<String> heldBack() {
        Instant now = around.clock().instant();
        if (mode == Mode.OBSERVE) {
            return Optional.of("The mode is observe: changes are recorded, and nothing is applied.");
        }
        Optional<Freeze> freeze = constraints.freeze();
        if (freeze.isPresent()) {
            return Optional.of("Frozen by " + freeze.get().by()
                    + (freeze.get().reason() == null ? "" : " (" + freeze.get().reason() + ")")
                    + (freeze.get().until() == null
                            ? ""
                            : " until " + freeze.get().until())
                    + ": nothing is applied; what is approved waits.");
        }
        return quiet.until(now)
                .map(end -> "Quiet hours until " + end + ": nothing is applied; what is approved waits.");
    }

    private void begin(ClusterPort port, Proposal approved) throws ClusterPort.UnreachableException {
        Lifecycle.Basis basis = situations.basis(port);
        Optional<String> moved = Lifecycle.moved(approved, basis);
        if (moved.isPresent()) {
            lifecycle.drop(approved, "Not applied: " + moved.get());
            return;
        }
        Optional<String> id = PlanText.plan(approved.plan())
                .flatMap(plan -> seen.described().map(with -> port.planId(plan, with.models(), with.hardware())));
        if (id.isPresent()) {
            lifecycle.begin(approved, id.get());
            push.run();
        }
    }

    private void verify(ClusterPort port, PlanEntry entry) throws Exception {
        Optional<Scorecard> scorecard = around.stages().measure("verify", () -> verifying.of(entry, seen.look()));
        if (scorecard.isEmpty()) {
            return;
        }
        boolean back = scorecard.get().verdict().equals("worse")
                && around.settings().replan().verify().goBack();
        if (!back) {
            lifecycle.keep(entry.id(), scorecard.get());
            return;
        }
        Optional<String> previous = port.pushed().previous();
        Optional<String> whyNotBack = previous.isEmpty()
                ? Optional.of("the cluster has no plan before it.")
                : verifying.whyNotBack(entry, seen.look());
        if (previous.isEmpty() || whyNotBack.isPresent()) {
            Scorecard card = scorecard.get();
            lifecycle.keep(
                    entry.id(),
                    new Scorecard(
                            card.from(),
                            card.to(),
                            card.verdict(),
                            card.sentence() + " Kept all the same: " + whyNotBack.orElse(""),
                            card.workflows(),
                            card.models()));
            return;
        }
        lifecycle.beginBack(
                entry,
                scorecard.get(),
                previous.get(),
                "goBack",
                Actor.SERVICE.name(),
                scorecard.get().sentence());
        push.run();
    }

    /** Until when nothing is planned by itself: after the last push and the last rejection. */
    Optional<Instant> cooldownUntil() {
        Journal journal = around.store().journal();
        List<PlanEntry> moved = journal.plans(RECENT).stream()
                .filter(entry -> !entry.kind().equals("found"))
                .toList();
        // what a push left half done is planned for at once
        boolean stranded = !moved.isEmpty() && lifecycle.isStranded(moved.get(0));
        Stream<Instant> pushed = (stranded ? List.<PlanEntry>of() : moved)
                .stream()
                        .map(entry -> Stream.of(entry.endedAt(), entry.appliedAt())
                                .filter(Objects::nonNull)
                                .map(Objects::requireNonNull)
                                .findFirst()
                                .orElse(entry.startedAt()));
        Stream<Instant> rejected = journal.proposals(RECENT).stream()
                .filter(proposal -> proposal.state() == ProposalState.REJECTED)
                .map(Proposal::changedAt);
        Duration cooldown = around.settings().replan().cooldown();
        return Stream.concat(pushed, rejected)
                .map(around.ages()::since)
                .min(Comparator.naturalOrder())
                .filter(age -> age.compareTo(cooldown) < 0)
                .map(age -> around.clock().instant().plus(cooldown).minus(age));
    }

    /** What planning for triggers came to. */
    void planned(List<Trigger> triggers, Proposing.Outcome outcome) {
        Instant now = around.clock().instant();
        @Nullable String why = null;
        if (outcome instanceof Proposing.Outcome.Better better) {
            Optional<Proposal> open = lifecycle.open();
            boolean same = open.isPresent()
                    && (open.get().evidenceKey().equals(better.draft().evidenceKey())
                            || open.get()
                                    .plan()
                                    .get("placements")
                                    .equals(better.draft().plan().get("placements")));
            if (!same && !better.failedBefore() && lifecycle.underWay().isEmpty()) {
                lifecycle.propose(better.draft(), Actor.SERVICE);
            } else if (better.failedBefore()) {
                why = "The same plan on the same evidence came to nothing before: it is not proposed again.";
                say(now, why);
            }
        } else if (outcome instanceof Proposing.Outcome.Stay stay) {
            why = String.join(" ", stay.why());
            say(now, "Planned, and nothing is proposed: " + why);
        } else if (outcome instanceof Proposing.Outcome.NoPlan none) {
            why = String.join(" ", none.why());
            say(now, "Planned, and there is no plan: " + why);
        }
        around.suspects().planned(triggers, why);
        pending.planned(triggers, now);
    }

    private void say(Instant now, String text) {
        around.store().journal().write(new Change().event(now, "service", Map.of("text", text)));
    }
}
