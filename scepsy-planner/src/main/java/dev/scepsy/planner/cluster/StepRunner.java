package dev.scepsy.planner.cluster;

import dev.scepsy.planner.transition.Engine;
import dev.scepsy.planner.transition.Step;
import dev.scepsy.planner.transition.Step.Start;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;

/**
 * Carries steps out on the cluster, wave by wave. A start ends when the engine is ready and routed to; a stop takes the
 * engine out of its service, waits until it holds no request, and ends when its pod is gone, because only then are its
 * GPUs free.
 */
final class StepRunner {

    private static final Duration POD_DELETION = Duration.ofSeconds(60);

    private static final int MOST_STEPS_TOLD = 5;

    /** Of an engine's pods the one that serves least. */
    private static final Comparator<LivePod> FIRST_TO_GO =
            Comparator.comparing(LivePod::serving).thenComparing(LivePod::ready).thenComparing(LivePod::name);

    private final KubernetesCluster cluster;
    private final List<Intent> intents;
    private final ToIntFunction<String> floor;
    private final boolean forceConflicts;
    private final Timing timing;
    private final Patience patience;
    private final Consumer<PushEvent> listener;
    private final Map<Engine, Integer> replicas = new HashMap<>();
    private final Map<Engine, Integer> unready = new HashMap<>();
    private final Map<Engine, String> liveTemplates = new HashMap<>();
    private final List<Step> done = new ArrayList<>();
    private int total;

    /**
     * @param floor ready replicas that a model keeps, whatever happens meanwhile
     * @param intents where the specifications of engines are looked up, the most recent first
     */
    StepRunner(
            KubernetesCluster cluster,
            List<Intent> intents,
            ToIntFunction<String> floor,
            LiveEngines live,
            ApplyOptions options,
            Patience patience,
            Consumer<PushEvent> listener) {
        this.cluster = cluster;
        this.intents = intents;
        this.floor = floor;
        this.forceConflicts = options.forceConflicts();
        this.timing = options.timing();
        this.patience = patience;
        this.listener = listener;
        for (LiveEngines.Group group : live.groups()) {
            replicas.put(group.engine(), group.replicas());
            unready.put(group.engine(), group.occupying() - group.serving());
            liveTemplates.put(group.engine(), group.template());
        }
    }

    List<Step> done() {
        return List.copyOf(done);
    }

    void run(List<List<Step>> waves, Consumer<String> journal) throws PushInterruptedException, PushFailedException {
        total = waves.stream().mapToInt(List::size).sum();
        awaitLeftovers();
        for (List<Step> wave : waves) {
            patience.checkStop();
            journal.accept("step " + (done.size() + 1)
                    + (wave.size() > 1 ? " to " + (done.size() + wave.size()) : "") + " of " + total + ": "
                    + wave.stream().limit(MOST_STEPS_TOLD).map(Step::toString).collect(Collectors.joining("; "))
                    + (wave.size() > MOST_STEPS_TOLD ? "; ..." : ""));
            if (wave.get(0) instanceof Start) {
                start(wave);
            } else {
                stop(wave);
            }
        }
    }

    /** Pods that an earlier push was still waiting for hold their GPUs until they are gone. */
    private void awaitLeftovers() throws PushInterruptedException, PushFailedException {
        Instant deadline = patience.in(Duration.ofSeconds(drainSeconds()).plus(POD_DELETION));
        while (total > 0 && patience.call(cluster::anyTerminating)) {
            if (patience.passed(deadline)) {
                throw new PushInterruptedException("A pod has been terminating for too long; its GPUs are not free.");
            }
            patience.poll();
        }
    }

    private void start(List<Step> wave) throws PushInterruptedException, PushFailedException {
        Instant began = patience.in(Duration.ZERO);
        Instant deadline = patience.in(Duration.ofSeconds(loadSeconds()));
        List<Awaited> pending = new ArrayList<>();
        for (Step step : wave) {
            Engine engine = step.engine();
            int number = done.size() + pending.size() + 1;
            listener.accept(new PushEvent.Started(number, total, step));
            if (unready.getOrDefault(engine, 0) > 0) {
                unready.merge(engine, -1, Integer::sum);
                routeBack(engine);
            } else {
                int wanted = replicas.merge(engine, 1, Integer::sum);
                patience.run(() -> cluster.apply(deployment(engine, wanted), forceConflicts));
            }
            pending.add(new Awaited(number, step, replicas.getOrDefault(engine, 0) - unready.getOrDefault(engine, 0)));
        }
        while (true) {
            LiveEngines live = patience.call(cluster::engines);
            for (Awaited awaited : List.copyOf(pending)) {
                Optional<LiveEngines.Group> group = live.group(awaited.step.engine());
                if (group.isPresent() && group.get().serving() >= awaited.serving) {
                    pending.remove(awaited);
                    finish(awaited.number, awaited.step, began);
                } else if (patience.passed(deadline)
                        || group.filter(StepRunner::hopeless).isPresent()) {
                    throw new PushFailedException("Engine " + awaited.step.engine() + " did not become ready within "
                            + Math.round(patience.secondsSince(began)) + " s. " + trouble(group));
                }
            }
            if (pending.isEmpty()) {
                return;
            }
            patience.poll();
        }
    }

    private void stop(List<Step> wave) throws PushInterruptedException, PushFailedException {
        Instant began = patience.in(Duration.ZERO);
        for (Step step : wave) {
            listener.accept(new PushEvent.Started(done.size() + wave.indexOf(step) + 1, total, step));
        }
        List<LivePod> pods = podsToStop(wave);
        Set<String> leaving = pods.stream().map(LivePod::name).collect(Collectors.toSet());
        for (LivePod pod : pods) {
            if (pod.serving()) {
                patience.run(() -> cluster.route(pod.name(), false));
            }
        }
        if (pods.stream().anyMatch(pod -> pod.serving() && pod.ready())) {
            patience.pause(timing.endpoints());
            awaitIdle(leaving);
        }
        for (Step step : wave) {
            Engine engine = step.engine();
            int left = replicas.merge(engine, -1, Integer::sum);
            if (left <= 0) {
                patience.run(() -> cluster.deleteDeployment(Names.deployment(engine)));
                replicas.remove(engine);
            } else {
                patience.run(() -> cluster.apply(deployment(engine, left), true));
            }
            unready.computeIfPresent(engine, (same, count) -> Math.max(0, count - 1));
        }
        awaitGone(wave, leaving);
        for (Step step : wave) {
            finish(done.size() + 1, step, began);
        }
    }

    /**
     * The pods that go, once no model falls below its floor without them: an engine elsewhere may have died since the
     * steps were found, and then this waits for its successor.
     */
    private List<LivePod> podsToStop(List<Step> wave) throws PushInterruptedException, PushFailedException {
        Instant deadline = patience.in(Duration.ofSeconds(loadSeconds()));
        while (true) {
            LiveEngines live = patience.call(cluster::engines);
            List<LivePod> pods = new ArrayList<>();
            Map<String, Integer> serving = live.servingByModel();
            for (Step step : wave) {
                live.group(step.engine())
                        .flatMap(group -> group.pods().stream()
                                .filter(pod -> !pod.terminating() && !pods.contains(pod))
                                .min(FIRST_TO_GO))
                        .ifPresent(pod -> {
                            pods.add(pod);
                            if (pod.ready() && pod.serving()) {
                                serving.merge(step.engine().model(), -1, Integer::sum);
                            }
                        });
            }
            Optional<String> wanting = wave.stream()
                    .map(step -> step.engine().model())
                    .filter(model -> serving.getOrDefault(model, 0) < floor.applyAsInt(model))
                    .findFirst();
            if (wanting.isEmpty()) {
                return pods;
            }
            if (patience.passed(deadline)) {
                throw new PushInterruptedException("Model (" + wanting.get()
                        + ") has lost an engine meanwhile; going on" + " would leave it below its floor of "
                        + floor.applyAsInt(wanting.get()) + " ready replica(s).");
            }
            patience.poll();
        }
    }

    private void awaitIdle(Set<String> pods) throws PushInterruptedException {
        Instant deadline = patience.in(Duration.ofSeconds(drainSeconds()));
        Map<String, Integer> idleReads = new HashMap<>();
        Set<String> busy = new HashSet<>(pods);
        while (!busy.isEmpty() && !patience.passed(deadline)) {
            for (String pod : List.copyOf(busy)) {
                OptionalDouble requests = cluster.busyRequests(pod, port());
                if (requests.isEmpty()) {
                    busy.remove(pod); // its preStop hook waits instead
                } else if (requests.getAsDouble() > 0) {
                    idleReads.put(pod, 0);
                } else if (idleReads.merge(pod, 1, Integer::sum) >= 2) {
                    busy.remove(pod);
                }
            }
            if (!busy.isEmpty()) {
                patience.poll();
            }
        }
        busy.forEach(pod -> listener.accept(new PushEvent.Note(
                "Pod " + pod + " still holds requests after " + drainSeconds() + " s; its grace period goes on.")));
    }

    private void awaitGone(List<Step> wave, Set<String> leaving) throws PushInterruptedException, PushFailedException {
        Instant deadline = patience.in(Duration.ofSeconds(drainSeconds()).plus(POD_DELETION));
        for (Step step : wave) {
            String deployment = Names.deployment(step.engine());
            while (patience.call(() -> cluster.pods(deployment)).stream()
                    .anyMatch(pod -> leaving.contains(pod.name()))) {
                if (patience.passed(deadline)) {
                    throw new PushInterruptedException("A pod of engine " + step.engine()
                            + " has been terminating for too long; its GPUs are not free.");
                }
                patience.poll();
            }
        }
    }

    /** Pods that an interrupted push took out of their service are routed to again. */
    private void routeBack(Engine engine) throws PushInterruptedException, PushFailedException {
        for (LivePod pod : patience.call(() -> cluster.pods(Names.deployment(engine)))) {
            if (!pod.serving() && !pod.terminating()) {
                patience.run(() -> cluster.route(pod.name(), true));
            }
        }
        int wanted = replicas.getOrDefault(engine, 0);
        patience.run(() -> cluster.apply(deployment(engine, wanted), forceConflicts));
    }

    private void finish(int number, Step step, Instant began) {
        done.add(step);
        listener.accept(new PushEvent.Finished(number, total, step, patience.secondsSince(began)));
    }

    /**
     * The engine's Deployment as it was specified; where another version of this client wrote the one that runs, that
     * one with another replica count, so that scaling never restarts what it does not have to.
     */
    private Deployment deployment(Engine engine, int wanted) {
        Optional<Deployment> specified = intents.stream()
                .filter(intent -> intent.knows(engine))
                .findFirst()
                .map(intent -> Manifests.of(intent).deployment(engine, wanted));
        String live = liveTemplates.get(engine);
        if (specified.isPresent()
                && (live == null
                        || live.equals(
                                specified.get().getMetadata().getAnnotations().get(Names.TEMPLATE)))) {
            return specified.get();
        }
        return cluster.deployment(Names.deployment(engine))
                .map(found -> {
                    found.getSpec().setReplicas(wanted);
                    return found;
                })
                .or(() -> specified)
                .orElseThrow(() -> new IllegalStateException("Nothing specifies engine " + engine + "."));
    }

    private static boolean hopeless(LiveEngines.Group group) {
        return group.pods().stream().anyMatch(pod -> pod.hopeless() && !pod.terminating());
    }

    private static String trouble(Optional<LiveEngines.Group> group) {
        return group.stream()
                .flatMap(found -> found.pods().stream())
                .filter(pod -> !pod.ready() && pod.trouble() != null)
                .map(pod -> "Pod " + pod.name() + ": " + pod.trouble())
                .findFirst()
                .orElse("It has no pod.");
    }

    private int loadSeconds() {
        return intents.get(0).options().loadSeconds();
    }

    private int drainSeconds() {
        return intents.get(0).options().drainSeconds();
    }

    private int port() {
        return intents.get(0).options().port();
    }

    private record Awaited(int number, Step step, int serving) {}
}
