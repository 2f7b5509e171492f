package dev.scepsy.planner.cluster;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Reads how loads fall on replicas off the engines' own metrics, by the API server's proxy to pods. Of models with several ready
 * replicas it asks at most {@link #MOST_PER_MODEL} each and {@link #MOST_ENGINES} in all, {@link #AT_ONCE} at once and no longer than
 * {@link #PATIENCE_SECONDS}: a cluster of thousands of engines costs it no more. Changes nothing.
 */
final class LoadReader {

    static final int MOST_PER_MODEL = 16;
    static final int MOST_ENGINES = 128;
    static final int AT_ONCE = 16;
    static final int PATIENCE_SECONDS = 10;

    private static final String ROUTER_LABEL = "scepsy.dev/role";
    private static final String ROUTER = "router";
    private static final int DEFAULT_PORT = 8000;

    private final KubernetesCluster cluster;
    private final InstantSource clock;

    LoadReader(KubernetesCluster cluster, InstantSource clock) {
        this.cluster = cluster;
        this.clock = clock;
    }

    /** What came of asking one engine: a load, or why there is none. */
    private record Asked(Optional<ReplicaLoads.Engine> engine, String whyNot) {}

    /**
     * One per model with at least two replicas that are ready and routed to, in name order.
     *
     * @param models names of models by the names of their deployments
     */
    List<ReplicaLoads> read(Map<String, String> models) {
        Map<String, List<Pod>> byModel = new TreeMap<>();
        for (Pod pod : cluster.podsLabelled(Names.SERVING, "true")) {
            LivePod live = LivePod.of(pod);
            String model = models.get(live.engine());
            if (live.ready() && !live.terminating() && model != null) {
                byModel.computeIfAbsent(model, name -> new ArrayList<>()).add(pod);
            }
        }
        byModel.values().removeIf(pods -> pods.size() < 2);
        if (byModel.isEmpty()) {
            return List.of();
        }
        boolean routed = !cluster.podsLabelled(ROUTER_LABEL, ROUTER).isEmpty();
        int each = Math.max(2, Math.min(MOST_PER_MODEL, MOST_ENGINES / byModel.size()));
        Map<String, List<Pod>> asked = new TreeMap<>();
        int left = MOST_ENGINES;
        for (Map.Entry<String, List<Pod>> entry : byModel.entrySet()) {
            List<Pod> some = spread(entry.getValue(), Math.min(each, left));
            left -= some.size();
            asked.put(entry.getKey(), some);
        }
        Map<String, List<Asked>> answers = ask(asked);
        List<ReplicaLoads> loads = new ArrayList<>();
        byModel.forEach(
                (model, pods) -> loads.add(loads(model, pods.size(), answers.getOrDefault(model, List.of()), routed)));
        return loads;
    }

    /**
     * Engines that are ready and routed to, in name order.
     *
     * @param models names of models by the names of their deployments
     */
    List<ServingEngine> serving(Map<String, String> models) {
        List<ServingEngine> serving = new ArrayList<>();
        for (Pod pod : cluster.podsLabelled(Names.SERVING, "true")) {
            LivePod live = LivePod.of(pod);
            String model = models.get(live.engine());
            if (live.ready() && !live.terminating() && model != null) {
                serving.add(new ServingEngine(model, live.engine(), live.name(), live.node(), port(pod)));
            }
        }
        serving.sort(Comparator.comparing(ServingEngine::pod));
        return serving;
    }

    private ReplicaLoads loads(String model, int replicas, List<Asked> answers, boolean routed) {
        return new ReplicaLoads(
                model,
                replicas,
                answers.stream().flatMap(answer -> answer.engine().stream()).toList(),
                answers.isEmpty()
                        ? Optional.of("Only " + MOST_ENGINES + " engines are asked.")
                        : answers.stream()
                                .filter(answer -> answer.engine().isEmpty())
                                .map(Asked::whyNot)
                                .findFirst(),
                clock.instant(),
                routed);
    }

    /** Some of {@code pods}, evenly out of all of them in name order. */
    private static List<Pod> spread(List<Pod> pods, int most) {
        List<Pod> sorted = pods.stream()
                .sorted(Comparator.comparing(pod -> pod.getMetadata().getName()))
                .toList();
        int count = Math.min(most, sorted.size());
        List<Pod> some = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            some.add(sorted.get((int) ((long) i * sorted.size() / count)));
        }
        return some;
    }

    private Map<String, List<Asked>> ask(Map<String, List<Pod>> pods) {
        List<String> models = new ArrayList<>();
        List<Callable<Asked>> questions = new ArrayList<>();
        pods.forEach((model, some) -> some.forEach(pod -> {
            models.add(model);
            questions.add(() -> ask(pod));
        }));
        ExecutorService threads =
                Executors.newFixedThreadPool(Math.max(1, Math.min(AT_ONCE, questions.size())), work -> {
                    Thread thread = new Thread(work, "scepsy-loads");
                    thread.setDaemon(true);
                    return thread;
                });
        Map<String, List<Asked>> answers = new TreeMap<>();
        try {
            List<Future<Asked>> done = threads.invokeAll(questions, PATIENCE_SECONDS, TimeUnit.SECONDS);
            for (int i = 0; i < done.size(); i++) {
                answers.computeIfAbsent(models.get(i), name -> new ArrayList<>())
                        .add(answer(done.get(i)));
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        } finally {
            threads.shutdownNow();
        }
        return answers;
    }

    private static Asked answer(Future<Asked> done) throws InterruptedException {
        try {
            return done.get();
        } catch (CancellationException late) {
            return new Asked(Optional.empty(), "Not all engines answered within " + PATIENCE_SECONDS + " s.");
        } catch (ExecutionException failed) {
            return new Asked(Optional.empty(), "Its metrics cannot be read: " + failed.getCause());
        }
    }

    private Asked ask(Pod pod) {
        String name = pod.getMetadata().getName();
        try {
            for (String path : RequestGauges.PATHS) {
                String metrics = cluster.metrics(name, port(pod), path);
                OptionalDouble busy = RequestGauges.busy(metrics);
                if (busy.isPresent()) {
                    return new Asked(
                            Optional.of(new ReplicaLoads.Engine(
                                    name, busy.getAsDouble(), FinishedRequests.of(metrics), started(pod))),
                            "");
                }
            }
            return new Asked(
                    Optional.empty(), "The metrics of pod " + name + " have no count of requests under a known name.");
        } catch (KubernetesClientException unreadable) {
            return new Asked(
                    Optional.empty(),
                    "The metrics of pod " + name + " cannot be read: " + KubernetesCluster.refusal(unreadable) + ".");
        }
    }

    private static int port(Pod pod) {
        for (Container container : pod.getSpec().getContainers()) {
            for (ContainerPort port : container.getPorts()) {
                if ("http".equals(port.getName()) && port.getContainerPort() != null) {
                    return port.getContainerPort();
                }
            }
        }
        return DEFAULT_PORT;
    }

    /** When the last of its containers started. */
    private static Optional<Instant> started(Pod pod) {
        Instant last = null;
        for (ContainerStatus container : pod.getStatus().getContainerStatuses()) {
            ContainerState state = container.getState();
            Instant began = state == null || state.getRunning() == null
                    ? null
                    : instant(state.getRunning().getStartedAt());
            if (began == null) {
                return Optional.empty();
            }
            last = last == null || began.isAfter(last) ? began : last;
        }
        return Optional.ofNullable(last);
    }

    private static @Nullable Instant instant(@Nullable String written) {
        try {
            return written == null ? null : Instant.parse(written);
        } catch (DateTimeParseException none) {
            return null;
        }
    }
}
