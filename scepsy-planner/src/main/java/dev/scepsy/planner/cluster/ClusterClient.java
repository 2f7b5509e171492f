package dev.scepsy.planner.cluster;

import dev.scepsy.planner.cluster.PushOutcome.Refused;
import dev.scepsy.planner.transition.Engine;
import dev.scepsy.planner.transition.Step;
import dev.scepsy.planner.transition.TransitionResult;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Moves a serving cluster to a plan, step by step and reversibly. An empty cluster is moved the same way, so this is also
 * how a first deployment is made.
 *
 * <p>One push at a time per client; {@link #stop} may be called from any thread.
 */
public final class ClusterClient implements AutoCloseable {

    private static final int UNAUTHORIZED = 401;
    private static final int NOT_FOUND = 404;

    private final ClusterAccess access;
    private final KubernetesCluster cluster;
    private final InstantSource clock;
    private final PushLock.Watched watchedLock = new PushLock.Watched();
    private volatile @Nullable Patience running;

    private ClusterClient(ClusterAccess access, String namespace, InstantSource clock) {
        this.access = access;
        ServerWarnings warnings = new ServerWarnings();
        KubernetesClient client = access.open(warnings);
        String contexts = client.getNamespace();
        this.cluster = new KubernetesCluster(
                client,
                !namespace.isEmpty() ? namespace : contexts == null || contexts.isEmpty() ? "default" : contexts,
                warnings);
        this.clock = clock;
    }

    /**
     * Opens no connection yet: an API server that cannot be reached shows at the first call.
     *
     * @param namespace empty: that of the kubeconfig's context, as kubectl does, else {@code default}
     */
    public static ClusterClient of(ClusterAccess access, String namespace) {
        return new ClusterClient(access, namespace, InstantSource.system());
    }

    /** Where all objects live. */
    public String namespace() {
        return cluster.namespace();
    }

    /**
     * What runs beside what was last applied.
     *
     * @throws ClusterUnreachableException if the API server does not answer or refuses
     */
    public ServingState read() throws ClusterUnreachableException {
        try {
            PlanRecord record = PlanRecord.read(cluster);
            LiveEngines live = cluster.engines();
            Map<Engine, Integer> planned = new TreeMap<>(Engine.ORDER);
            // while a push is unfinished, what it leads to is the plan
            Optional<Intent> wantedNow = record.target().or(record::current);
            wantedNow.ifPresent(intent -> intent.engines().forEach(engine -> planned.merge(engine, 1, Integer::sum)));
            live.groups().forEach(group -> planned.putIfAbsent(group.engine(), 0));
            List<ServingState.EngineState> states = new ArrayList<>();
            planned.forEach((engine, wanted) -> states.add(state(engine, wanted, live, wantedNow)));
            return new ServingState(
                    record.state().name().toLowerCase(Locale.ROOT).replace('_', '-'),
                    record.current().map(Intent::planId),
                    record.unfinished() ? record.progress() : "",
                    states,
                    record.history(),
                    Stream.of(record.target(), record.current())
                            .flatMap(Optional::stream)
                            .map(Intent::cluster)
                            .toList(),
                    leaving(live.leaving()),
                    router(record.current()));
        } catch (KubernetesClientException failure) {
            throw new ClusterUnreachableException(unreachable(failure), failure);
        } catch (PlanRecord.DamagedRecordException damaged) {
            throw new ClusterUnreachableException(String.valueOf(damaged.getMessage()), damaged);
        }
    }

    /**
     * How loads fall on the replicas of models that have several; costs no more on a very large cluster than on a large one.
     *
     * @param state what runs, as {@link #read} said it
     * @throws ClusterUnreachableException if the API server does not answer or refuses
     */
    public List<ReplicaLoads> loads(ServingState state) throws ClusterUnreachableException {
        Map<String, String> models = new TreeMap<>();
        state.engines()
                .forEach(each -> models.put(each.deployment(), each.engine().model()));
        try {
            return models.isEmpty() ? List.of() : new LoadReader(cluster, clock).read(models);
        } catch (KubernetesClientException failure) {
            throw new ClusterUnreachableException(unreachable(failure), failure);
        }
    }

    /**
     * Engines of this namespace that are ready and routed to, in name order: two lists, whatever their number.
     *
     * @throws ClusterUnreachableException if the API server does not answer or refuses
     */
    public List<ServingEngine> servingEngines() throws ClusterUnreachableException {
        try {
            return new LoadReader(cluster, clock).serving(cluster.modelsByDeployment());
        } catch (KubernetesClientException failure) {
            throw new ClusterUnreachableException(unreachable(failure), failure);
        }
    }

    /**
     * What an engine publishes under {@code path}, through the API server's proxy to its pod; empty where it has nothing there.
     * At most 16 MiB, and no longer than an answer of the API server may take. Thread-safe.
     *
     * @throws ClusterUnreachableException if the API server does not answer or refuses, or the engine does not answer it
     */
    public String metrics(ServingEngine engine, String path) throws ClusterUnreachableException {
        try {
            return cluster.metrics(engine.pod(), engine.port(), path);
        } catch (KubernetesClientException failure) {
            if (failure.getCode() == NOT_FOUND) {
                return "";
            }
            throw new ClusterUnreachableException(unreachable(failure), failure);
        }
    }

    private Optional<ServingState.RouterState> router(Optional<Intent> current) {
        Optional<Deployment> wanted =
                current.flatMap(intent -> RouterManifests.of(intent).deployment());
        Optional<Deployment> live = cluster.router();
        if (wanted.isEmpty() && live.isEmpty()) {
            return Optional.empty();
        }
        boolean same = wanted.isPresent() && live.isPresent() && RouterSteps.isSame(live.get(), wanted.get());
        return Optional.of(new ServingState.RouterState(
                current.map(intent -> intent.routing().kind().key()).orElse("none"),
                wanted.map(deployment -> deployment.getSpec().getReplicas()).orElse(0),
                live.map(RouterSteps::updatedAndReady).orElse(0),
                same,
                RouterSteps.troubles(cluster.podsLabelled(Names.ROLE, Names.ROUTER))));
    }

    private static ServingState.EngineState state(
            Engine engine, int planned, LiveEngines live, Optional<Intent> current) {
        Optional<LiveEngines.Group> group = live.group(engine);
        return new ServingState.EngineState(
                engine,
                Names.deployment(engine),
                planned,
                group.map(LiveEngines.Group::serving).orElse(0),
                group.map(LiveEngines.Group::occupying).orElse(0),
                group.map(LiveEngines.Group::placements).orElse(List.of()),
                group.map(LiveEngines.Group::enforced).orElse(""),
                group.map(LiveEngines.Group::troubles).orElse(List.of()),
                group.isPresent()
                        && current.filter(intent -> Adoption.differs(intent, group.get()))
                                .isPresent());
    }

    /** Pods that go away, with what is known of their nodes. */
    private List<String> leaving(List<LivePod> pods) {
        if (pods.isEmpty()) {
            return List.of();
        }
        LiveNodes nodes = cluster.liveNodes();
        return pods.stream()
                .map(pod -> "Pod " + pod.name() + (pod.node().isEmpty() ? "" : " on node " + pod.node())
                        + " is terminating (to be gone by " + pod.since() + ")"
                        + (pod.node().isEmpty()
                                ? ""
                                : nodes.lost(pod.node())
                                        .map(why -> "; of the node: " + why)
                                        .orElse("")))
                .toList();
    }

    /**
     * The steps that {@link #apply} would take now. Changes nothing.
     *
     * @throws ClusterUnreachableException if the API server does not answer or refuses
     */
    public TransitionResult preview(Intent intent, ApplyOptions options) throws ClusterUnreachableException {
        try {
            return new Push(
                            cluster,
                            PlanRecord.read(cluster),
                            options,
                            new Patience(options.timing(), clock),
                            clock,
                            event -> {})
                    .way(intent);
        } catch (KubernetesClientException failure) {
            throw new ClusterUnreachableException(unreachable(failure), failure);
        } catch (PlanRecord.DamagedRecordException damaged) {
            throw new ClusterUnreachableException(String.valueOf(damaged.getMessage()), damaged);
        }
    }

    /**
     * What {@link #apply} would do now, and what would stand against it: nodes, the order of steps, and what the API server
     * says of every object when it is asked without changing anything.
     *
     * @param refused why nothing would be changed; empty where nothing stands against it
     * @param forecast how long the steps are expected to take
     * @param notes what else was found, a sentence each
     * @param manifests what would be applied; with equivalent places, where they would really be
     * @param router what would be done to the router, in order
     */
    public record Rehearsal(
            Optional<Refused> refused,
            List<Step> steps,
            Forecast forecast,
            List<String> notes,
            Manifests manifests,
            List<RouterStep> router) {

        private static Rehearsal refused(Refused why, List<String> notes, Intent intent) {
            return new Rehearsal(
                    Optional.of(why), List.of(), new Forecast(List.of()), notes, Manifests.of(intent), List.of());
        }
    }

    /** Changes nothing. */
    public Rehearsal rehearse(Intent intent, ApplyOptions options) {
        List<String> notes = new ArrayList<>();
        try {
            Push.Checked checked = new Push(
                            cluster,
                            PlanRecord.read(cluster),
                            options,
                            new Patience(options.timing(), clock),
                            clock,
                            event -> {
                                if (event instanceof PushEvent.Note note) {
                                    notes.add(note.text());
                                }
                            })
                    .check(intent);
            return new Rehearsal(
                    checked.refused(),
                    checked.steps(),
                    checked.forecast(),
                    notes,
                    checked.manifests(),
                    checked.router());
        } catch (KubernetesClientException failure) {
            return Rehearsal.refused(refused(failure), notes, intent);
        } catch (PlanRecord.DamagedRecordException damaged) {
            return Rehearsal.refused(
                    new Refused(List.of(String.valueOf(damaged.getMessage())), List.of()), notes, intent);
        }
    }

    private Refused refused(KubernetesClientException failure) {
        return new Refused(
                List.of(unreachable(failure)),
                List.of(
                        "Check --server, --kubeconfig and --context, and the role in docs/reference/kubernetes-calls.md."));
    }

    /**
     * The nodes that have GPUs, and what engines can get of them now.
     *
     * @throws ClusterUnreachableException if the API server does not answer or refuses
     */
    public ClusterHardware hardware() throws ClusterUnreachableException {
        try {
            return cluster.hardware();
        } catch (KubernetesClientException failure) {
            throw new ClusterUnreachableException(unreachable(failure), failure);
        } catch (PlanRecord.DamagedRecordException damaged) {
            throw new ClusterUnreachableException(String.valueOf(damaged.getMessage()), damaged);
        }
    }

    /** The refusal that {@link #apply} would give where {@link #preview} found no way. */
    public static Refused refusal(TransitionResult.NoPath none) {
        return Push.refusal(none);
    }

    /** Per node the UUIDs of its GPUs in order, where HAMi publishes them; empty where nothing can be read. */
    public Map<String, List<String>> gpuUuids() {
        try {
            return GpuUuids.of(cluster.nodes());
        } catch (KubernetesClientException unreadable) {
            return Map.of(); // whoever goes on meets the same failure and says so
        }
    }

    /** Moves the cluster to {@code intent}; returns when it serves it, or when and why it does not. */
    public PushOutcome apply(Intent intent, ApplyOptions options, Consumer<PushEvent> listener) {
        return push(record -> Optional.of(intent), false, options, listener);
    }

    /** Moves the cluster back: out of an unfinished push, else to what was applied before the current plan. */
    public PushOutcome rollback(ApplyOptions options, Consumer<PushEvent> listener) {
        return push(
                record -> record.target()
                        .map(target ->
                                record.current().orElseGet(() -> Intent.empty(target.cluster(), target.options())))
                        .or(record::previous),
                true,
                options,
                listener);
    }

    /**
     * Goes on with the push that is on record as unfinished, to exactly what it wanted, forwards or back; refused where there is none.
     * For whoever was killed while pushing.
     */
    public PushOutcome resume(ApplyOptions options, Consumer<PushEvent> listener) {
        boolean back;
        try {
            back = PlanRecord.read(cluster).state() == PlanRecord.State.ROLLING_BACK;
        } catch (PlanRecord.DamagedRecordException damaged) {
            return new Refused(List.of(String.valueOf(damaged.getMessage())), List.of());
        } catch (KubernetesClientException failure) {
            return refused(failure);
        }
        return push(PlanRecord::target, back, options, listener);
    }

    /**
     * Ids of plans on record: what serves, what served before, and what an unfinished push wants.
     *
     * @param history one line per push, newest first
     */
    public record OnRecord(
            String state,
            Optional<String> current,
            Optional<String> previous,
            Optional<String> target,
            List<String> history) {}

    /** @throws ClusterUnreachableException if the API server does not answer or refuses, or the record cannot be read */
    public OnRecord onRecord() throws ClusterUnreachableException {
        try {
            PlanRecord record = PlanRecord.read(cluster);
            return new OnRecord(
                    record.state().name().toLowerCase(Locale.ROOT).replace('_', '-'),
                    record.current().map(Intent::planId),
                    record.previous().map(Intent::planId),
                    record.target().map(Intent::planId),
                    record.history());
        } catch (KubernetesClientException failure) {
            throw new ClusterUnreachableException(unreachable(failure), failure);
        } catch (PlanRecord.DamagedRecordException damaged) {
            throw new ClusterUnreachableException(String.valueOf(damaged.getMessage()), damaged);
        }
    }

    private PushOutcome push(
            java.util.function.Function<PlanRecord, Optional<Intent>> target,
            boolean rollingBack,
            ApplyOptions options,
            Consumer<PushEvent> listener) {
        Patience patience = new Patience(options.timing(), clock);
        running = patience;
        try (PushLock lock = PushLock.acquire(
                cluster,
                options.holder(),
                options.timing().lease(),
                clock,
                watchedLock,
                () -> patience.askToStop("Another push took the lock over."))) {
            PlanRecord record = PlanRecord.read(cluster);
            Optional<Intent> intent = target.apply(record);
            if (intent.isEmpty()) {
                return new Refused(
                        List.of("There is no earlier plan to go back to."), List.of("Apply a plan: scepsy apply."));
            }
            try (PushEvents events = new PushEvents(cluster, clock, options.holder(), listener)) {
                PushOutcome outcome =
                        new Push(cluster, record, options, patience, clock, events).to(intent.get(), rollingBack);
                events.ended(outcome);
                return outcome;
            }
        } catch (PushLock.Held held) {
            return new Refused(List.of(String.valueOf(held.getMessage())), List.of(held.hint()));
        } catch (PlanRecord.DamagedRecordException damaged) {
            return new Refused(List.of(String.valueOf(damaged.getMessage())), List.of());
        } catch (KubernetesClientException failure) {
            return refused(failure);
        } finally {
            running = null;
        }
    }

    /**
     * Engines that are started one at a time to be measured, beside whatever else runs.
     *
     * @param campaign tells the objects of one campaign from everybody else's; a label value
     */
    public TrialEngines trials(String campaign, Timing timing) {
        return new TrialEngines(cluster, campaign, timing, clock, this::unreachable);
    }

    /** Asks a running push to stop at the next safe point; it then returns {@link PushOutcome.StoppedMidway}. */
    public void stop(String reason) {
        Patience patience = running;
        if (patience != null) {
            patience.askToStop(reason);
        }
    }

    private String unreachable(KubernetesClientException failure) {
        String address = access.address();
        if (failure.getCode() > 0) {
            String said = KubernetesCluster.refusal(failure);
            List<String> why = failure.getCode() == UNAUTHORIZED || said.contains("system:anonymous")
                    ? access.whyUnknown(clock)
                    : List.of();
            return access.hidden("The API server " + address + " refused: " + said
                    + (why.isEmpty() ? "" : ". " + String.join(" ", why)));
        }
        String why = "the connection was refused or closed";
        for (Throwable cause = failure.getCause(); cause != null; cause = cause.getCause()) {
            if (cause.getMessage() != null) {
                why = cause.getMessage();
            }
        }
        return "The API server " + address + " cannot be reached: " + why;
    }

    @Override
    public void close() {
        cluster.client().close();
    }
}
