package dev.scepsy.planner.cluster;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads what nodes' labels say of their GPUs. */
final class GpuNodes {

    private static final double MIB_PER_GIB = 1024;

    private GpuNodes() {}

    /** The nodes that have GPUs, in the order given. */
    static List<GpuNode> of(List<Node> nodes) {
        return nodes.stream().map(GpuNodes::of).filter(node -> node.gpus() > 0).toList();
    }

    private static GpuNode of(Node node) {
        Map<String, String> labels =
                Optional.ofNullable(node.getMetadata().getLabels()).orElse(Map.of());
        OptionalInt replicas = integer(labels, "nvidia.com/gpu.replicas");
        OptionalInt cards = integer(labels, "nvidia.com/gpu.count");
        OptionalInt mebibytes = integer(labels, "nvidia.com/gpu.memory");
        return new GpuNode(
                node.getMetadata().getName(),
                Stream.of("scepsy.dev/rack", "topology.kubernetes.io/rack", "topology.kubernetes.io/zone")
                        .map(labels::get)
                        .filter(rack -> rack != null && !rack.isBlank())
                        .findFirst(),
                Optional.ofNullable(labels.get("nvidia.com/gpu.product")),
                cards.orElseGet(() -> capacity(node) / Math.max(1, replicas.orElse(1))),
                integer(labels, "scepsy.dev/gpu-domain-size"),
                mebibytes.isPresent() ? OptionalDouble.of(mebibytes.getAsInt() / MIB_PER_GIB) : OptionalDouble.empty(),
                Optional.ofNullable(labels.get("nvidia.com/gpu.sharing-strategy"))
                        .filter(strategy -> strategy.equals("mps") || strategy.equals("time-slicing")),
                replicas.isPresent() && replicas.getAsInt() > 1 ? replicas : OptionalInt.empty());
    }

    private static int capacity(Node node) {
        return node.getStatus() == null || node.getStatus().getCapacity() == null
                ? 0
                : node.getStatus().getCapacity().entrySet().stream()
                        .filter(resource -> resource.getKey().equals("nvidia.com/gpu")
                                || resource.getKey().equals("nvidia.com/gpu.shared"))
                        .mapToInt(resource -> whole(resource.getValue()))
                        .sum();
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
        String text = labels.getOrDefault(key, "");
        return text.matches("[0-9]{1,9}") ? OptionalInt.of(Integer.parseInt(text)) : OptionalInt.empty();
    }
}
