package dev.scepsy.planner.file;

import dev.scepsy.planner.allocation.GpuFraction;
import dev.scepsy.planner.profile.AllReduce;
import dev.scepsy.planner.profile.Catalogue;
import dev.scepsy.planner.profile.GpuFacts;
import dev.scepsy.planner.topology.Cluster;
import dev.scepsy.planner.topology.GpuType;
import dev.scepsy.planner.topology.Node;
import dev.scepsy.planner.topology.Occupied;
import dev.scepsy.planner.topology.Rack;
import dev.scepsy.planner.topology.ShareGuarantee;
import dev.scepsy.planner.topology.Sharing;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.Stream;

/** Reads {@code cluster.yaml}: the hardware, and the GPU types that the catalogue lacks. */
public final class ClusterFile {

    private static final int MOST_GPUS_PER_NODE = 1024;
    private static final int MOST_PARTS = 1024;

    /** A finer grid than CUDA MPS's percentages go would only multiply candidates. */
    private static final double SMALLEST_STEP = 0.001;

    private static final GpuFraction DEFAULT_STEP = GpuFraction.of(0.1);

    private static final List<String> FACTS = List.of(
            "memoryGiB",
            "memoryBandwidthGBps",
            "bf16Tflops",
            "fp8Tflops",
            "fp4Tflops",
            "nvlinkOneWayGBps",
            "pcieOneWayGBps",
            "interNodeGBps",
            "typicalDomainSize",
            "computeCapability");

    private static final Map<String, Sharing.Mode> MODES = modes();

    private final Catalogue catalogue;
    private final Findings findings;
    private final Map<String, GpuType> described = new LinkedHashMap<>();
    private final Map<String, GpuFacts> facts = new LinkedHashMap<>();
    private final Map<String, OptionalDouble> listPrices = new HashMap<>();
    private final Map<String, AllReduce> measuredLinks = new HashMap<>();
    private final Map<String, String> racks = new HashMap<>();
    private final Map<String, String> nodes = new HashMap<>();
    private final Map<String, UnlistedType> unlisted = new HashMap<>();

    private ClusterFile(Catalogue catalogue, Findings findings) {
        this.catalogue = catalogue;
        this.findings = findings;
    }

    /**
     * The cluster and what is known of its GPUs. Immutable.
     *
     * @param facts of the cluster's GPU types that the engine model can be asked about, by name; types that only
     *     measured curves can speak of are missing
     */
    public record Described(Cluster cluster, Map<String, GpuFacts> facts) {
        public Described {
            facts = Map.copyOf(facts);
        }
    }

    /** Memory of a type that only nodes name, and where it was first stated. */
    private record UnlistedType(double memoryGiB, String path) {}

    /** Reads {@code file}; GPU types are looked up in {@code catalogue}. */
    public static Reading<Described> read(Path file, Catalogue catalogue) {
        return Fields.readDocument(file, (top, findings) -> new ClusterFile(catalogue, findings).cluster(top));
    }

    /** Reads {@code text}, which stands for a file of the name {@code name} in messages. */
    public static Reading<Described> parse(String name, String text, Catalogue catalogue) {
        return Fields.readDocument(
                Document.parse(name, text), (top, findings) -> new ClusterFile(catalogue, findings).cluster(top));
    }

    private Described cluster(Fields top) {
        top.optionalMappings("gpuTypes", this::gpuType);
        List<Rack> read = top.mappings("racks", this::rack);
        return new Described(new Cluster(read), facts);
    }

    private Optional<GpuType> gpuType(Fields fields) {
        String name = fields.text("name");
        OptionalDouble cost = fields.optionalNumber("costPerHour", Units.COST_PER_HOUR);
        AllReduce links = allReduce(fields);
        if (catalogue.gpu(name).isPresent() && (fields.has("costPerHour") || fields.has("allReduce"))) {
            ofCatalogue(fields, name, cost, links);
            return Optional.empty();
        }
        double memoryGiB = fields.number("memoryGiB", Units.MEMORY_GIB);
        OptionalDouble bandwidth = fields.optionalNumber("memoryBandwidthGBps", Units.BANDWIDTH_GBPS);
        OptionalDouble bf16 = fields.optionalNumber("bf16Tflops", Units.TFLOPS);
        OptionalDouble fp8 = fields.optionalNumber("fp8Tflops", Units.TFLOPS);
        OptionalDouble fp4 = fields.optionalNumber("fp4Tflops", Units.TFLOPS);
        OptionalDouble nvlink = fields.optionalNumber("nvlinkOneWayGBps", Units.NVLINK_GBPS);
        OptionalDouble pcie = fields.optionalNumber("pcieOneWayGBps", Units.PCIE_GBPS);
        OptionalDouble interNode = fields.optionalNumber("interNodeGBps", Units.NETWORK_GBPS);
        OptionalInt domain = fields.optionalInteger("typicalDomainSize", 1, MOST_GPUS_PER_NODE);
        OptionalDouble capability = fields.optionalNumber("computeCapability", Units.COMPUTE_CAPABILITY);
        if (bandwidth.isPresent() != bf16.isPresent()) {
            fields.problem(
                    bandwidth.isPresent() ? "memoryBandwidthGBps" : "bf16Tflops",
                    "The engine model needs both memoryBandwidthGBps and bf16Tflops. Give both, or neither where only"
                            + " measured profiles are used.");
        }
        if (catalogue.gpu(name).isPresent()) {
            fields.problem(
                    "name",
                    "The name (" + name + ") is a key of the built-in catalogue. Choose another name, or give nothing"
                            + " but its costPerHour.");
        }
        if (described.put(name, new GpuType(name, memoryGiB, cost)) != null) {
            fields.problem("name", "The GPU type (" + name + ") is described twice. Keep one.");
        }
        if (bandwidth.isPresent() && bf16.isPresent()) {
            facts.put(
                    name,
                    new GpuFacts(
                            name,
                            memoryGiB,
                            bandwidth.getAsDouble(),
                            bf16.getAsDouble(),
                            fp8,
                            fp4,
                            nvlink,
                            pcie.orElse(32),
                            interNode.orElse(25),
                            domain.orElse(1),
                            capability.orElse(0),
                            findings.source().name(),
                            links));
        } else if (fields.has("allReduce")) {
            fields.problem(
                    "allReduce",
                    "Only the engine model uses the allReduce of a type: give its memoryBandwidthGBps and bf16Tflops, too.");
        }
        return Optional.ofNullable(described.get(name));
    }

    /** What {@code scepsy profile import} made of nccl-tests, one entry per number of GPUs. */
    private static AllReduce allReduce(Fields fields) {
        Map<Integer, AllReduce.Link> links = new LinkedHashMap<>();
        fields.optionalMappings("allReduce", entry -> {
            int gpus = entry.integer("gpus", 2, MOST_GPUS_PER_NODE);
            AllReduce.Link link = new AllReduce.Link(
                    entry.number("latencyMicroseconds", Units.REDUCE_MICROSECONDS) * 1e-6,
                    entry.number("busGBps", Units.BUS_GBPS) * 1e9);
            if (links.put(gpus, link) != null) {
                entry.problem("gpus", "The all-reduce over " + gpus + " GPUs stands here twice. Keep one.");
            }
            return gpus;
        });
        return new AllReduce(links);
    }

    /** Of a catalogue type only its price and what was measured of its links are its user's to say. */
    private void ofCatalogue(Fields fields, String name, OptionalDouble cost, AllReduce links) {
        for (String fact : FACTS) {
            if (fields.has(fact)) {
                fields.skip(fact);
                fields.problem(
                        fact,
                        "The catalogue describes GPU (" + name
                                + "): beside its costPerHour and allReduce nothing is taken. Leave the " + fact
                                + " out, or choose another name.");
            }
        }
        measuredLinks.put(name, links);
        if (listPrices.put(name, cost) != null) {
            fields.problem("name", "The GPU type (" + name + ") has two entries. Keep one.");
        }
    }

    private Rack rack(Fields fields) {
        String name = fields.text("name");
        unique(racks, "rack", name, fields);
        return new Rack(name, fields.mappings("nodes", this::node));
    }

    private Node node(Fields fields) {
        String name = fields.text("name");
        unique(nodes, "node", name, fields);
        int written = fields.integer("gpus", 1, MOST_GPUS_PER_NODE);
        // of a node whose size nobody knows it is not said that something does not fit on it
        int gpus = fields.sound("gpus") ? written : MOST_GPUS_PER_NODE;
        int domainSize =
                fields.optionalInteger("domainSize", 1, MOST_GPUS_PER_NODE).orElse(gpus);
        if (!fields.sound("domainSize")) {
            domainSize = gpus;
        }
        if (domainSize > gpus) {
            fields.problem(
                    "domainSize",
                    "The domainSize (" + domainSize + ") of node (" + name + ") must not exceed its gpus (" + gpus
                            + "). Use " + gpus + " or less, or leave it out.");
            domainSize = gpus;
        }
        GpuType gpu = type(fields, fields.text("gpu"));
        Sharing sharing = fields.mapping("sharing", this::sharing).orElseGet(Sharing.Exclusive::new);
        return new Node(name, gpu, gpus, domainSize, sharing, occupied(fields, name, gpu, gpus));
    }

    /** GPUs their owner keeps, and what foreign workloads hold of others. */
    private static List<Occupied> occupied(Fields fields, String node, GpuType type, int gpus) {
        Map<Integer, Occupied> occupied = new LinkedHashMap<>();
        for (int gpu : fields.integers("reserved", 0, MOST_GPUS_PER_NODE - 1)) {
            if (has(fields, "reserved", node, gpu, gpus)) {
                occupied.put(gpu, Occupied.wholly(gpu, type));
            }
        }
        fields.optionalMappings("foreign", item -> foreign(item, node, type, gpus))
                .forEach(found -> found.ifPresent(part -> {
                    if (occupied.putIfAbsent(part.gpu(), part) != null) {
                        fields.problem(
                                "foreign",
                                "GPU " + part.gpu() + " of node (" + node
                                        + ") is given twice under reserved and foreign. Say once what others hold of"
                                        + " it, all together.");
                    }
                }));
        return List.copyOf(occupied.values());
    }

    private static Optional<Occupied> foreign(Fields fields, String node, GpuType type, int gpus) {
        int gpu = fields.integer("gpu", 0, MOST_GPUS_PER_NODE - 1);
        double written = fields.optionalNumber("gpuFraction", Range.PART).orElse(1);
        OptionalDouble memoryGiB = fields.optionalNumber("memoryGiB", Units.MEMORY_PART_GIB);
        if (!fields.sound("gpu", "gpuFraction", "memoryGiB") || !has(fields, "gpu", node, gpu, gpus)) {
            return Optional.empty();
        }
        if (memoryGiB.orElse(0) > type.memoryGiB()) {
            fields.problem(
                    "memoryGiB",
                    "The memoryGiB (" + memoryGiB.getAsDouble() + ") of the foreign workload on GPU " + gpu
                            + " of node (" + node + ") exceeds the " + type.memoryGiB() + " GiB that " + type.name()
                            + " has.");
            return Optional.empty();
        }
        try {
            GpuFraction fraction = GpuFraction.of(written);
            return Optional.of(new Occupied(gpu, fraction, memoryGiB.orElse(fraction.partOf(type.memoryGiB()))));
        } catch (IllegalArgumentException tooManyPlaces) {
            fields.problem("gpuFraction", String.valueOf(tooManyPlaces.getMessage()));
            return Optional.empty();
        }
    }

    private static boolean has(Fields fields, String key, String node, int gpu, int gpus) {
        if (gpu >= gpus) {
            fields.problem(
                    key,
                    "The GPU (" + gpu + ") does not exist on node (" + node + "), which has GPUs 0 to " + (gpus - 1)
                            + ".");
        }
        return gpu < gpus;
    }

    private GpuType type(Fields fields, String name) {
        OptionalDouble memoryGiB = fields.optionalNumber("memoryGiB", Units.MEMORY_GIB);
        Optional<GpuFacts> known = catalogue.gpu(name);
        Optional<GpuType> listed = known.map(gpu ->
                        new GpuType(name, gpu.memoryGiB(), listPrices.getOrDefault(name, OptionalDouble.empty())))
                .or(() -> Optional.ofNullable(described.get(name)));
        if (listed.isPresent()) {
            known.ifPresent(
                    gpu -> facts.put(name, gpu.withAllReduce(measuredLinks.getOrDefault(name, AllReduce.UNMEASURED))));
            if (memoryGiB.isPresent() && fields.sound("memoryGiB")) {
                fields.problem(
                        "memoryGiB",
                        "The memoryGiB (" + memoryGiB.getAsDouble() + ") is not taken for GPU ("
                                + name + "), which " + (known.isPresent() ? "the catalogue" : "gpuTypes")
                                + " describes with " + listed.get().memoryGiB() + ". Leave it out.");
            }
            return listed.get();
        }
        if (memoryGiB.isEmpty()) {
            if (!name.isEmpty()) {
                fields.problem(
                        "gpu",
                        "The gpu (" + name + ") is not in the catalogue. Write one of its keys, describe the"
                                + " type under gpuTypes, or give memoryGiB here and measured profiles." + meant(name));
            }
            return new GpuType(name, 1);
        }
        UnlistedType here = new UnlistedType(memoryGiB.getAsDouble(), fields.pathOf("memoryGiB"));
        UnlistedType first = fields.sound("memoryGiB") ? unlisted.putIfAbsent(name, here) : null;
        if (first != null && first.memoryGiB() != here.memoryGiB()) {
            fields.problem(
                    "memoryGiB",
                    "The memoryGiB (" + here.memoryGiB() + ") of GPU (" + name + ") contradicts " + first.path() + " ("
                            + first.memoryGiB() + "). All nodes of one type agree.");
        }
        return new GpuType(name, here.memoryGiB());
    }

    private String meant(String name) {
        List<String> names = Stream.concat(catalogue.gpus().stream().map(GpuFacts::name), described.keySet().stream())
                .toList();
        return Nearest.to(name, names)
                .map(near -> " Maybe " + near + " is meant.")
                .orElse("");
    }

    private Sharing sharing(Fields fields) {
        Sharing.Mode mode = fields.optionalChoice("mode", MODES).orElse(Sharing.Mode.NONE);
        boolean tensorParallel = fields.flag("tensorParallel", false);
        OptionalDouble step = fields.optionalNumber("step", Range.between(SMALLEST_STEP, 1));
        OptionalInt replicas = fields.optionalInteger("replicas", 1, MOST_PARTS);
        if (!fields.sound("mode")) {
            return new Sharing.Exclusive();
        }
        if (mode == Sharing.Mode.NONE) {
            for (String key : List.of("step", "replicas", "tensorParallel")) {
                if (fields.has(key)) {
                    fields.warning(key, "Without sharing (mode none) the " + key + " says nothing and is ignored.");
                }
            }
            return new Sharing.Exclusive();
        }
        if (tensorParallel) {
            ShareGuarantee.whyNoSharedGroups(mode, replicas.isPresent())
                    .ifPresent(reason -> fields.problem("tensorParallel", reason));
        }
        if (replicas.isPresent()) {
            if (step.isPresent()) {
                fields.problem(
                        "step", "Give either step or replicas: with replicas every share is exactly 1/replicas.");
            }
            if (mode != Sharing.Mode.MPS && mode != Sharing.Mode.TIME_SLICING) {
                fields.problem(
                        "replicas",
                        "The replicas (" + replicas.getAsInt()
                                + ") are known to the device plugin's mps and time-slicing only. Give a step.");
            }
            return new Sharing.EqualParts(mode, replicas.getAsInt(), tensorParallel);
        }
        return new Sharing.Grid(
                mode, step.isPresent() ? fraction(fields, step.getAsDouble()) : DEFAULT_STEP, tensorParallel);
    }

    private static GpuFraction fraction(Fields fields, double step) {
        try {
            return GpuFraction.of(step);
        } catch (IllegalArgumentException e) {
            fields.problem("step", String.valueOf(e.getMessage()));
            return DEFAULT_STEP;
        }
    }

    private static void unique(Map<String, String> seen, String what, String name, Fields fields) {
        String first = !fields.sound("name") ? null : seen.putIfAbsent(name, fields.path());
        if (first != null) {
            fields.problem(
                    "name",
                    "The " + what + " (" + name + ") is described twice, first at " + first
                            + ". Give each its own name.");
        }
    }

    private static Map<String, Sharing.Mode> modes() {
        Map<String, Sharing.Mode> modes = new LinkedHashMap<>();
        modes.put("none", Sharing.Mode.NONE);
        modes.put("mps", Sharing.Mode.MPS);
        modes.put("time-slicing", Sharing.Mode.TIME_SLICING);
        modes.put("hami", Sharing.Mode.HAMI);
        modes.put("kai", Sharing.Mode.KAI);
        modes.put("dra", Sharing.Mode.DRA);
        return modes;
    }
}
