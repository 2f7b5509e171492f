package dev.scepsy.planner.serving;

import dev.scepsy.planner.cluster.GpuNode;
import dev.scepsy.planner.file.EngineStart;
import dev.scepsy.planner.profile.Catalogue;
import dev.scepsy.planner.profile.GpuFacts;
import dev.scepsy.planner.topology.HostResource;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A {@code cluster.yaml} to be completed by a person: what node labels show is filled in, what they cannot is asked for. */
public final class ClusterSkeleton {

    /** Product names as GPU Feature Discovery writes them, to catalogue keys. */
    /** Hundredths of a GiB. */
    private static final double REPORTED_STEPS = 100;

    private static final Map<String, String> PRODUCTS = Map.ofEntries(
            Map.entry("TESLA-T4", "T4-16GB"),
            Map.entry("NVIDIA-T4", "T4-16GB"),
            Map.entry("NVIDIA-A10", "A10-24GB"),
            Map.entry("NVIDIA-A10G", "A10G-24GB"),
            Map.entry("NVIDIA-A30", "A30-24GB"),
            Map.entry("NVIDIA-A100-PCIE-40GB", "A100-PCIe-40GB"),
            Map.entry("NVIDIA-A100-80GB-PCIE", "A100-PCIe-80GB"),
            Map.entry("NVIDIA-A100-SXM4-40GB", "A100-SXM-40GB"),
            Map.entry("NVIDIA-A100-SXM4-80GB", "A100-SXM-80GB"),
            Map.entry("NVIDIA-L4", "L4-24GB"),
            Map.entry("NVIDIA-L40S", "L40S-48GB"),
            Map.entry("NVIDIA-H100-PCIE", "H100-PCIe-80GB"),
            Map.entry("NVIDIA-H100-80GB-HBM3", "H100-SXM-80GB"),
            Map.entry("NVIDIA-H100-NVL", "H100-NVL-94GB"),
            Map.entry("NVIDIA-H20", "H20-96GB"),
            Map.entry("NVIDIA-GH200-480GB", "GH200-96GB"),
            Map.entry("NVIDIA-GB200", "GB200-186GB"),
            Map.entry("NVIDIA-H200-NVL", "H200-NVL-141GB"),
            Map.entry("NVIDIA-H200", "H200-SXM-141GB"),
            Map.entry("NVIDIA-B200", "B200-SXM-180GB"),
            Map.entry("NVIDIA-B300", "B300-SXM-288GB"),
            Map.entry("NVIDIA-GEFORCE-RTX-4090", "RTX-4090-24GB"),
            Map.entry("NVIDIA-RTX-PRO-6000-BLACKWELL-SERVER-EDITION", "RTX-PRO-6000-96GB"));

    private static final int MOST_PODS_NAMED = 4;

    private ClusterSkeleton() {}

    /** @param nodes empty: one made-up node stands for all */
    public static String of(List<GpuNode> nodes, Catalogue catalogue) {
        StringBuilder text = new StringBuilder("# The hardware a plan may use. All keys: docs/reference/files.md\n")
                .append("# gpu is one of ")
                .append(catalogue.gpus().stream().map(GpuFacts::name).collect(Collectors.joining(", ")))
                .append(",\n# or a name of your own with memoryGiB and measured profiles.\n")
                .append(
                        "# domainSize: GPUs joined by NVLink, in blocks counted from GPU 0 (default: all of the node).\n")
                .append("# sharing: {mode: none}                      one engine per GPU\n")
                .append("#          {mode: mps, step: 0.1}            shares of a tenth (also hami, kai, dra)\n")
                .append(
                        "#          {mode: mps, replicas: 4}          the device plugin's equal shares (also time-slicing)\n")
                .append("# cpuCores, hostMemoryGiB: what engines may use of the node; each takes engineCpuCores and\n"
                        + "# engineHostMemoryGiB of its model (default: 2 + t cores, 4 GiB x (1 + t))\n")
                .append("version: 1\nracks:\n");
        if (nodes.isEmpty()) {
            text.append("  - name: rack-1\n    nodes:\n")
                    .append(
                            "      - {name: node-1, gpu: H100-SXM-80GB, gpus: 8, sharing: {mode: none}}    # yours instead\n");
        }
        byRack(nodes).forEach((rack, members) -> {
            boolean open = members.stream().anyMatch(ClusterSkeleton::open);
            text.append(open ? "  - name: " : "  # - name: ")
                    .append(quoted(rack))
                    .append(open ? "\n    nodes:\n" : "    # none of its nodes takes engines\n");
            members.forEach(node -> node(text, node, catalogue, reported(nodes, node, catalogue)));
        });
        return text.toString();
    }

    /** Whether an engine without tolerations can start there now. */
    public static boolean open(GpuNode node) {
        return node.obstacles().isEmpty();
    }

    private static Map<String, List<GpuNode>> byRack(List<GpuNode> nodes) {
        Map<String, List<GpuNode>> byRack = new TreeMap<>();
        nodes.forEach(node -> byRack.computeIfAbsent(node.rack().orElse("rack-1"), rack -> new ArrayList<>())
                .add(node));
        return byRack;
    }

    /**
     * What the cards of {@code node}'s type report, GiB, where that is less than the catalogue's size: the least over all nodes,
     * since nodes of one type have to agree, cut to what can be written and read.
     */
    private static OptionalDouble reported(List<GpuNode> nodes, GpuNode node, Catalogue catalogue) {
        Optional<String> known = node.product().flatMap(product -> key(product, catalogue));
        OptionalDouble least = nodes.stream()
                .filter(other -> known.isPresent()
                        && other.product()
                                .flatMap(product -> key(product, catalogue))
                                .equals(known))
                .flatMapToDouble(other -> other.memoryGiB().stream())
                .min();
        double size = known.flatMap(catalogue::gpu).map(GpuFacts::memoryGiB).orElse(0.0);
        double cut = Math.floor(least.orElse(0) * REPORTED_STEPS) / REPORTED_STEPS;
        return cut < size && cut >= GpuFacts.LEAST_REPORTED * size ? OptionalDouble.of(cut) : OptionalDouble.empty();
    }

    private static void node(StringBuilder text, GpuNode node, Catalogue catalogue, OptionalDouble reported) {
        Optional<String> known = node.product().flatMap(product -> key(product, catalogue));
        String gpu = known.orElse(node.product().orElse("unknown-gpu"));
        text.append(open(node) ? "      - {name: " : "      # - {name: ")
                .append(quoted(node.name()))
                .append(", gpu: ")
                .append(quoted(gpu))
                .append(", gpus: ")
                .append(node.gpus());
        if (node.domainSize().isPresent()) {
            text.append(", domainSize: ").append(node.domainSize().getAsInt());
        }
        if (known.isEmpty()) {
            text.append(", memoryGiB: ").append(node.memoryGiB().orElse(80));
        } else {
            reported.ifPresent(gib -> text.append(", memoryGiB: ").append(gib));
        }
        text.append(", sharing: {mode: ").append(node.sharing().orElse("none"));
        if (node.replicas().isPresent()) {
            text.append(", replicas: ").append(node.replicas().getAsInt());
        }
        text.append('}');
        hosts(text, node);
        taken(text, node);
        text.append('}');
        remarks(node, known.isEmpty())
                .forEach(remark -> text.append(text.charAt(text.length() - 1) == '}' ? "    # " : "; ")
                        .append(remark));
        text.append('\n');
    }

    /** What pods of others leave of its processors and memory, as far as files may speak of them. */
    private static void hosts(StringBuilder text, GpuNode node) {
        for (HostResource resource : HostResource.values()) {
            double most = resource == HostResource.MEMORY ? EngineStart.MOST_HOST_GIB : EngineStart.MOST_CORES;
            node.use()
                    .host()
                    .written(resource)
                    .ifPresent(left -> text.append(", ")
                            .append(resource.nodeKey())
                            .append(": ")
                            .append(plain(Math.min(left, most))));
        }
    }

    /** Without exponent, and without decimals where it is whole. */
    private static String plain(double amount) {
        return BigDecimal.valueOf(amount).stripTrailingZeros().toPlainString();
    }

    /** The last cards stand for those that cannot be used: which ones they are nobody says, and the kubelet picks. */
    private static void taken(StringBuilder text, GpuNode node) {
        int usable = Math.min(node.gpus(), node.use().allocatable());
        if (usable == 0) {
            return; // the node is a comment, and reads as it will once they are back
        }
        if (usable < node.gpus()) {
            text.append(", reserved: ")
                    .append(IntStream.range(usable, node.gpus()).boxed().toList());
        }
        int perCard = node.replicas().orElse(1);
        int shares = Math.min(node.use().foreignShares(), usable * perCard);
        if (shares == 0) {
            return;
        }
        List<String> foreign = new ArrayList<>();
        for (int gpu = usable - 1; shares > 0; gpu--) {
            int here = Math.min(perCard, shares);
            foreign.add(
                    here == perCard
                            ? "{gpu: " + gpu + "}"
                            : "{gpu: " + gpu + ", gpuFraction: " + (double) here / perCard + "}");
            shares -= here;
        }
        text.append(", foreign: ").append(foreign);
    }

    private static List<String> remarks(GpuNode node, boolean unknown) {
        List<String> remarks = new ArrayList<>();
        node.obstacles().forEach(obstacle -> remarks.add("no engine can start here: " + obstacle));
        node.doubts().forEach(doubt -> remarks.add(doubt + " (podTemplate), unless the cluster adds it"));
        if (unknown) {
            remarks.add(
                    node.memoryGiB().isPresent()
                            ? "not in the catalogue: plans need measured profiles, or its speed under gpuTypes"
                            : "not discovered: fill in");
        }
        remarks.addAll(node.use().notes());
        if (!node.use().foreignPods().isEmpty()) {
            remarks.add("held by others: "
                    + node.use().foreignPods().stream().limit(MOST_PODS_NAMED).collect(Collectors.joining(", "))
                    + (node.use().foreignPods().size() > MOST_PODS_NAMED ? ", ..." : ""));
        }
        return remarks.stream().map(remark -> remark.replace('\n', ' ')).toList();
    }

    /** A double-quoted YAML scalar. */
    public static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c < ' ' || c == 0x7F || Character.isSurrogate(c)) {
                quoted.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }

    private static Optional<String> key(String product, Catalogue catalogue) {
        // discovery marks shared cards in the name
        String plain = product.replaceAll("-SHARED$", "");
        return catalogue
                .gpu(plain)
                .map(GpuFacts::name)
                .or(() -> Optional.ofNullable(PRODUCTS.get(plain.toUpperCase(Locale.ROOT))));
    }
}
