package dev.scepsy.samples.cluster.control;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.scepsy.planner.topology.Node;
import dev.scepsy.planner.topology.Sharing;
import dev.scepsy.samples.cluster.api.ResourceKind;
import dev.scepsy.samples.cluster.api.Resources;
import dev.scepsy.samples.cluster.api.WriteOptions;
import java.math.BigDecimal;

/** Registers nodes as their kubelets would, labelled as GPU Feature Discovery labels them. */
final class NodeObjects {
    private static final String KUBELET = "kubelet";
    private static final String UNREACHABLE = "node.kubernetes.io/unreachable";

    /** Of a node whose description limits neither: as a server of eight large GPUs has them. */
    private static final double CORES = 256;

    private static final double MEMORY_GIB = 2048;

    private final Resources resources;

    NodeObjects(Resources resources) {
        this.resources = resources;
    }

    void register(ServingNode serving) {
        Node node = serving.node();
        ObjectNode object = JsonNodeFactory.instance.objectNode();
        ObjectNode labels =
                object.withObject("/metadata").put("name", node.name()).putObject("labels");
        labels.put(Annotations.HOSTNAME, node.name())
                .put("kubernetes.io/os", "linux")
                .put("kubernetes.io/arch", "amd64")
                .put("topology.kubernetes.io/zone", "emulated")
                .put("scepsy.dev/rack", serving.rack())
                .put("scepsy.dev/gpu-domain-size", Integer.toString(node.domainSize()))
                .put("nvidia.com/gpu.product", node.gpu().name())
                .put("nvidia.com/gpu.count", Integer.toString(node.gpus()))
                .put(
                        "nvidia.com/gpu.memory",
                        Long.toString(Math.round(node.gpu().memoryGiB() * 1024)))
                .put("nvidia.com/gpu.sharing-strategy", strategy(node.sharing()));
        object.withObject("/spec").put("podCIDR", "127.0.0.0/8");
        ObjectNode status = object.putObject("status");
        for (String kind : new String[] {"capacity", "allocatable"}) {
            ObjectNode amounts = status.putObject(kind);
            amounts.put("cpu", cores(node))
                    .put("memory", mebibytes(node) + "Mi")
                    .put("pods", "110");
            amounts.put(resource(node.sharing()), Integer.toString(shares(node)));
        }
        status.putObject("nodeInfo")
                .put("kubeletVersion", "v1.36.0+scepsy-emulated")
                .put("operatingSystem", "linux")
                .put("architecture", "amd64");
        ArrayNode addresses = status.putArray("addresses");
        addresses.addObject().put("type", "InternalIP").put("address", "127.0.0.1");
        addresses.addObject().put("type", "Hostname").put("address", node.name());
        resources.create(ResourceKind.NODE, "", object, WriteOptions.by(KUBELET));
    }

    private static String cores(Node node) {
        return BigDecimal.valueOf(node.host().cpuCores().orElse(CORES))
                .stripTrailingZeros()
                .toPlainString();
    }

    private static long mebibytes(Node node) {
        return (long) Math.floor(1024 * node.host().memoryGiB().orElse(MEMORY_GIB));
    }

    /** Keeps the Ready condition in step with whether the node is up. */
    void reportReady(ObjectNode nodeObject, boolean up) {
        resources.edit(
                ResourceKind.NODE,
                nodeObject,
                Resources.Part.STATUS,
                KUBELET,
                node -> Conditions.set(
                        node,
                        resources.timestamp(),
                        "Ready",
                        up ? "True" : "Unknown",
                        up ? "KubeletReady" : "NodeStatusUnknown",
                        up ? "kubelet is posting ready status" : "Kubelet stopped posting node status."));
        resources.edit(ResourceKind.NODE, nodeObject, Resources.Part.WHOLE, KUBELET, node -> taint(node, up));
    }

    /** As the node lifecycle controller taints a node that is not heard of. */
    private static void taint(ObjectNode node, boolean up) {
        ArrayNode kept = JsonNodeFactory.instance.arrayNode();
        node.path("spec").path("taints").forEach(taint -> {
            if (!taint.path("key").asText().equals(UNREACHABLE)) {
                kept.add(taint);
            }
        });
        if (!up) {
            for (String effect : new String[] {"NoSchedule", "NoExecute"}) {
                kept.addObject().put("key", UNREACHABLE).put("effect", effect);
            }
        }
        if (kept.isEmpty()) {
            node.withObject("/spec").remove("taints");
        } else {
            node.withObject("/spec").set("taints", kept);
        }
    }

    private static String resource(Sharing sharing) {
        return sharing instanceof Sharing.EqualParts ? "nvidia.com/gpu.shared" : "nvidia.com/gpu";
    }

    private static int shares(Node node) {
        return node.sharing() instanceof Sharing.EqualParts parts ? node.gpus() * parts.parts() : node.gpus();
    }

    private static String strategy(Sharing sharing) {
        return switch (sharing.mode()) {
            case MPS -> "mps";
            case TIME_SLICING -> "time-slicing";
            case HAMI -> "hami";
            case KAI -> "kai";
            case DRA -> "dra";
            case NONE -> "none";
        };
    }
}
