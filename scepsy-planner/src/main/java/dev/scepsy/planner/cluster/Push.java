package dev.scepsy.planner.cluster;

import dev.scepsy.planner.cluster.PlanRecord.State;
import dev.scepsy.planner.cluster.PushOutcome.Applied;
import dev.scepsy.planner.cluster.PushOutcome.Refused;
import dev.scepsy.planner.cluster.PushOutcome.RolledBack;
import dev.scepsy.planner.cluster.PushOutcome.StoppedMidway;
import dev.scepsy.planner.transition.EquivalentPlaces;
import dev.scepsy.planner.transition.Step;
import dev.scepsy.planner.transition.Transition;
import dev.scepsy.planner.transition.TransitionProblem;
import dev.scepsy.planner.transition.TransitionResult;
import dev.scepsy.planner.transition.TransitionResult.NoPath;
import dev.scepsy.planner.transition.TransitionResult.Path;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
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

    /** @param rollingBack whether {@code target} is what ran before */
    PushOutcome to(Intent wanted, boolean rollingBack) {
        LiveEngines live = cluster.engines();
        Intent target = placed(wanted, live);
        List<String> obstacles = missingNodes(target);
        if (!obstacles.isEmpty()) {
            return new Refused(obstacles, List.of("Plan again for the nodes that there are."));
        }
        TransitionProblem problem = problem(live, target, options.allowGap());
        TransitionResult way = Transition.find(problem);
        if (way instanceof NoPath none) {
            return refusal(none);
        }
        List<List<Step>> waves = ((Path) way).waves();
        List<String> conflicts = options.forceConflicts() ? List.of() : conflicts(target, live);
        if (!conflicts.isEmpty()) {
            return new Refused(
                    conflicts, List.of("Let the other manager give the field up, or take it over: --force-conflicts."));
        }
        listener.accept(new PushEvent.Planned(target.planId(), ((Path) way).steps()));
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
            applyAll(Stream.concat(Manifests.of(target).services().stream(), Manifests.of(target).claims().stream()));
            runner.run(waves, doing -> journalQuietly(state, target, doing));
            tidy(target);
            LiveEngines now = patience.call(cluster::engines);
            record = record.applied(target, clock.instant());
            patience.run(() -> record.write(cluster));
            return new Applied(target.planId(), runner.done(), now.placements());
        } catch (PushInterruptedException interrupted) {
            return stopped(interrupted.reason(), runner.done(), waves);
        } catch (PushFailedException failed) {
            return restore(failed.reason(), runner.done(), waves, target);
        }
    }

    private StepRunner runner(Intent target, TransitionProblem problem, LiveEngines live) {
        return new StepRunner(cluster, intents(target), problem::floor, live, options, patience, listener);
    }

    private PushOutcome restore(String reason, List<Step> done, List<List<Step>> waves, Intent target) {
        Intent before = record.current().orElseGet(() -> Intent.empty(target.cluster(), target.options()));
        listener.accept(new PushEvent.RollingBack(reason));
        List<Step> restoring = List.of();
        try {
            LiveEngines live = patience.call(cluster::engines);
            TransitionProblem problem = problem(live, before, options.allowGap());
            TransitionResult way = Transition.find(problem);
            if (way instanceof NoPath none) {
                return stopped(
                        reason + " And there is no legal way back: " + String.join(" ", none.reasons()), done, waves);
            }
            List<List<Step>> back = ((Path) way).waves();
            StepRunner runner = runner(before, problem, live);
            try {
                applyAll(Manifests.of(before).services().stream());
                runner.run(back, doing -> journalQuietly(State.ROLLING_BACK, target, doing));
                tidy(before);
            } finally {
                restoring = runner.done();
            }
            record = record.rolledBack(reason, clock.instant());
            patience.run(() -> record.write(cluster));
            return new RolledBack(reason, done, restoring);
        } catch (PushInterruptedException | PushFailedException again) {
            List<Step> all = new ArrayList<>(done);
            all.addAll(restoring);
            return stopped(reason + " Rolling back ended too: " + again.getMessage(), all, List.of());
        }
    }

    private StoppedMidway stopped(String reason, List<Step> done, List<List<Step>> waves) {
        List<Step> left = waves.stream().flatMap(List::stream).skip(done.size()).toList();
        record = record.stopped(reason, clock.instant());
        try {
            record.write(cluster);
        } catch (KubernetesClientException unreachable) {
            listener.accept(new PushEvent.Note("The state could not be recorded in config map " + PlanRecord.NAME
                    + ", which still says: " + record.progress()));
        }
        return new StoppedMidway(reason, done, left);
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
        return Transition.find(problem(live, placed(wanted, live), options.allowGap()));
    }

    private Intent placed(Intent wanted, LiveEngines live) {
        return options.equivalentPlaces()
                ? wanted.withEngines(EquivalentPlaces.closest(wanted.engines(), live.running(), wanted.cluster()))
                : wanted;
    }

    private static TransitionProblem problem(LiveEngines live, Intent target, Set<String> allowGap) {
        return new TransitionProblem(
                live.running(), target.engines(), target.cluster(), target.minReplicas(), allowGap);
    }

    private List<Intent> intents(Intent first) {
        return Stream.of(Optional.of(first), record.target(), record.current(), record.previous())
                .flatMap(Optional::stream)
                .toList();
    }

    private List<String> missingNodes(Intent target) {
        Set<String> known = new HashSet<>();
        for (Node node : cluster.nodes()) {
            known.add(node.getMetadata().getName());
            Map<String, String> labels = node.getMetadata().getLabels();
            if (labels != null && labels.containsKey(Names.HOSTNAME)) {
                known.add(labels.get(Names.HOSTNAME));
            }
        }
        return target.engines().stream()
                .map(engine -> engine.node())
                .distinct()
                .filter(node -> !known.contains(node))
                .map(node -> "The plan uses node (" + node + "), which the Kubernetes cluster does not have. It has "
                        + known.stream().sorted().toList() + ".")
                .toList();
    }

    private List<String> conflicts(Intent target, LiveEngines live) {
        Manifests manifests = Manifests.of(target);
        List<String> conflicts = new ArrayList<>();
        for (HasMetadata object : manifests.objects()) {
            conflicts.addAll(cluster.conflicts(object));
        }
        // Engines that leave step by step are scaled by us too.
        for (LiveEngines.Group group : live.groups()) {
            if (!target.engines().contains(group.engine()) && group.replicas() > 1) {
                intents(target).stream()
                        .filter(intent -> intent.knows(group.engine()))
                        .findFirst()
                        .map(intent -> Manifests.of(intent).deployment(group.engine(), group.replicas() - 1))
                        .ifPresent(deployment -> conflicts.addAll(cluster.conflicts(deployment)));
            }
        }
        return conflicts.stream().distinct().toList();
    }

    private void applyAll(Stream<? extends HasMetadata> objects) throws PushInterruptedException, PushFailedException {
        for (HasMetadata object : objects.toList()) {
            patience.run(() -> cluster.apply(object, options.forceConflicts()));
        }
    }

    /** Labels what stayed with the plan, and removes what nothing uses any more. */
    private void tidy(Intent target) throws PushInterruptedException, PushFailedException {
        LiveEngines live = patience.call(cluster::engines);
        Manifests manifests = Manifests.of(target);
        for (var deployment : manifests.deployments()) {
            String template = deployment.getMetadata().getAnnotations().get(Names.TEMPLATE);
            boolean same = live.groups().stream()
                    .anyMatch(group ->
                            group.deployment().equals(deployment.getMetadata().getName())
                                    && group.template().equals(template));
            if (same) {
                patience.run(() -> cluster.apply(deployment, options.forceConflicts()));
            }
        }
        for (LiveEngines.Group group : live.groups()) {
            if (!target.engines().contains(group.engine())) {
                patience.run(() -> cluster.deleteDeployment(group.deployment()));
            }
        }
        Set<String> wanted = manifests.services().stream()
                .map(service -> service.getMetadata().getName())
                .collect(Collectors.toSet());
        for (var service : patience.call(cluster::services)) {
            if (!wanted.contains(service.getMetadata().getName())) {
                patience.run(() -> cluster.deleteService(service.getMetadata().getName()));
            }
        }
    }

    private void journal(State state, Intent target, String doing)
            throws PushInterruptedException, PushFailedException {
        record = record.pushing(state, target, doing);
        patience.run(() -> record.write(cluster));
    }

    /** Between steps the record is a help, not a condition: the cluster itself says how far the push is. */
    private void journalQuietly(State state, Intent target, String doing) {
        record = record.pushing(state, target, doing);
        try {
            record.write(cluster);
        } catch (KubernetesClientException unreachable) {
            listener.accept(new PushEvent.Note("Progress could not be recorded: " + unreachable.getMessage()));
        }
    }
}
