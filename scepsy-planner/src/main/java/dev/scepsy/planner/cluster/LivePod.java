package dev.scepsy.planner.cluster;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One pod as it was seen. Immutable.
 *
 * @param engine name of its deployment
 * @param node node it is bound to; empty while pending
 * @param ready whether its probes pass
 * @param serving whether its service routes to it
 * @param terminating whether it is going away
 * @param trouble why it is not ready, as Kubernetes says it; null when nothing is wrong
 * @param outlook whether waiting longer may help
 * @param since when it began to go away; empty unless it is
 * @param pinned GPU ids it insists on; empty where something picks them
 * @param gpus GPUs it says it got; empty where it does not say
 */
record LivePod(
        String name,
        String engine,
        String node,
        boolean ready,
        boolean serving,
        boolean terminating,
        @Nullable String trouble,
        Outlook outlook,
        String since,
        List<Integer> pinned,
        List<Integer> gpus) {

    private static final Set<String> PULLING = Set.of("ErrImagePull", "ImagePullBackOff", "RegistryUnavailable");
    private static final Set<String> WRONG = Set.of(
            "InvalidImageName",
            "ErrImageNeverPull",
            "CreateContainerConfigError",
            "CreateContainerError",
            "RunContainerError");
    private static final int HOPELESS_RESTARTS = 3;

    /** Annotation in which an emulated cluster says which GPUs a pod got; real ones do not say it by number. */
    private static final String ASSIGNED = "scepsy.dev/emulated-gpus";

    static LivePod of(Pod pod) {
        Map<String, String> labels =
                Optional.ofNullable(pod.getMetadata().getLabels()).orElse(Map.of());
        Map<String, String> annotations =
                Optional.ofNullable(pod.getMetadata().getAnnotations()).orElse(Map.of());
        List<PodCondition> conditions =
                pod.getStatus() == null ? List.of() : pod.getStatus().getConditions();
        List<ContainerStatus> containers = containers(pod);
        boolean ready = conditions.stream()
                .anyMatch(condition -> "Ready".equals(condition.getType()) && "True".equals(condition.getStatus()));
        String node = Optional.ofNullable(pod.getSpec().getNodeName()).orElse("");
        return new LivePod(
                pod.getMetadata().getName(),
                labels.getOrDefault(Names.ENGINE, ""),
                node,
                ready,
                "true".equals(labels.get(Names.SERVING)),
                pod.getMetadata().getDeletionTimestamp() != null,
                ready ? null : trouble(pod, conditions, containers),
                ready ? Outlook.OPEN : outlook(conditions, containers),
                Optional.ofNullable(pod.getMetadata().getDeletionTimestamp()).orElse(""),
                gpus(annotations.get(Names.GPUS)),
                gpus(annotations.get(ASSIGNED)));
    }

    private static List<ContainerStatus> containers(Pod pod) {
        if (pod.getStatus() == null) {
            return List.of();
        }
        List<ContainerStatus> containers = new ArrayList<>(pod.getStatus().getInitContainerStatuses());
        containers.addAll(pod.getStatus().getContainerStatuses());
        return containers;
    }

    private static Outlook outlook(List<PodCondition> conditions, List<ContainerStatus> containers) {
        Outlook worst = containers.stream().map(LivePod::outlook).reduce(Outlook.OPEN, Outlook::worse);
        return conditions.stream()
                .filter(condition ->
                        "Unschedulable".equals(condition.getReason()) && "False".equals(condition.getStatus()))
                .map(condition -> Outlook.unschedulable(
                        Optional.ofNullable(condition.getMessage()).orElse("")))
                .reduce(worst, Outlook::worse);
    }

    /** Whether it holds, or may hold, a GPU that an engine on its node with these pinned ids needs. */
    boolean holds(String onNode, List<Integer> ids) {
        return node.equals(onNode)
                && (ids.isEmpty() || pinned.isEmpty() || pinned.stream().anyMatch(ids::contains));
    }

    private static @Nullable String trouble(Pod pod, List<PodCondition> conditions, List<ContainerStatus> containers) {
        for (ContainerStatus container : containers) {
            if (container.getState() != null && container.getState().getWaiting() != null) {
                String reason = container.getState().getWaiting().getReason();
                String message = container.getState().getWaiting().getMessage();
                return reason + (message == null || message.isEmpty() ? "" : ": " + message) + restarts(container);
            }
        }
        for (PodCondition condition : conditions) {
            if ("False".equals(condition.getStatus()) && condition.getMessage() != null) {
                return condition.getReason() + ": " + condition.getMessage();
            }
        }
        return pod.getStatus() == null ? null : pod.getStatus().getPhase();
    }

    private static String restarts(ContainerStatus container) {
        Integer restarts = container.getRestartCount();
        return restarts == null || restarts == 0 ? "" : " (restarted " + restarts + " times)";
    }

    private static Outlook outlook(ContainerStatus container) {
        if (container.getState() == null || container.getState().getWaiting() == null) {
            return Outlook.OPEN;
        }
        String reason = Optional.ofNullable(container.getState().getWaiting().getReason())
                .orElse("");
        Integer restarts = container.getRestartCount();
        if ("CrashLoopBackOff".equals(reason) && restarts != null && restarts >= HOPELESS_RESTARTS) {
            return Outlook.NONE;
        }
        return WRONG.contains(reason) ? Outlook.POOR : PULLING.contains(reason) ? Outlook.DOUBTFUL : Outlook.OPEN;
    }

    private static List<Integer> gpus(@Nullable String assigned) {
        return assigned == null || !assigned.matches("\\d{1,9}(,\\d{1,9})*")
                ? List.of()
                : Arrays.stream(assigned.split(",")).map(Integer::valueOf).toList();
    }
}
