package dev.scepsy.planner.serve.loop;

import dev.scepsy.planner.serve.journal.PlanEntry;
import dev.scepsy.planner.serve.journal.ProposalState;
import dev.scepsy.planner.serve.journal.StoreException;
import dev.scepsy.planner.serve.journal.Trigger;
import dev.scepsy.planner.serve.loop.ClusterPort.Look;
import dev.scepsy.planner.serve.settings.Actor;
import dev.scepsy.planner.serve.settings.ServeSettings.Mode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * One round of the loop: look, notice, and take the next step of whatever is under way. Knows no threads: what takes long, planning and pushing,
 * is handed to others. One round at a time.
 */
final class Cycle {

    private final Surroundings around;
    private final Lifecycle lifecycle;
    private final Seen seen;
    private final Noticing noticing;
    private final Deciding deciding;
    private final Stranding stranding = new Stranding();
    private final Mode mode;
    private volatile List<String> notes = List.of();

    /**
     * @param plan plans for triggers, elsewhere; then {@link #planned}
     * @param push pushes what the journal says is to be pushed, elsewhere; harmless where it is under way
     */
    Cycle(
            Surroundings around,
            Lifecycle lifecycle,
            Constraints constraints,
            ChangeSource changes,
            Consumer<List<Trigger>> plan,
            Runnable push) {
        Situations situations = new Situations(around);
        Pending pending =
                new Pending(around.store().journal(), around.settings().replan().cooldown());
        this.around = around;
        this.lifecycle = lifecycle;
        this.mode = around.port().isEmpty()
                ? Mode.OBSERVE
                : around.settings().replan().mode();
        this.seen = new Seen(around);
        this.noticing = new Noticing(around, lifecycle, situations, seen, pending, changes, mode != Mode.OBSERVE);
        this.deciding =
                new Deciding(around, lifecycle, constraints, situations, seen, stranding, pending, mode, plan, push);
    }

    Mode mode() {
        return mode;
    }

    /** As last seen. */
    Optional<Look> look() {
        return seen.look();
    }

    Optional<String> trouble() {
        return seen.trouble();
    }

    List<String> notes() {
        return notes;
    }

    /** What plans are pushed with; empty where a file or the hardware cannot be read now. */
    Optional<Pushes.Described> described() {
        return seen.described();
    }

    /** Why the push of {@code entry} cannot come to its end. */
    Optional<String> stranded(PlanEntry entry) {
        return stranding.why(entry.id());
    }

    /** Why nothing is applied now, though going back is; a sentence. */
    Optional<String> heldBack() {
        return deciding.heldBack();
    }

    /** Until when nothing is planned by itself: after the last push and the last rejection. */
    Optional<Instant> cooldownUntil() {
        return deciding.cooldownUntil();
    }

    /** What planning for triggers came to. */
    void planned(List<Trigger> triggers, Proposing.Outcome outcome) {
        deciding.planned(triggers, outcome);
    }

    /** One round; failures of one part stop none of the others. */
    void round() {
        if (!around.store().leads()) {
            return;
        }
        List<String> said = new ArrayList<>();
        part("expiring", lifecycle::expire);
        part("looking at the cluster", seen::refresh);
        part("adopting what serves", this::adopt);
        part("setting the reference", noticing::reference);
        part("noticing", () -> noticing.notice(said));
        part("deciding", () -> deciding.decide(said));
        notes = List.copyOf(said);
    }

    private interface Part {
        void run() throws Exception;
    }

    private void part(String doing, Part work) {
        try {
            work.run();
            around.failures().works(doing);
        } catch (StoreException store) {
            around.failures().failed("the store", store);
        } catch (Exception | LinkageError failed) {
            around.failures().failed(doing, failed);
        }
    }

    /** What serves before this service pushed anything, or after somebody else did, becomes an entry. */
    private void adopt() throws ClusterPort.UnreachableException {
        if (seen.trouble().isPresent()
                || around.port().isEmpty()
                || seen.look().isEmpty()
                || lifecycle.pushing().isPresent()) {
            return;
        }
        ClusterPort.Pushed pushed = around.port().get().pushed();
        Optional<PlanEntry> serving = lifecycle.serving();
        boolean known = serving.isPresent()
                && Optional.ofNullable(serving.get().clusterPlanId()).equals(pushed.current());
        if (pushed.current().isEmpty()
                || pushed.target().isPresent()
                || known
                || seen.look().get().served().isEmpty()) {
            return;
        }
        if (serving.isPresent() && serving.get().state() == ProposalState.VERIFYING) {
            lifecycle.ended(
                    serving.get().id(),
                    ProposalState.FAILED,
                    "fail",
                    Actor.SERVICE.name(),
                    "Somebody else applied plan " + pushed.current().get() + " while this one was verified.");
        }
        lifecycle.found(
                pushed.current().get(), PlanText.tree(seen.look().get().served().get()));
    }
}
