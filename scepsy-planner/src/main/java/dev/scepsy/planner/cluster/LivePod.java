package dev.scepsy.planner.cluster;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
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
 * @param hopeless whether waiting longer will not help
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
        boolean hopeless,
        List<Integer> gpus) {

    private static final Set<String> HOPELESS = Set.of(
            "ErrImagePull",
            "ImagePullBackOff",
            "InvalidImageName",
            "CreateContainerConfigError",
            "CreateContainerError");
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
        List<ContainerStatus> containers =
                pod.getStatus() == null ? List.of() : pod.getStatus().getContainerStatuses();
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
                containers.stream().anyMatch(LivePod::hopeless),
                gpus(annotations.get(ASSIGNED)));
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

    private static boolean hopeless(ContainerStatus container) {
        if (container.getState() == null || container.getState().getWaiting() == null) {
            return false;
        }
        String reason = container.getState().getWaiting().getReason();
        Integer restarts = container.getRestartCount();
        boolean crashing = "CrashLoopBackOff".equals(reason) && restarts != null && restarts >= HOPELESS_RESTARTS;
        return crashing || (reason != null && HOPELESS.contains(reason));
    }

    private static List<Integer> gpus(@Nullable String assigned) {
        return assigned == null || !assigned.matches("\\d{1,9}(,\\d{1,9})*")
                ? List.of()
                : Arrays.stream(assigned.split(",")).map(Integer::valueOf).toList();
    }
}
