package dev.scepsy.planner.cluster;

import dev.scepsy.planner.topology.HostNeed;
import dev.scepsy.planner.topology.HostRoom;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Taint;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What nodes have of GPUs and what an engine can get of it: labels say what is built in, {@code status.allocatable} what the
 * kubelet gives out, conditions and taints whether it takes pods, other pods' limits what is taken.
 */
final class GpuNodes {

    private static final double MIB_PER_GIB = 1024;

    private static final String GPU = "nvidia.com/gpu";
    private static final String SHARED = "nvidia.com/gpu.shared";
    private static final String MIG = "nvidia.com/mig-";

    /** Accelerators that engines are not started on, by the resource that offers them. */
    private static final Map<String, String> OTHERS = Map.of(
            "amd.com/gpu", "AMD GPU",
            "gpu.intel.com/i915", "Intel GPU",
            "gpu.intel.com/xe", "Intel GPU",
            "habana.ai/gaudi", "Intel Gaudi",
            "google.com/tpu", "TPU",
            "aws.amazon.com/neuron", "AWS Neuron device");

    private final List<Pod> foreign;

    private GpuNodes(List<Pod> foreign) {
        this.foreign = foreign;
    }

    /** @param foreign pods that are none of the engines that plans are about */
    static ClusterHardware of(List<Node> nodes, List<Pod> foreign) {
        GpuNodes reader = new GpuNodes(foreign);
        return new ClusterHardware(
                nodes.stream().map(reader::node).flatMap(Optional::stream).toList(),
                nodes.stream()
                        .map(GpuNodes::otherAccelerators)
                        .flatMap(Optional::stream)
                        .toList());
    }

    /** The node without looking at its pods; empty where it has no NVIDIA GPU. */
    private Optional<GpuNode> node(Node node) {
        Map<String, String> labels = labels(node);
        OptionalInt replicas = integer(labels, "nvidia.com/gpu.replicas");
        int perCard = Math.max(1, replicas.orElse(1));
        OptionalInt cards = integer(labels, "nvidia.com/gpu.count");
        OptionalInt mebibytes = integer(labels, "nvidia.com/gpu.memory");
        int capacity = amount(node, true) / perCard;
        boolean singleMig = "single".equals(labels.get("nvidia.com/mig.strategy"))
                && labels.getOrDefault("nvidia.com/gpu.product", "").contains("-MIG-");
        // under single-strategy MIG the label may still count cards while the kubelet gives out slices
        int gpus = singleMig && capacity > 0 ? capacity : cards.orElse(capacity);
        Map<String, Integer> slices = slices(node);
        if (gpus == 0 && slices.isEmpty()) {
            return Optional.empty();
        }
        List<String> notes = new ArrayList<>();
        if (singleMig) {
            notes.add("its GPUs are cut into MIG slices, each planned as a GPU of its own that no tensor parallelism"
                    + " joins: measured profiles are needed");
        }
        if (!slices.isEmpty()) {
            notes.add("some of its GPUs are cut into MIG slices " + slices + ", which plans leave alone");
        }
        return Optional.of(new GpuNode(
                node.getMetadata().getName(),
                Stream.of("scepsy.dev/rack", "topology.kubernetes.io/rack", "topology.kubernetes.io/zone")
                        .map(labels::get)
                        .filter(rack -> rack != null && !rack.isBlank())
                        .findFirst(),
                Optional.ofNullable(labels.get("nvidia.com/gpu.product")),
                gpus,
                singleMig ? OptionalInt.of(1) : integer(labels, "scepsy.dev/gpu-domain-size"),
                mebibytes.isPresent() ? OptionalDouble.of(mebibytes.getAsInt() / MIB_PER_GIB) : OptionalDouble.empty(),
                Optional.ofNullable(labels.get("nvidia.com/gpu.sharing-strategy"))
                        .filter(strategy -> strategy.equals("mps") || strategy.equals("time-slicing")),
                replicas.isPresent() && replicas.getAsInt() > 1 ? replicas : OptionalInt.empty(),
                use(node, gpus, perCard, notes)));
    }

    private GpuNode.Use use(Node node, int gpus, int perCard, List<String> notes) {
        String name = node.getMetadata().getName();
        int allocatable = Math.min(gpus, amount(node, false) / perCard);
        if (allocatable > 0 && allocatable < gpus) {
            notes.add(
                    (gpus - allocatable) + " of its " + gpus + " GPUs are not allocatable (unhealthy, or cut by MIG)");
        }
        int shares = 0;
        List<String> pods = new ArrayList<>();
        for (Pod pod : foreign) {
            int held = name.equals(pod.getSpec().getNodeName()) ? held(pod) : 0;
            if (held > 0) {
                shares += held;
                pods.add(pod.getMetadata().getNamespace() + "/"
                        + pod.getMetadata().getName());
            }
        }
        return new GpuNode.Use(
                Optional.ofNullable(labels(node).get(Names.HOSTNAME)).filter(hostname -> !hostname.equals(name)),
                allocatable,
                shares,
                pods,
                closed(node),
                taints(node),
                host(node),
                notes);
    }

    /** What the kubelet gives out of the node's processors and memory, and what pods of others request of it. */
    private GpuNode.Host host(Node node) {
        Map<String, Quantity> amounts = amounts(node, false);
        double cores = PodRequests.amount(amounts.get("cpu")).doubleValue();
        double memoryGiB = PodRequests.gib(PodRequests.amount(amounts.get("memory")));
        double heldCores = 0;
        double heldGiB = 0;
        for (Pod pod : foreign) {
            if (node.getMetadata().getName().equals(pod.getSpec().getNodeName())) {
                HostNeed held = PodRequests.of(pod.getSpec());
                heldCores += held.cpuCores();
                heldGiB += held.memoryGiB();
            }
        }
        return new GpuNode.Host(new HostRoom(said(cores), said(memoryGiB)), new HostNeed(heldCores, heldGiB));
    }

    private static OptionalDouble said(double amount) {
        return amount > 0 ? OptionalDouble.of(amount) : OptionalDouble.empty();
    }

    /** Why the node takes no new pod, whatever the pod tolerates. */
    static List<String> closed(Node node) {
        List<String> closed = new ArrayList<>();
        if (node.getMetadata().getDeletionTimestamp() != null) {
            closed.add("it is being deleted");
        }
        notReady(node).ifPresent(closed::add);
        if (node.getSpec() != null && Boolean.TRUE.equals(node.getSpec().getUnschedulable())) {
            closed.add("it is cordoned (kubectl uncordon " + node.getMetadata().getName() + ")");
        }
        return closed;
    }

    /** Why the node is not ready, as its conditions say it; empty where it is. */
    static Optional<String> notReady(Node node) {
        List<NodeCondition> conditions =
                node.getStatus() == null || node.getStatus().getConditions() == null
                        ? List.of()
                        : node.getStatus().getConditions();
        return conditions.stream()
                .filter(condition -> "Ready".equals(condition.getType()) && !"True".equals(condition.getStatus()))
                .map(condition -> "it is not ready"
                        + (condition.getMessage() == null
                                        || condition.getMessage().isBlank()
                                ? ""
                                : " (" + condition.getMessage().strip() + ")"))
                .findFirst();
    }

    /** Its taints, without those that say what {@link #closed} says. */
    static List<NodeTaint> taints(Node node) {
        List<Taint> taints = node.getSpec() == null || node.getSpec().getTaints() == null
                ? List.of()
                : node.getSpec().getTaints();
        return taints.stream()
                .filter(taint -> taint.getKey() != null
                        && ("NoSchedule".equals(taint.getEffect()) || "NoExecute".equals(taint.getEffect())))
                .filter(taint -> !NodeTaint.CONDITIONS.contains(taint.getKey()))
                .map(taint -> new NodeTaint(
                        taint.getKey(), Optional.ofNullable(taint.getValue()).orElse(""), taint.getEffect()))
                .toList();
    }

    /** GPUs, or shares of them, that a pod's containers may use. */
    private static int held(Pod pod) {
        return pod.getSpec().getContainers() == null
                ? 0
                : pod.getSpec().getContainers().stream()
                        .filter(container -> container.getResources() != null
                                && container.getResources().getLimits() != null)
                        .mapToInt(container -> whole(
                                        container.getResources().getLimits().get(GPU))
                                + whole(container.getResources().getLimits().get(SHARED)))
                        .sum();
    }

    /** Nodes whose accelerators plans cannot use are named with what is missing. */
    private static Optional<String> otherAccelerators(Node node) {
        Map<String, Quantity> amounts = amounts(node, true);
        return OTHERS.entrySet().stream()
                .filter(other -> whole(amounts.get(other.getKey())) > 0)
                .sorted(Map.Entry.comparingByKey())
                .map(other ->
                        "Node " + node.getMetadata().getName() + " has " + whole(amounts.get(other.getKey())) + " "
                                + other.getValue() + "s (" + other.getKey() + product(node, other.getKey())
                                + "): left out, engines"
                                + " are started on NVIDIA GPUs (nvidia.com/gpu) only. Plan for such cards with a cluster file and"
                                + " start the engines by other means.")
                .findFirst();
    }

    private static String product(Node node, String resource) {
        String vendor = resource.substring(0, resource.indexOf('/'));
        return Optional.ofNullable(labels(node).get(vendor + "/gpu.product-name"))
                .or(() -> Optional.ofNullable(labels(node).get("beta." + vendor + "/gpu.product-name")))
                .map(product -> ", " + product)
                .orElse("");
    }

    private static Map<String, Integer> slices(Node node) {
        Map<String, Integer> slices = new TreeMap<>();
        amounts(node, true).forEach((resource, quantity) -> {
            if (resource.startsWith(MIG) && whole(quantity) > 0) {
                slices.put(resource, whole(quantity));
            }
        });
        return slices;
    }

    private static int amount(Node node, boolean capacity) {
        Map<String, Quantity> amounts = amounts(node, capacity);
        return whole(amounts.get(GPU)) + whole(amounts.get(SHARED));
    }

    private static Map<String, Quantity> amounts(Node node, boolean capacity) {
        if (node.getStatus() == null) {
            return Map.of();
        }
        Map<String, Quantity> amounts =
                capacity ? node.getStatus().getCapacity() : node.getStatus().getAllocatable();
        return amounts == null ? Map.of() : amounts;
    }

    private static Map<String, String> labels(Node node) {
        return Optional.ofNullable(node.getMetadata().getLabels()).orElse(Map.of());
    }

    /** A number of devices; 0 where it is no such number. */
    private static int whole(@Nullable Quantity quantity) {
        try {
            return quantity == null
                    ? 0
                    : Math.max(0, quantity.getNumericalAmount().intValueExact());
        } catch (ArithmeticException | IllegalArgumentException noCount) {
            return 0;
        }
    }

    /** A label's whole number; empty where it is missing or no such number. */
    private static OptionalInt integer(Map<String, String> labels, String key) {
        String text = labels.get(key); // a server may send null for a key
        return text != null && text.matches("[0-9]{1,9}")
                ? OptionalInt.of(Integer.parseInt(text))
                : OptionalInt.empty();
    }
}
