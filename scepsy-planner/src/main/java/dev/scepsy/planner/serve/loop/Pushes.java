package dev.scepsy.planner.serve.loop;

import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.file.ModelsFile;
import dev.scepsy.planner.file.Reading;
import dev.scepsy.planner.serve.journal.PlanEntry;
import dev.scepsy.planner.serve.journal.ProposalState;
import dev.scepsy.planner.serve.journal.StoreException;
import dev.scepsy.planner.serve.loop.ClusterPort.End;
import dev.scepsy.planner.serve.loop.ClusterPort.PushEnd;
import dev.scepsy.planner.serve.loop.ClusterPort.Pushed;
import dev.scepsy.planner.serve.settings.Actor;
import dev.scepsy.planner.topology.Cluster;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Carries out what the journal says is to be pushed, and writes down how it ended. Decides by the cluster's own record where it stands, so that it
 * may be killed at any moment and begun again: an unfinished push is gone on with, a finished one is found finished, one of somebody else's is left
 * alone. A cluster or store that does not answer is asked again, for a while and for as long as it takes. One thread at a time.
 */
final class Pushes {

    /** Tries of one push before it is given up: with the pauses between them about eight minutes on the wall. */
    static final int MOST_TRIES = 12;

    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(60);

    /** Waits on the wall; false: no more, the service ends. */
    @FunctionalInterface
    interface Pause {
        boolean pause(Duration duration);
    }

    /** Models and hardware that plans are pushed with. */
    record Described(Reading.Legal<ModelsFile.Described> models, Cluster hardware) {}

    private final Lifecycle lifecycle;
    private final ClusterPort port;
    private final Supplier<Optional<Described>> described;
    private final Supplier<Optional<String>> held;
    private final Function<PlanEntry, Optional<String>> stranded;
    private final InstantSource clock;
    private final Pause pause;
    private final Failures failures;

    /**
     * @param held why nothing may be begun now; what has begun goes on
     * @param stranded why a push cannot come to its end
     */
    Pushes(
            Lifecycle lifecycle,
            ClusterPort port,
            Supplier<Optional<Described>> described,
            Supplier<Optional<String>> held,
            Function<PlanEntry, Optional<String>> stranded,
            InstantSource clock,
            Pause pause,
            Failures failures) {
        this.lifecycle = lifecycle;
        this.port = port;
        this.described = described;
        this.held = held;
        this.stranded = stranded;
        this.clock = clock;
        this.pause = pause;
        this.failures = failures;
    }

    /** Pushes what is to be pushed, until it ended or the service does. */
    void work() {
        Optional<PlanEntry> entry = stored(lifecycle::pushing).orElse(Optional.empty());
        if (entry.isEmpty()) {
            return;
        }
        boolean back = !entry.get().kind().equals("proposal");
        String last = "";
        for (int attempt = 0; attempt < MOST_TRIES; attempt++) {
            if (attempt > 0 && stranded.apply(entry.get()).isEmpty() && !pause.pause(pauseBefore(attempt))) {
                return; // a restart goes on
            }
            Optional<Result> result = back ? backOnce(entry.get()) : forwardOnce(entry.get(), attempt);
            if (result.isEmpty()) {
                return;
            }
            if (result.get().end()) {
                return;
            }
            last = result.get().why();
        }
        giveUp(entry.get(), back, "It was tried " + MOST_TRIES + " times. Last: " + last);
    }

    static Duration pauseBefore(int attempt) {
        Duration wanted = FIRST_PAUSE.multipliedBy(1L << Math.min(attempt - 1, 10));
        return wanted.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : wanted;
    }

    /** Whether it ended; else why it is to be tried again. */
    private record Result(boolean end, String why) {
        static final Result DONE = new Result(true, "");

        static Result again(String why) {
            return new Result(false, why);
        }
    }

    private Optional<Result> forwardOnce(PlanEntry entry, int attempt) {
        Pushed record;
        try {
            record = port.pushed();
        } catch (ClusterPort.UnreachableException gone) {
            return Optional.of(Result.again(String.valueOf(gone.getMessage())));
        }
        String wanted = String.valueOf(entry.clusterPlanId());
        Optional<Optional<Lifecycle.Undo>> undo = stored(() -> lifecycle.undo(entry));
        if (undo.isEmpty()) {
            return Optional.empty();
        }
        Optional<String> otherTarget =
                record.target().filter(target -> !target.equals(wanted)).filter(target -> !lifecycle.gaveUp(target));
        if (otherTarget.isPresent()) {
            return fail(
                    entry,
                    ProposalState.FAILED,
                    "A push of somebody else's towards plan " + otherTarget.get()
                            + " is unfinished: finish it (scepsy apply) or take it back (scepsy rollback).");
        }
        if (record.target().equals(Optional.of(wanted))) {
            if (undo.get().isPresent()) {
                return undone(entry, undo.get().get());
            }
            if (stranded.apply(entry).isPresent()) {
                return givenUp(entry, ProposalState.FAILED, "");
            }
            return after(entry, port.resume(this.steps(entry)), true);
        }
        if (record.current().equals(Optional.of(wanted))) {
            return undo.get().isPresent() ? undone(entry, undo.get().get()) : served(entry);
        }
        if (record.tookBack(wanted) && tried(entry, attempt)) {
            return fail(
                    entry,
                    ProposalState.ROLLED_BACK,
                    "The push failed and was taken back: " + record.history().get(0));
        }
        if (undo.get().isPresent()) {
            return end(
                    entry,
                    ProposalState.ROLLED_BACK,
                    "rollback",
                    undo.get().get().by(),
                    "Taken back before anything was changed.");
        }
        if (stranded.apply(entry).isPresent()) {
            return givenUp(entry, ProposalState.FAILED, "");
        }
        Optional<Optional<String>> waits = stored(held);
        if (waits.isEmpty() || waits.get().isPresent()) {
            return Optional.empty(); // the next round asks again
        }
        Optional<Plan> plan = PlanText.plan(entry.plan());
        Optional<Described> with = described.get();
        if (plan.isEmpty() || with.isEmpty()) {
            return plan.isEmpty()
                    ? fail(entry, ProposalState.FAILED, "The plan on record cannot be read.")
                    : Optional.of(Result.again("The models file or the hardware cannot be read now."));
        }
        // the first words of a push: from here on a plan that the cluster took back was taken back from this one
        if (entry.steps().isEmpty()
                && attempt == 0
                && stored(() -> {
                            lifecycle.steps(entry.id(), List.of(step("The push begins.")));
                            return true;
                        })
                        .isEmpty()) {
            return Optional.empty();
        }
        return after(
                entry,
                port.push(plan.get(), with.get().models(), with.get().hardware(), this.steps(entry)),
                attempt > 0);
    }

    private static boolean tried(PlanEntry entry, int attempt) {
        return attempt > 0 || !entry.steps().isEmpty();
    }

    private Optional<Result> after(PlanEntry entry, PushEnd outcome, boolean again) {
        return switch (outcome.end()) {
            case SERVES -> served(entry);
            case RESTORED ->
                stranded.apply(entry).isPresent()
                        ? givenUp(entry, ProposalState.ROLLED_BACK, outcome.reason())
                        : fail(entry, ProposalState.ROLLED_BACK, outcome.reason());
            case UNREACHABLE, STOPPED -> Optional.of(Result.again(outcome.reason()));
            // the lease of a push that was killed is held for a while
            case REFUSED ->
                again
                        ? Optional.of(Result.again(outcome.reason()))
                        : fail(entry, ProposalState.FAILED, outcome.reason());
        };
    }

    /** Hardware is gone that the plan needs: waiting would not bring it back. */
    private Optional<Result> givenUp(PlanEntry entry, ProposalState end, String more) {
        String why = stranded.apply(entry).orElse("") + (more.isEmpty() ? "" : " " + more);
        return done(() -> lifecycle.stranded(entry.id(), end, why));
    }

    private Optional<Result> served(PlanEntry entry) {
        return done(() -> lifecycle.applied(entry.id()));
    }

    /** Out of an unfinished push, or back from one that ended meanwhile. */
    private Optional<Result> undone(PlanEntry entry, Lifecycle.Undo undo) {
        PushEnd outcome = port.goBack(this.steps(entry));
        return outcome.end() == End.SERVES
                ? end(entry, ProposalState.ROLLED_BACK, "rollback", undo.by(), undo.reason())
                : Optional.of(Result.again(outcome.reason()));
    }

    private Optional<Result> backOnce(PlanEntry entry) {
        Pushed record;
        try {
            record = port.pushed();
        } catch (ClusterPort.UnreachableException gone) {
            return Optional.of(Result.again(String.valueOf(gone.getMessage())));
        }
        String wanted = String.valueOf(entry.clusterPlanId());
        PushEnd outcome;
        if (record.target().isPresent()) {
            Optional<String> why = stranded.apply(entry);
            if (why.isPresent()) {
                return done(() -> lifecycle.backFailed(entry.id(), why.get()));
            }
            if (lifecycle.gaveUp(record.target().get())) {
                outcome = port.goBack(this.steps(entry));
            } else if (record.target().get().equals(wanted)) {
                outcome = port.resume(this.steps(entry));
            } else {
                return done(() -> lifecycle.backFailed(
                        entry.id(),
                        "A push of somebody else's towards plan "
                                + record.target().get() + " is unfinished."));
            }
        } else if (record.current().equals(Optional.of(wanted))) {
            return done(() -> lifecycle.wentBack(entry.id()));
        } else if (record.previous().equals(Optional.of(wanted))) {
            outcome = port.goBack(this.steps(entry));
        } else {
            return done(() -> lifecycle.backFailed(
                    entry.id(),
                    "The cluster has plan " + wanted + " no more as the one before: somebody else pushed."));
        }
        return outcome.end() == End.SERVES
                ? done(() -> lifecycle.wentBack(entry.id()))
                : Optional.of(Result.again(outcome.reason()));
    }

    private void giveUp(PlanEntry entry, boolean back, String why) {
        String stands;
        try {
            Pushed record = port.pushed();
            stands = " The cluster's record: " + record.state() + ", plan "
                    + record.current().orElse("none")
                    + record.target()
                            .map(target -> ", unfinished towards " + target)
                            .orElse("") + ".";
        } catch (ClusterPort.UnreachableException gone) {
            stands = " The cluster does not answer: what serves is not known.";
        }
        String said = why + stands;
        if (back) {
            done(() -> lifecycle.backFailed(entry.id(), said));
        } else {
            fail(entry, ProposalState.FAILED, said);
        }
    }

    private Optional<Result> fail(PlanEntry entry, ProposalState end, String reason) {
        return end(entry, end, end == ProposalState.FAILED ? "fail" : "rollback", Actor.SERVICE.name(), reason);
    }

    private Optional<Result> end(PlanEntry entry, ProposalState end, String what, String by, String reason) {
        return done(() -> lifecycle.ended(entry.id(), end, what, by, reason));
    }

    private Optional<Result> done(Runnable write) {
        return stored(() -> {
                    write.run();
                    return true;
                })
                .map(written -> Result.DONE);
    }

    private PlanEntry.Step step(String text) {
        return new PlanEntry.Step(clock.instant(), text);
    }

    /**
     * Writes every step down. Where the store fails the push is asked to stop: nothing is changed that is not recorded. What could not be
     * written is with the next.
     */
    private Consumer<String> steps(PlanEntry entry) {
        List<PlanEntry.Step> unwritten = new ArrayList<>();
        return text -> {
            unwritten.add(step(text));
            try {
                lifecycle.steps(entry.id(), unwritten);
                unwritten.clear();
            } catch (StoreException gone) {
                failures.failed("recording a step", gone);
                port.stop("The store of the service cannot be used: " + gone.getMessage());
            }
        };
    }

    /** Asks the store until it answers; empty: the service ends, or another one leads. */
    private <T> Optional<T> stored(Supplier<T> question) {
        for (int attempt = 1; ; attempt++) {
            try {
                return Optional.of(question.get());
            } catch (StoreException gone) {
                failures.failed("the store", gone);
                if (gone.isStandby() || !pause.pause(pauseBefore(attempt))) {
                    return Optional.empty();
                }
            }
        }
    }
}
