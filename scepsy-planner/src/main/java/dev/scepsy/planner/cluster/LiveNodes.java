package dev.scepsy.planner.cluster;

import io.fabric8.kubernetes.api.model.Node;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The nodes as they were seen at one moment. Immutable. */
final class LiveNodes {

    private final Map<String, Node> byName = new HashMap<>();
    private final Map<String, String> byHostname = new HashMap<>();
    private final Map<String, GpuNode> gpus = new HashMap<>();

    LiveNodes(List<Node> nodes, ClusterHardware hardware) {
        for (Node node : nodes) {
            String name = node.getMetadata().getName();
            byName.put(name, node);
            Map<String, String> labels = node.getMetadata().getLabels();
            if (labels != null && labels.containsKey(Names.HOSTNAME)) {
                byHostname.putIfAbsent(labels.get(Names.HOSTNAME), name);
            }
        }
        hardware.nodes().forEach(node -> gpus.put(node.name(), node));
    }

    List<String> names() {
        return byName.keySet().stream().sorted().toList();
    }

    boolean has(String name) {
        return byName.containsKey(name);
    }

    /** The node whose hostname label is {@code hostname}. */
    Optional<String> withHostname(String hostname) {
        return Optional.ofNullable(byHostname.get(hostname));
    }

    Optional<GpuNode> gpu(String name) {
        return Optional.ofNullable(gpus.get(name));
    }

    /** Why nobody on the node answers, so that waiting for its pods is waiting for ever; empty where its kubelet does. */
    Optional<String> lost(String name) {
        Node node = byName.get(name);
        return node == null ? Optional.of("the cluster no longer has it") : GpuNodes.notReady(node);
    }
}
