package dev.scepsy.samples.cluster.real;

import io.fabric8.kubernetes.api.model.ContainerStateBuilder;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import io.fabric8.kubernetes.api.model.DeletionPropagation;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodConditionBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Does to pods what kubelets would see of them: bound ones become ready, deleted ones go once they hold no request, unless a test
 * wants otherwise. No container runs. Thread-safe.
 */
final class KubeletStandIn implements AutoCloseable {

    private static final long TICK_MILLIS = 100;
    private static final int TICKS_PER_HEARTBEAT = 10;

    private final KubernetesClient client;
    private final NodesOfATest nodes;
    private final EnginesStandIn engines;
    private final SharedIndexInformer<Pod> pods;
    private final ScheduledExecutorService loop = Executors.newSingleThreadScheduledExecutor();
    private final Set<String> stuck = ConcurrentHashMap.newKeySet();
    private final Set<String> down = ConcurrentHashMap.newKeySet();
    private volatile List<String> neverReady = List.of();
    private volatile List<String> failingImages = List.of();
    private long ticks;

    KubeletStandIn(KubernetesClient client, NodesOfATest nodes, EnginesStandIn engines) {
        this.client = client;
        this.nodes = nodes;
        this.engines = engines;
        this.pods = client.pods().inAnyNamespace().inform();
        loop.scheduleWithFixedDelay(this::tick, 0, TICK_MILLIS, TimeUnit.MILLISECONDS);
    }

    void neverReady(List<String> models) {
        neverReady = models;
    }

    void failingImages(List<String> parts) {
        failingImages = parts;
    }

    void stuck(String namespace, String pod, boolean stays) {
        if (stays) {
            stuck.add(namespace + "/" + pod);
        } else {
            stuck.remove(namespace + "/" + pod);
        }
    }

    /** It is heard of no more. */
    void nodeDown(String node) {
        down.add(node);
    }

    /** Ends all faults. */
    void reset() {
        stuck.clear();
        down.clear();
        neverReady = List.of();
        failingImages = List.of();
    }

    private void tick() {
        boolean heartbeat = ticks++ % TICKS_PER_HEARTBEAT == 0;
        try {
            if (heartbeat) {
                nodes.names().stream().filter(node -> !down.contains(node)).forEach(nodes::heartbeat);
            }
        } catch (KubernetesClientException restarting) {
            return; // the next turn tries again
        }
        for (Pod pod : pods.getStore().list()) {
            String node = pod.getSpec().getNodeName();
            if (node == null || down.contains(node)) {
                continue;
            }
            try {
                look(pod);
            } catch (KubernetesClientException conflict) {
                // the store is behind, or the API server restarts: the next turn tries again
            }
        }
    }

    private void look(Pod pod) {
        String key = pod.getMetadata().getNamespace() + "/" + pod.getMetadata().getName();
        if (pod.getMetadata().getDeletionTimestamp() != null) {
            boolean idle = engines.requests(pod.getMetadata().getName()) == 0
                    || Instant.parse(pod.getMetadata().getDeletionTimestamp()).isBefore(Instant.now());
            if (idle && !stuck.contains(key)) {
                client.resource(pod)
                        .withGracePeriod(0)
                        .withPropagationPolicy(DeletionPropagation.BACKGROUND)
                        .delete();
            }
            return;
        }
        ContainerStatus wanted = container(pod);
        List<ContainerStatus> told = pod.getStatus().getContainerStatuses();
        // the node controller says that pods of a node that it does not hear of are not ready
        boolean saysSo = pod.getStatus().getConditions().stream()
                .anyMatch(condition -> condition.getType().equals("Ready")
                        && condition.getStatus().equals(wanted.getReady() ? "True" : "False"));
        if (told.size() == 1 && sameState(told.get(0), wanted) && saysSo) {
            return;
        }
        boolean ready = wanted.getReady();
        List<PodCondition> conditions = new ArrayList<>(pod.getStatus().getConditions());
        for (String type : List.of("Initialized", "ContainersReady", "Ready")) {
            conditions.removeIf(condition -> condition.getType().equals(type));
            conditions.add(new PodConditionBuilder()
                    .withType(type)
                    .withStatus(ready || type.equals("Initialized") ? "True" : "False")
                    .withReason(ready || type.equals("Initialized") ? null : "ContainersNotReady")
                    .withMessage(
                            ready || type.equals("Initialized") ? null : "containers with unready status: [engine]")
                    .withLastTransitionTime(now())
                    .build());
        }
        client.resource(new PodBuilder(pod)
                        .editStatus()
                        .withPhase(wanted.getState().getWaiting() == null ? "Running" : "Pending")
                        .withPodIP(engines.address())
                        .withHostIP(engines.address())
                        .withConditions(conditions)
                        .withContainerStatuses(wanted)
                        .endStatus()
                        .build())
                .updateStatus();
    }

    private static boolean sameState(ContainerStatus told, ContainerStatus wanted) {
        boolean bothWait =
                told.getState().getWaiting() != null && wanted.getState().getWaiting() != null;
        boolean bothRun =
                told.getState().getRunning() != null && wanted.getState().getRunning() != null;
        return told.getReady().equals(wanted.getReady()) && (bothWait || bothRun);
    }

    /** What the pod's only container does now. */
    private ContainerStatus container(Pod pod) {
        String image = pod.getSpec().getContainers().get(0).getImage();
        String model = pod.getMetadata().getLabels() == null
                ? ""
                : pod.getMetadata().getLabels().getOrDefault("scepsy.dev/model", "");
        boolean runs = pod.getStatus().getContainerStatuses().stream()
                .anyMatch(status -> status.getState().getRunning() != null);
        boolean pulled = runs || failingImages.stream().noneMatch(image::contains);
        boolean ready = pulled && !neverReady.contains(model);
        ContainerStateBuilder state = new ContainerStateBuilder();
        if (pulled) {
            state.withNewRunning().withStartedAt(now()).endRunning();
        } else {
            state.withNewWaiting()
                    .withReason("ImagePullBackOff")
                    .withMessage("Back-off pulling image \"" + image + "\"")
                    .endWaiting();
        }
        return new ContainerStatusBuilder()
                .withName(pod.getSpec().getContainers().get(0).getName())
                .withImage(image)
                .withImageID("")
                .withRestartCount(0)
                .withReady(ready)
                .withStarted(ready)
                .withState(state.build())
                .build();
    }

    private static String now() {
        return Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    }

    @Override
    public void close() {
        loop.shutdownNow();
        pods.close();
    }
}
