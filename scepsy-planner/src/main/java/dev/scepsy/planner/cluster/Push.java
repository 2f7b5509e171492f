package dev.scepsy.planner.cluster;

import dev.scepsy.planner.cluster.PlanRecord.State;
import dev.scepsy.planner.cluster.PushOutcome.Applied;
import dev.scepsy.planner.cluster.PushOutcome.Refused;
import dev.scepsy.planner.cluster.PushOutcome.RolledBack;
import dev.scepsy.planner.cluster.PushOutcome.StoppedMidway;
import dev.scepsy.planner.topology.HostNeed;
import dev.scepsy.planner.transition.Engine;
import dev.scepsy.planner.transition.EquivalentPlaces;
import dev.scepsy.planner.transition.Step;
import dev.scepsy.planner.transition.Transition;
import dev.scepsy.planner.transition.TransitionProblem;
import dev.scepsy.planner.transition.TransitionResult;
import dev.scepsy.planner.transition.TransitionResult.NoPath;
import dev.scepsy.planner.transition.TransitionResult.Path;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * One push from its checks to its end: finds the way, makes sure that nothing stands against it, records what it does,
 * carries it out, and restores what ran before when a step cannot succeed. The lock is the caller's.
 */
final class Push {

    private final KubernetesCluster cluster;
    private final ApplyOptions options;
    private final Patience patience;
    private final InstantSource clock;
    private final Consumer<PushEvent> listener;
    private PlanRecord record;

    Push(
            KubernetesCluster cluster,
            PlanRecord record,
            ApplyOptions options,
            Patience patience,
            InstantSource clock,
            Consumer<PushEvent> listener) {
        this.cluster = cluster;
        this.record = record;
        this.options = options;
        this.patience = patience;
        this.clock = clock;
        this.listener = listener;
    }

    /**
     * What a push would do, or why it would not.
     *
     * @param refused empty where nothing stands against it
     * @param manifests of {@code target}
     * @param router what is done to the router, in order
     */
    record Checked(
            Optional<Refused> refused,
            Intent target,
            Manifests manifests,
            TransitionProblem problem,
            List<List<Step>> waves,
            Forecast forecast,
            LiveEngines live,
            List<RouterStep> router) {

        List<Step> steps() {
            return waves.stream().flatMap(List::stream).toList();
        }
    }

    /** Asks the cluster, and the API server of every object, without changing anything. */
    Checked check(Intent wanted) {
        LiveEngines live = cluster.engines();
        Intent target = placed(wanted, live);
        NodeCheck nodes = new NodeCheck(cluster.liveNodes(), live);
        TransitionProblem problem = problem(live, target, nodes);
        NodeCheck.Found found = nodes.check(target);
        if (!found.obstacles().isEmpty()) {
            return refused(
                    new Refused(
                            found.obstacles(),
                            List.of("Plan again for the nodes as they are: scepsy plan --cluster kubernetes:, or"
                                    + " scepsy init --kubernetes.")),
                    target,
                    problem,
                    live);
        }
        found.doubts().forEach(doubt -> listener.accept(new PushEvent.Note(doubt)));
        TransitionResult way = Transition.find(problem);
        if (way instanceof NoPath none) {
            return refused(refusal(none), target, problem, live);
        }
        List<List<Step>> waves = ((Path) way).waves();
        Optional<Refused> unroutable = RouterSteps.obstacles(cluster, target);
        if (unroutable.isPresent()) {
            return refused(unroutable.get(), target, problem, live);
        }
        Manifests manifests = Manifests.of(target);
        List<String> conflicts = conflicts(target, manifests, live);
        cluster.takeWarnings()
                .forEach(warning -> listener.accept(new PushEvent.Note("The API server warns: " + warning)));
        if (!options.forceConflicts() && !conflicts.isEmpty()) {
            return refused(new Refused(conflicts, FieldOwners.remedies(conflicts)), target, problem, live);
        }
        Adoption.olderPods(target, live).ifPresent(older -> listener.accept(new PushEvent.Note(older)));
        return new Checked(
                Optional.empty(),
                target,
                manifests,
                problem,
                waves,
                forecaster(target, live).of(waves),
                live,
                RouterSteps.planned(cluster, RoutingHistory.during(target, record, live), options.timing()));
    }

    private static Checked refused(Refused why, Intent target, TransitionProblem problem, LiveEngines live) {
        return new Checked(
                Optional.of(why),
                target,
                Manifests.of(target),
                problem,
                List.of(),
                new Forecast(List.of()),
                live,
                List.of());
    }

    /** @param rollingBack whether {@code target} is what ran before */
    PushOutcome to(Intent wanted, boolean rollingBack) {
        Checked checked = check(wanted);
        if (checked.refused().isPresent()) {
            return checked.refused().get();
        }
        Intent target = checked.target();
        TransitionProblem problem = checked.problem();
        LiveEngines live = checked.live();
        List<List<Step>> waves = checked.waves();
        listener.accept(new PushEvent.Planned(target.planId(), checked.steps(), checked.forecast()));
        checked.router().forEach(step -> listener.accept(new PushEvent.Routing(step)));
        StepRunner runner = runner(target, problem, live);
        State state = rollingBack ? State.ROLLING_BACK : State.APPLYING;
        try {
            journal(state, target, "begins");
        } catch (PushFailedException | PushInterruptedException unrecordable) {
            return new Refused(
                    List.of("What is done could not be recorded in config map " + PlanRecord.NAME + ": "
                            + unrecordable.getMessage()),
                    List.of("Grant the role in docs/reference/kubernetes-calls.md."));
        }
        try {
            lead(target, live, waves);
            runner.run(waves, checked.forecast(), doing -> journalQuietly(runner, state, target, doing));
            settle(target);
            LiveEngines now = patience.call(cluster::engines);
            record = record.with(runner.times()).applied(target, clock.instant());
            patience.run(() -> record.write(cluster));
            return new Applied(target.planId(), runner.done(), now.placements());
        } catch (PushInterruptedException interrupted) {
            record = record.with(runner.times());
            return stopped(interrupted.reason(), runner.done(), left(waves, runner.done()), target);
        } catch (PushFailedException failed) {
            record = record.with(runner.times());
            return restore(failed.reason(), runner.done(), waves, target);
        }
    }

    private StepRunner runner(Intent target, TransitionProblem problem, LiveEngines live) {
        return new StepRunner(
                cluster,
                intents(target),
                problem::floor,
                live,
                forecaster(target, live),
                RoutingHistory.draining(options, target, record),
                patience,
                listener);
    }

    private Forecaster forecaster(Intent target, LiveEngines live) {
        return new Forecaster(
                intents(target),
                record.times(),
                RoutingHistory.draining(options, target, record).timing(),
                live);
    }

    /** Lets requests find the engines that run and those that will: a router is ready before any Service leads to it. */
    private void lead(Intent target, LiveEngines live, List<List<Step>> waves)
            throws PushInterruptedException, PushFailedException {
        Intent during = RoutingHistory.during(target, record, live);
        routerSteps().start(during, RoutingHistory.finds(during, live));
        applyAll(Manifests.of(target).routes(waves));
        if (!target.routing().kind().hasPods() && RoutingHistory.isRouted(record)) {
            patience.pause(options.timing().endpoints());
        }
    }

    /** Leaves what {@code target} needs, and nothing else. */
    private void settle(Intent target) throws PushInterruptedException, PushFailedException {
        if (!target.engines().isEmpty()) {
            routerSteps().start(target, true);
        }
        routerSteps().tidy(target, intents(target));
        new Tidying(cluster, patience, options.forceConflicts()).tidy(target, intents(target));
    }

    private RouterSteps routerSteps() {
        return new RouterSteps(cluster, patience, options, listener);
    }

    private PushOutcome restore(String reason, List<Step> done, List<List<Step>> waves, Intent target) {
        Intent before = record.current().orElseGet(() -> Intent.empty(target.cluster(), target.options()));
        listener.accept(new PushEvent.RollingBack(reason));
        List<Step> restoring = List.of();
        List<List<Step>> back = List.of();
        try {
            LiveEngines live = patience.call(cluster::engines);
            NodeCheck nodes = new NodeCheck(patience.call(cluster::liveNodes), live);
            Intent reachable = reachable(before, nodes);
            TransitionProblem problem = problem(live, reachable, nodes);
            TransitionResult way = Transition.find(problem);
            if (way instanceof NoPath none) {
                return stopped(
                        reason + " And there is no legal way back: " + String.join(" ", none.reasons()),
                        done,
                        left(waves, done),
                        before);
            }
            back = ((Path) way).waves();
            StepRunner runner = runner(before, problem, live);
            try {
                lead(before, live, back);
                runner.run(
                        back,
                        forecaster(before, live).of(back),
                        doing -> journalQuietly(runner, State.ROLLING_BACK, target, doing));
                settle(before);
            } finally {
                restoring = runner.done();
                record = record.with(runner.times());
            }
            record = record.rolledBack(reason, clock.instant());
            patience.run(() -> record.write(cluster));
            return new RolledBack(reason, done, restoring);
        } catch (PushInterruptedException | PushFailedException again) {
            List<Step> all = new ArrayList<>(done);
            all.addAll(restoring);
            return stopped(
                    reason + " Rolling back ended too: " + again.getMessage(), all, left(back, restoring), before);
        }
    }

    /** {@code before} without the engines that its nodes would not take back; they are named. */
    private Intent reachable(Intent before, NodeCheck nodes) {
        List<Engine> kept = new ArrayList<>();
        for (Engine engine : before.engines()) {
            if (nodes.isLost(engine.node())) {
                listener.accept(new PushEvent.Note(
                        "Engine " + engine + " is not restored: its node does not answer. Plan again without it."));
            } else {
                kept.add(engine);
            }
        }
        return before.withEngines(kept);
    }

    /** What of {@code waves} is not among {@code done}. */
    private static List<Step> left(List<List<Step>> waves, List<Step> done) {
        List<Step> left = new ArrayList<>(waves.stream().flatMap(List::stream).toList());
        done.forEach(left::remove);
        return left;
    }

    private StoppedMidway stopped(String reason, List<Step> done, List<Step> left, Intent wanted) {
        record = record.stopped(reason, clock.instant());
        try {
            record.write(cluster);
        } catch (KubernetesClientException unreachable) {
            listener.accept(new PushEvent.Note("The state could not be recorded in config map " + PlanRecord.NAME
                    + ", which still says: " + record.progress()));
        }
        return new StoppedMidway(reason, done, left, belowFloor(wanted));
    }

    /** Models that have fewer ready replicas than they keep at least; absent where nobody can say. */
    private Optional<List<String>> belowFloor(Intent wanted) {
        Map<String, Integer> serving;
        try {
            serving = cluster.engines().servingByModel();
        } catch (KubernetesClientException unreachable) {
            return Optional.empty();
        }
        List<String> below = new ArrayList<>();
        for (String model : wanted.models()) {
            int ready = serving.getOrDefault(model, 0);
            int replicas = (int) wanted.engines().stream()
                    .filter(engine -> engine.model().equals(model))
                    .count();
            int floor = Math.min(Math.max(1, wanted.minReplicas().getOrDefault(model, 1)), replicas);
            if (ready < floor) {
                below.add("Model (" + model + ") has " + ready + " ready replica(s), its floor is " + floor + ".");
            }
        }
        return Optional.of(below);
    }

    static Refused refusal(NoPath none) {
        List<String> reasons = new ArrayList<>();
        reasons.add(
                none.proven()
                        ? "No order of steps keeps every model at its floor and every GPU within what it has."
                        : "No legal order of steps was found within the search budget.");
        reasons.addAll(none.reasons());
        return new Refused(
                reasons, none.remedies().stream().map(Object::toString).toList());
    }

    TransitionResult way(Intent wanted) {
        LiveEngines live = cluster.engines();
        NodeCheck nodes = new NodeCheck(cluster.liveNodes(), live);
        return Transition.find(problem(live, placed(wanted, live), nodes));
    }

    /** Where its engines really are to be, and which of them run already under another name. */
    private Intent placed(Intent wanted, LiveEngines live) {
        Intent at = options.equivalentPlaces()
                ? wanted.withEngines(EquivalentPlaces.closest(wanted.engines(), live.running(), wanted.cluster()))
                : wanted;
        return Adoption.adopted(at, live);
    }

    private TransitionProblem problem(LiveEngines live, Intent target, NodeCheck nodes) {
        return new TransitionProblem(
                live.running(),
                target.engines(),
                nodes.open(target.cluster()),
                target.minReplicas(),
                options.allowGap(),
                needs(live, target));
    }

    /** What engines that run, and those of the target, request of their nodes, by revision. */
    private static Map<String, HostNeed> needs(LiveEngines live, Intent target) {
        Map<String, HostNeed> needs = new HashMap<>();
        live.groups().forEach(group -> needs.put(group.engine().shape().revision(), group.need()));
        target.engines().forEach(engine -> needs.put(engine.shape().revision(), target.need(engine)));
        return needs;
    }

    private List<Intent> intents(Intent first) {
        return Stream.of(Optional.of(first), record.target(), record.current(), record.previous())
                .flatMap(Optional::stream)
                .toList();
    }

    private List<String> conflicts(Intent target, Manifests manifests, LiveEngines live) {
        List<HasMetadata> objects = new ArrayList<>(manifests.objects());
        // Engines that leave step by step are scaled by us too.
        for (LiveEngines.Group group : live.groups()) {
            if (!target.engines().contains(group.engine()) && group.replicas() > 1) {
                intents(target).stream()
                        .filter(intent -> intent.knows(group.engine()))
                        .findFirst()
                        .map(intent -> Manifests.of(intent).deployment(group.engine(), group.replicas() - 1))
                        .ifPresent(objects::add);
            }
        }
        return DryRuns.conflicts(cluster, objects).stream().distinct().toList();
    }

    private void applyAll(List<HasMetadata> objects) throws PushInterruptedException, PushFailedException {
        for (HasMetadata object : objects) {
            patience.run(() -> cluster.apply(object, options.forceConflicts()));
        }
    }

    private void journal(State state, Intent target, String doing)
            throws PushInterruptedException, PushFailedException {
        record = record.pushing(state, target, doing);
        patience.run(() -> record.write(cluster));
    }

    /** Between steps the record is a help, not a condition: the cluster itself says how far the push is. */
    private void journalQuietly(StepRunner runner, State state, Intent target, String doing) {
        record = record.with(runner.times()).pushing(state, target, doing);
        try {
            record.write(cluster);
        } catch (KubernetesClientException unreachable) {
            listener.accept(
                    new PushEvent.Note("Progress could not be recorded: " + KubernetesCluster.refusal(unreachable)));
        }
    }
}
