package dev.scepsy.planner.serve.loop;

import dev.scepsy.planner.allocation.LlmAllocation;
import dev.scepsy.planner.file.ModelsFile;
import dev.scepsy.planner.profile.ServedModel;
import dev.scepsy.planner.serve.engines.EngineLoads;
import dev.scepsy.planner.serve.journal.Freeze;
import dev.scepsy.planner.serve.journal.Pin;
import dev.scepsy.planner.serve.journal.PlanEntry;
import dev.scepsy.planner.serve.journal.Proposal;
import dev.scepsy.planner.serve.journal.Store;
import dev.scepsy.planner.serve.journal.StoreException;
import dev.scepsy.planner.serve.journal.Trigger;
import dev.scepsy.planner.serve.log.ServiceLog;
import dev.scepsy.planner.serve.observe.ExecutionListener;
import dev.scepsy.planner.serve.observe.FoldedExecution;
import dev.scepsy.planner.serve.observe.Observations;
import dev.scepsy.planner.serve.settings.Actor;
import dev.scepsy.planner.serve.settings.ServeSettings;
import dev.scepsy.planner.serve.settings.ServeSettings.Mode;
import dev.scepsy.planner.serve.settings.ServiceTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The service's loop, running: rounds on one thread ({@link Cycle}), planning on a second, pushing on a third, what-ifs on two more. Everything
 * that is decided goes through the journal first. A failure of a part is counted and logged once, and stops nothing.
 */
public final class Loop implements Operations, ExecutionListener, AutoCloseable {

    /** Between two rounds, in the service's time. */
    private static final Duration ROUND = Duration.ofSeconds(5);

    private static final Duration SHORTEST_WAIT = Duration.ofMillis(50);

    /** A search for a proposal answers after this with the best it has, on the wall. */
    private static final long PLANNING_NANOS = 30_000_000_000L;

    /** How long a push gets to come to a safe point when the service ends. */
    private static final int ENDING_SECONDS = 30;

    private static final int KNOWN_PROPOSALS = 200;

    private final Surroundings around;
    private final ServiceTime time;
    private final ChangeSource changes;
    private final Lifecycle lifecycle;
    private final Constraints constraints;
    private final Situations situations;
    private final Cycle cycle;
    private final Pushes pushes;
    private final WhatIfs whatIfs;
    private final Views views;
    private final ExecutorService planner = threads("scepsy-planning", 1);
    private final ExecutorService pusher = threads("scepsy-push", 1);
    private final ExecutorService asked = threads("scepsy-what-if", 2);
    private final Thread rounds;
    private final CountDownLatch ending = new CountDownLatch(1);
    private final Semaphore woken = new Semaphore(0);
    private final AtomicBoolean pushing = new AtomicBoolean();
    private final AtomicBoolean planning = new AtomicBoolean();
    private final AtomicInteger personsWait = new AtomicInteger();

    private Loop(
            ServeSettings settings,
            Observations observations,
            EngineLoads loads,
            Store store,
            ServiceTime time,
            ServiceLog log,
            Optional<ClusterPort> port,
            ChangeSource changes,
            StageListener listener) {
        this.around = new Surroundings(
                settings,
                observations,
                loads,
                store,
                time,
                new Ages(time),
                port,
                new Problems(settings, loads::hitRatesToPlanBy),
                new Suspects(store.journal(), time),
                new Failures(log),
                new Stages(listener));
        this.time = time;
        this.changes = changes;
        this.lifecycle = new Lifecycle(store.journal(), time);
        this.constraints = new Constraints(store.journal(), time);
        this.situations = new Situations(around);
        this.cycle = new Cycle(around, lifecycle, constraints, changes, this::planSoon, this::pushSoon);
        this.pushes = new Pushes(
                lifecycle,
                port.orElseGet(() -> FilePort.of(settings.models())),
                cycle::described,
                cycle::heldBack,
                cycle::stranded,
                time,
                this::pause,
                around.failures());
        this.whatIfs = new WhatIfs(situations, port, asked);
        this.views = new Views(around, lifecycle, constraints, situations, cycle);
        this.rounds = new Thread(this::rounds, "scepsy-loop");
        rounds.setDaemon(true);
    }

    /**
     * Starts the loop; it goes on with a push that was under way.
     *
     * @param port the cluster; empty: none is configured, and the loop only observes
     * @param changes what notices changes
     * @param listener is told of every stage that has ended
     */
    public static Loop start(
            ServeSettings settings,
            Observations observations,
            EngineLoads loads,
            Store store,
            ServiceTime time,
            ServiceLog log,
            Optional<ClusterPort> port,
            ChangeSource changes,
            StageListener listener) {
        Loop loop = new Loop(settings, observations, loads, store, time, log, port, changes, listener);
        loop.rounds.start();
        return loop;
    }

    private static ExecutorService threads(String name, int count) {
        return Executors.newFixedThreadPool(count, work -> {
            Thread thread = new Thread(work, name);
            thread.setDaemon(true);
            return thread;
        });
    }

    @Override
    public void folded(FoldedExecution execution) {
        try {
            changes.folded(execution);
        } catch (RuntimeException | LinkageError failed) {
            around.failures().failed("following an execution", failed);
        }
    }

    private void rounds() {
        while (ending.getCount() > 0) {
            try {
                cycle.round();
            } catch (RuntimeException | LinkageError failed) {
                around.failures().failed("a round", failed);
            }
            Duration wait = time.real(ROUND);
            try {
                if (woken.tryAcquire(Math.max(wait.toNanos(), SHORTEST_WAIT.toNanos()), TimeUnit.NANOSECONDS)) {
                    woken.drainPermits();
                }
            } catch (InterruptedException stop) {
                return;
            }
        }
    }

    private void wake() {
        woken.release();
    }

    private boolean pause(Duration wall) {
        try {
            return !ending.await(wall.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void pushSoon() {
        if (pushing.compareAndSet(false, true)) {
            pusher.execute(() -> {
                long begin = System.nanoTime();
                try {
                    pushes.work();
                } catch (RuntimeException | LinkageError failed) {
                    around.failures().failed("pushing", failed);
                } finally {
                    around.stages().add("apply", System.nanoTime() - begin, false);
                    pushing.set(false);
                    wake();
                }
            });
        }
    }

    private void planSoon(List<Trigger> triggers) {
        if (planning.compareAndSet(false, true)) {
            planner.execute(() -> {
                try {
                    cycle.planned(triggers, around.stages().measure("plan", () -> search(triggers, false, Map.of())));
                    around.failures().works("planning");
                } catch (Cancelled byAPerson) {
                    // its triggers stay pending
                } catch (Exception | LinkageError failed) {
                    around.failures().failed("planning", failed);
                } finally {
                    planning.set(false);
                    wake();
                }
            });
        }
    }

    /** A person's plan comes first. */
    private static final class Cancelled extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    private Proposing.Outcome search(List<Trigger> triggers, boolean person, Map<String, Double> targets)
            throws ClusterPort.UnreachableException {
        ClusterPort port = around.port().orElseThrow();
        long begin = System.nanoTime();
        Situations.Gathered gathered = situations.gather(port, triggers, targets);
        if (gathered.situation().isEmpty()) {
            return new Proposing.Outcome.NoPlan(gathered.why(), gathered.malformed());
        }
        Proposing proposing = new Proposing(
                port,
                around.settings().replan(),
                () -> System.nanoTime() - begin >= PLANNING_NANOS
                        || ending.getCount() == 0
                        || (!person && personsWait.get() > 0));
        Proposing.Outcome outcome = proposing.of(
                gathered.situation().get(), person, around.store().journal().proposals(KNOWN_PROPOSALS));
        if (!person && personsWait.get() > 0) {
            throw new Cancelled();
        }
        return outcome;
    }

    @Override
    public Proposal plan(Actor actor, Map<String, Double> targets, @Nullable String reason)
            throws ConflictException, BadRequestException {
        requireCluster();
        requireNoPush();
        Trigger trigger = new Trigger(
                "person",
                null,
                null,
                time.instant(),
                "Asked for by " + actor.name() + (reason == null ? "." : ": " + reason),
                Map.of());
        personsWait.incrementAndGet();
        Future<Proposing.Outcome> search;
        try {
            search = planner.submit(() -> {
                personsWait.decrementAndGet();
                return around.stages().measure("plan", () -> search(List.of(trigger), true, targets));
            });
        } catch (java.util.concurrent.RejectedExecutionException over) {
            personsWait.decrementAndGet();
            throw new ConflictException("The service is ending.", "ending");
        }
        Proposing.Outcome outcome = result(search);
        if (outcome instanceof Proposing.Outcome.Stay stay) {
            throw new ConflictException(String.join(" ", stay.why()), "asPlanned");
        }
        if (outcome instanceof Proposing.Outcome.NoPlan none) {
            if (none.malformed()) {
                throw new BadRequestException(none.why());
            }
            throw new ConflictException(String.join(" ", none.why()), "infeasible");
        }
        requireNoPush();
        Proposal made = lifecycle.propose(((Proposing.Outcome.Better) outcome).draft(), actor);
        wake();
        return made;
    }

    private static Proposing.Outcome result(Future<Proposing.Outcome> search) throws ConflictException {
        try {
            return search.get();
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new ConflictException("The service is ending.", "ending");
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof ClusterPort.UnreachableException gone) {
                throw new ConflictException(String.valueOf(gone.getMessage()), "unreachable");
            }
            if (failed.getCause() instanceof StoreException store) {
                throw store;
            }
            throw new IllegalStateException(failed.getCause());
        }
    }

    private void requireNoPush() throws ConflictException {
        Optional<PlanEntry> running = lifecycle.pushing();
        if (running.isPresent()) {
            throw new ConflictException("The cluster is being moved: plan when that has ended.", "applying");
        }
        Optional<Proposal> approved = lifecycle.underWay();
        if (approved.isPresent() && approved.get().planEntry() == null) {
            throw new ConflictException(
                    "The proposal (" + approved.get().id() + ") is approved and waits to be applied.",
                    approved.get().state().key());
        }
    }

    private ClusterPort requireCluster() throws ConflictException {
        return around.port()
                .orElseThrow(() -> new ConflictException(
                        "No cluster is configured: the service only observes. Give cluster in serve.yaml.", "observe"));
    }

    private ClusterPort requireApplying() throws ConflictException {
        ClusterPort port = requireCluster();
        if (!port.applies()) {
            throw new ConflictException(
                    "Only a cluster file is configured: nothing can be applied. Give cluster.kubernetes in serve.yaml,"
                            + " or apply the plan with scepsy apply.",
                    "proposeOnly");
        }
        return port;
    }

    @Override
    public WhatIfAnswer whatIf(String session, WhatIfQuestion question) throws ConflictException, BadRequestException {
        return whatIfs.ask(session, question);
    }

    @Override
    public Proposal approve(Actor actor, String proposal, @Nullable String reason)
            throws ConflictException, UnknownException {
        ClusterPort port = requireApplying();
        if (cycle.mode() == Mode.OBSERVE) {
            throw new ConflictException(
                    "The mode is observe: nothing is applied. Set replan.mode to propose.", "observe");
        }
        Lifecycle.Basis basis;
        try {
            basis = situations.basis(port);
        } catch (ClusterPort.UnreachableException gone) {
            throw new ConflictException(String.valueOf(gone.getMessage()), "unreachable");
        }
        Proposal approved = lifecycle.approve(actor, proposal, reason, basis);
        wake();
        return approved;
    }

    @Override
    public Proposal reject(Actor actor, String proposal, @Nullable String reason)
            throws ConflictException, UnknownException {
        requireCluster();
        return lifecycle.reject(actor, proposal, reason);
    }

    @Override
    public PlanEntry rollBack(Actor actor, @Nullable String reason) throws ConflictException {
        ClusterPort port = requireApplying();
        Optional<PlanEntry> running = lifecycle.pushing();
        if (running.isPresent()) {
            if (!running.get().kind().equals("proposal")) {
                throw new ConflictException("The cluster is going back already.", "applying");
            }
            lifecycle.wantUndone(running.get(), actor.name(), reason);
            port.stop("It is to be undone (" + actor.name() + ").");
            return running.get();
        }
        ClusterPort.Pushed record;
        try {
            record = port.pushed();
        } catch (ClusterPort.UnreachableException gone) {
            throw new ConflictException(String.valueOf(gone.getMessage()), "unreachable");
        }
        if (record.target().isPresent() && !lifecycle.gaveUp(record.target().get())) {
            throw new ConflictException(
                    "A push of somebody else's towards plan " + record.target().get()
                            + " is unfinished: finish it (scepsy apply) or take it back (scepsy rollback).",
                    record.state());
        }
        // out of a push that was given up, back to what served; else to the plan before
        Optional<String> back = record.target().isPresent() ? record.current() : record.previous();
        if (back.isEmpty()) {
            throw new ConflictException("There is no earlier plan to go back to.", record.state());
        }
        PlanEntry entry = lifecycle.beginBack(
                record.target().isPresent() ? null : lifecycle.serving().orElse(null),
                null,
                back.get(),
                "rollback",
                actor.name(),
                reason);
        pushSoon();
        return entry;
    }

    @Override
    public Pin pin(Actor actor, Pin wanted) throws ConflictException, UnknownException, BadRequestException {
        Optional<ServedModel> model = around.problems()
                .models()
                .legalValue()
                .map(ModelsFile.Described::models)
                .flatMap(models -> models.stream()
                        .filter(each -> each.name().equals(wanted.model()))
                        .findFirst());
        Optional<LlmAllocation> served = cycle.look()
                .flatMap(ClusterPort.Look::served)
                .flatMap(all -> all.allocations().stream()
                        .filter(each -> each.model().equals(wanted.model()))
                        .findFirst());
        return constraints.pin(actor, wanted, model, served);
    }

    @Override
    public void unpin(Actor actor, String model, @Nullable String reason) throws UnknownException {
        constraints.unpin(actor, model, reason);
    }

    @Override
    public Freeze freeze(Actor actor, @Nullable String reason, @Nullable Instant until) throws BadRequestException {
        return constraints.freeze(actor, reason, until);
    }

    @Override
    public void unfreeze(Actor actor, @Nullable String reason) throws UnknownException {
        constraints.unfreeze(actor, reason);
        wake();
    }

    @Override
    public void trust(Actor actor, String node, @Nullable String reason) throws UnknownException {
        around.suspects().trust(actor, node, reason);
    }

    @Override
    public ClusterView cluster() {
        return views.cluster();
    }

    @Override
    public List<ModelView> models() {
        return views.models();
    }

    @Override
    public LoopView loop() {
        return views.loop();
    }

    @Override
    public Optional<String> trouble() {
        return cycle.trouble();
    }

    /** Ends; a push under way stops at a safe point, and the next start goes on with it. */
    @Override
    public void close() {
        ending.countDown();
        wake();
        around.port().ifPresent(port -> port.stop("The service ends; its next start goes on."));
        planner.shutdown();
        asked.shutdownNow();
        pusher.shutdown();
        try {
            rounds.join(TimeUnit.SECONDS.toMillis(ENDING_SECONDS));
            pusher.awaitTermination(ENDING_SECONDS, TimeUnit.SECONDS);
            planner.awaitTermination(ENDING_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }
}
