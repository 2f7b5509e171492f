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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
    private final Forecaster forecaster;
    private MeasuredTimes times;
    private final Leftovers leftovers;
    private final Troubles troubles;
    private final Map<Engine, Integer> replicas = new HashMap<>();
    private final Map<Engine, Integer> unready = new HashMap<>();
    private final Map<Engine, String> liveTemplates = new HashMap<>();
    private final List<Step> done = new ArrayList<>();
    private int total;

    /**
     * @param floor ready replicas that a model keeps, whatever happens meanwhile
     * @param intents where the specifications of engines are looked up, the most recent first
     * @param forecaster as of {@code live}
     */
    StepRunner(
            KubernetesCluster cluster,
            List<Intent> intents,
            ToIntFunction<String> floor,
            LiveEngines live,
            Forecaster forecaster,
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
        this.forecaster = forecaster;
        this.times = forecaster.times();
        this.troubles = new Troubles(timing.poll());
        this.leftovers = new Leftovers(
                cluster,
                patience,
                Duration.ofSeconds(intents.get(0).options().drainSeconds()).plus(POD_DELETION),
                listener);
        for (LiveEngines.Group group : live.groups()) {
            replicas.put(group.engine(), group.replicas());
            unready.put(group.engine(), group.occupying() - group.serving());
            liveTemplates.put(group.engine(), group.template());
        }
    }

    List<Step> done() {
        return List.copyOf(done);
    }

    /** What was measured so far, with all that was known before. */
    MeasuredTimes times() {
        return times;
    }

    /** @param forecast one time per step of {@code waves} */
    void run(List<List<Step>> waves, Forecast forecast, Consumer<String> journal)
            throws PushInterruptedException, PushFailedException {
        total = waves.stream().mapToInt(List::size).sum();
        leftovers.await(waves);
        for (int number = 0; number < waves.size(); number++) {
            List<Step> wave = waves.get(number);
            List<StepTime> expected = forecast.waves().get(number);
            patience.checkStop();
            journal.accept("step " + (done.size() + 1)
                    + (wave.size() > 1 ? " to " + (done.size() + wave.size()) : "") + " of " + total + ": "
                    + wave.stream().limit(MOST_STEPS_TOLD).map(Step::toString).collect(Collectors.joining("; "))
                    + (wave.size() > MOST_STEPS_TOLD ? "; ..." : "")
                    + "; all steps end about " + forecast.end(patience.in(Duration.ZERO), number));
            if (wave.get(0) instanceof Start) {
                start(wave, expected);
            } else {
                stop(wave, expected);
            }
        }
    }

    private void start(List<Step> wave, List<StepTime> expected) throws PushInterruptedException, PushFailedException {
        Instant began = patience.in(Duration.ZERO);
        List<Awaited> pending = new ArrayList<>();
        for (int i = 0; i < wave.size(); i++) {
            Step step = wave.get(i);
            Engine engine = step.engine();
            int number = done.size() + pending.size() + 1;
            listener.accept(new PushEvent.Started(number, total, step, expected.get(i)));
            boolean awaited = unready.getOrDefault(engine, 0) > 0;
            if (awaited) {
                unready.merge(engine, -1, Integer::sum);
                routeBack(engine);
            } else {
                int wanted = replicas.merge(engine, 1, Integer::sum);
                patience.run(() -> cluster.apply(deployment(engine, wanted), forceConflicts));
            }
            pending.add(new Awaited(
                    number,
                    step,
                    replicas.getOrDefault(engine, 0) - unready.getOrDefault(engine, 0),
                    patience.in(loadDeadline(expected.get(i))),
                    awaited ? Optional.empty() : Optional.of(forecaster.from(engine))));
        }
        while (true) {
            LiveEngines live = patience.call(cluster::engines);
            for (Awaited awaited : List.copyOf(pending)) {
                Optional<LiveEngines.Group> group = live.group(awaited.step.engine());
                if (group.isPresent() && group.get().serving() >= awaited.serving) {
                    pending.remove(awaited);
                    awaited.from.ifPresent(from ->
                            times = forecaster.learned(times, awaited.step, from, patience.secondsSince(began)));
                    finish(awaited.number, awaited.step, began);
                } else if (patience.passed(awaited.deadline) || isHopeless(awaited.step.engine(), group)) {
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

    /** Tells what is wrong as soon as it is known, and whether it has been for too long to wait on. */
    private boolean isHopeless(Engine engine, Optional<LiveEngines.Group> group) {
        if (group.isEmpty()) {
            return false;
        }
        UnnamedTaints.Seen seen = UnnamedTaints.look(group.get(), cluster);
        String name = group.get().deployment();
        seen.sentences().stream()
                .filter(why -> seen.outlook() != Outlook.OPEN || why.contains("Unschedulable"))
                .findFirst()
                .filter(why -> troubles.isNews(name, why))
                .ifPresent(why -> listener.accept(new PushEvent.Note("Engine " + engine + " is not ready. " + why)));
        return troubles.hopeless(name, seen.outlook(), patience.in(Duration.ZERO));
    }

    private void stop(List<Step> wave, List<StepTime> expected) throws PushInterruptedException, PushFailedException {
        for (int i = 0; i < wave.size(); i++) {
            listener.accept(new PushEvent.Started(done.size() + i + 1, total, wave.get(i), expected.get(i)));
        }
        Instant began = patience.in(Duration.ZERO);
        List<Optional<LivePod>> pods = podsToStop(wave);
        for (Optional<LivePod> pod : pods) {
            if (pod.isPresent() && pod.get().serving()) {
                patience.run(() -> cluster.route(pod.get().name(), false));
            }
        }
        Set<String> draining = pods.stream()
                .flatMap(Optional::stream)
                .filter(pod -> pod.serving() && pod.ready())
                .map(LivePod::name)
                .collect(Collectors.toSet());
        if (!draining.isEmpty()) {
            patience.pause(timing.endpoints());
        }
        // engines of one Deployment go together: which of its pods a smaller replica count ends is Kubernetes' choice
        Map<String, StoppingEngines> stopping = new LinkedHashMap<>();
        int before = done.size();
        for (int i = 0; i < wave.size(); i++) {
            stopping.computeIfAbsent(Names.deployment(wave.get(i).engine()), name -> new StoppingEngines())
                    .add(before + i + 1, wave.get(i), pods.get(i), draining);
        }
        Instant drained = patience.in(Duration.ofSeconds(drainSeconds()));
        while (!stopping.isEmpty()) {
            for (StoppingEngines engines : List.copyOf(stopping.values())) {
                if (!engines.removed() && engines.idle(this::load, patience.passed(drained), this::tell)) {
                    remove(engines);
                }
            }
            Set<String> left = patience.call(cluster::enginePods).stream()
                    .map(LivePod::name)
                    .collect(Collectors.toSet());
            for (Map.Entry<String, StoppingEngines> entry : List.copyOf(stopping.entrySet())) {
                StoppingEngines engines = entry.getValue();
                if (engines.removed() && isGone(engines, left)) {
                    stopping.remove(entry.getKey());
                    times = forecaster.learned(
                            times, engines.steps().get(0).step(), WeightsFrom.CACHE, patience.secondsSince(began));
                    engines.steps().forEach(each -> finish(each.number(), each.step(), began));
                }
            }
            if (!stopping.isEmpty()) {
                patience.poll();
            }
        }
    }

    private KubernetesCluster.Load load(String pod) {
        return cluster.busyRequests(pod, port());
    }

    private void tell(String sentence) {
        listener.accept(new PushEvent.Note(sentence + (sentence.endsWith(".") ? "" : ".")));
    }

    private void remove(StoppingEngines engines) throws PushInterruptedException, PushFailedException {
        Engine engine = engines.engine();
        int count = engines.steps().size();
        int left = replicas.merge(engine, -count, Integer::sum);
        if (left <= 0) {
            patience.run(() -> cluster.deleteDeployment(Names.deployment(engine)));
            replicas.remove(engine);
        } else {
            patience.run(() -> cluster.apply(deployment(engine, left), true));
        }
        unready.computeIfPresent(engine, (same, before) -> Math.max(0, before - count));
        engines.remove(patience.in(Duration.ofSeconds(drainSeconds()).plus(POD_DELETION)));
    }

    private boolean isGone(StoppingEngines engines, Set<String> left)
            throws PushInterruptedException, PushFailedException {
        List<LivePod> there =
                engines.pods().stream().filter(pod -> left.contains(pod.name())).toList();
        if (there.isEmpty() || leftovers.areLost(there)) {
            return true;
        }
        if (patience.passed(engines.deadline())) {
            throw new PushInterruptedException(Leftovers.stuck(there.get(0)));
        }
        return false;
    }

    /**
     * The pods that go, in the order of {@code wave}, once no model falls below its floor without them: an engine elsewhere may have died since the
     * steps were found, and then this waits for its successor.
     */
    private List<Optional<LivePod>> podsToStop(List<Step> wave) throws PushInterruptedException, PushFailedException {
        Instant deadline = patience.in(wave.stream()
                .map(step -> loadDeadline(forecaster.start(step.engine())))
                .max(Comparator.naturalOrder())
                .orElse(Duration.ZERO));
        while (true) {
            LiveEngines live = patience.call(cluster::engines);
            List<Optional<LivePod>> pods = new ArrayList<>();
            Set<LivePod> taken = new HashSet<>();
            Map<String, Integer> serving = live.servingByModel();
            for (Step step : wave) {
                Optional<LivePod> goes = live.group(step.engine())
                        .flatMap(group -> group.pods().stream()
                                .filter(pod -> !pod.terminating() && !taken.contains(pod))
                                .min(FIRST_TO_GO));
                pods.add(goes);
                goes.ifPresent(pod -> {
                    taken.add(pod);
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

    private String trouble(Optional<LiveEngines.Group> group) {
        return group.stream()
                .flatMap(found -> UnnamedTaints.look(found, cluster).sentences().stream())
                .findFirst()
                .orElse("It has no pod, and the API server gives no reason.");
    }

    private Duration loadDeadline(StepTime expected) {
        return Duration.ofSeconds(
                StartEstimate.deadlineSeconds(intents.get(0).options().loadSeconds(), expected));
    }

    private int drainSeconds() {
        return intents.get(0).options().drainSeconds();
    }

    private int port() {
        return intents.get(0).options().port();
    }

    /**
     * A start that was begun.
     *
     * @param serving ready replicas that end it
     * @param from where it loads from; empty where the engine had begun to start before
     */
    private record Awaited(int number, Step step, int serving, Instant deadline, Optional<WeightsFrom> from) {}
}
