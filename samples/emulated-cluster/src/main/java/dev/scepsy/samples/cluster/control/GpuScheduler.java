package dev.scepsy.samples.cluster.control;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.scepsy.samples.cluster.api.ResourceKind;
import dev.scepsy.samples.cluster.api.Resources;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Binds pending pods to nodes and GPUs, oldest first. Compute and memory of every GPU hold, and the processors and the memory
 * that nodes say are allocatable; a pod that fits nowhere stays
 * Pending with reason {@code Unschedulable} and a message that says what each node lacks.
 */
final class GpuScheduler {
    private static final String MANAGER = "kube-scheduler";

    private final Resources resources;
    private final List<ServingNode> nodes;
    private final EventRecorder events;
    private final Spread spread;

    GpuScheduler(Resources resources, List<ServingNode> nodes, EventRecorder events) {
        this.resources = resources;
        this.nodes = List.copyOf(nodes);
        this.events = events;
        this.spread = new Spread(resources);
    }

    void reconcile() {
        List<PodView> pending = resources.store().list(ResourceKind.POD).stream()
                .map(PodView::new)
                .filter(pod -> pod.node().isEmpty() && !pod.isTerminating())
                .sorted(Comparator.comparingLong(pod ->
                        pod.object().path("metadata").path("resourceVersion").asLong()))
                .sorted(Comparator.comparing(pod ->
                        pod.object().path("metadata").path("creationTimestamp").asText()))
                .toList();
        pending.forEach(this::schedule);
    }

    private void schedule(PodView pod) {
        GpuDemand demand;
        try {
            demand = GpuDemand.of(pod);
        } catch (IllegalArgumentException malformed) {
            refuse(pod, String.valueOf(malformed.getMessage()));
            return;
        }
        Map<String, Integer> reasons = new LinkedHashMap<>();
        for (ServingNode node : spread.order(nodes, pod)) {
            Optional<String> excluded = whyExcluded(pod, node);
            if (excluded.isPresent()) {
                reasons.merge(excluded.get(), 1, Integer::sum);
                continue;
            }
            GpuLedger.Fit fit =
                    GpuLedger.of(node, resources.store().list(ResourceKind.POD)).fit(demand);
            if (fit instanceof GpuLedger.Fit.On on) {
                bind(pod, node, on.gpus());
                return;
            }
            if (fit instanceof GpuLedger.Fit.None none) {
                reasons.merge(none.reason(), 1, Integer::sum);
            }
        }
        StringBuilder message = new StringBuilder("0/" + nodes.size() + " nodes are available: ");
        reasons.forEach((reason, count) ->
                message.append(count).append(' ').append(reason).append(", "));
        message.setLength(message.length() - 2);
        refuse(pod, message + ".");
    }

    private Optional<String> whyExcluded(PodView pod, ServingNode serving) {
        ObjectNode node = resources.store().get(ResourceKind.NODE, "", serving.name());
        if (node == null) {
            return Optional.of("node(s) were deleted");
        }
        if (node.path("spec").path("unschedulable").asBoolean(false)) {
            return Optional.of("node(s) were unschedulable");
        }
        Optional<String> taint = Tolerance.untolerated(pod.object().path("spec"), node);
        if (taint.isPresent() && NodeAffinity.matches(pod.object().path("spec"), node)) {
            return taint;
        }
        if (!new PodView(node).isReady()) {
            return Optional.of("node(s) were not ready");
        }
        if (!allocatable(pod, serving, node)) {
            return Optional.of("Insufficient nvidia.com/gpu");
        }
        if (!NodeAffinity.matches(pod.object().path("spec"), node)) {
            return Optional.of("node(s) didn't match Pod's node affinity/selector");
        }
        return new HostLedger(node, resources.store().list(ResourceKind.POD))
                .lacks(pod)
                .or(() -> spread.forbids(pod, serving));
    }

    /** Whether the kubelet gives out as many GPUs as the pod's limits ask for, beside those of the pods there. */
    private boolean allocatable(PodView pod, ServingNode serving, ObjectNode node) {
        for (String resource : List.of("nvidia.com/gpu", "nvidia.com/gpu.shared")) {
            int wanted = GpuDemand.limit(pod, resource);
            if (wanted == 0) {
                continue;
            }
            int used = resources.store().list(ResourceKind.POD).stream()
                    .map(PodView::new)
                    .filter(other -> other.node().equals(serving.name()))
                    .mapToInt(other -> GpuDemand.limit(other, resource))
                    .sum();
            if (used + wanted
                    > node.path("status").path("allocatable").path(resource).asInt(0)) {
                return false;
            }
        }
        return true;
    }

    private void bind(PodView pod, ServingNode node, List<Integer> gpus) {
        String ids = String.join(",", gpus.stream().map(String::valueOf).toList());
        resources.edit(ResourceKind.POD, pod.object(), Resources.Part.WHOLE, MANAGER, next -> {
            next.withObject("/spec").put("nodeName", node.name());
            if (!gpus.isEmpty()) {
                next.withObject("/metadata/annotations").put(Annotations.ASSIGNED_GPUS, ids);
            }
        });
        resources.edit(
                ResourceKind.POD,
                pod.object(),
                Resources.Part.STATUS,
                MANAGER,
                next -> Conditions.set(next, resources.timestamp(), "PodScheduled", true, "", ""));
        events.normal(
                pod,
                "Scheduled",
                "Successfully assigned " + pod.namespace() + "/" + pod.name() + " to " + node.name()
                        + (gpus.isEmpty() ? "" : ", GPUs " + ids));
    }

    private void refuse(PodView pod, String message) {
        JsonNode conditions = pod.object().path("status").path("conditions");
        boolean known = conditions.toString().contains(message);
        resources.edit(
                ResourceKind.POD,
                pod.object(),
                Resources.Part.STATUS,
                MANAGER,
                next -> Conditions.set(next, resources.timestamp(), "PodScheduled", false, "Unschedulable", message));
        if (!known) {
            events.warning(pod, "FailedScheduling", message);
        }
    }
}
