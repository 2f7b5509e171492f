package dev.scepsy.planner.file;

import dev.scepsy.planner.allocation.GpuFraction;
import dev.scepsy.planner.profile.Catalogue;
import dev.scepsy.planner.profile.GpuFacts;
import dev.scepsy.planner.topology.Cluster;
import dev.scepsy.planner.topology.GpuType;
import dev.scepsy.planner.topology.HostRoom;
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

/** Reads {@code cluster.yaml}: the hardware, and the GPU types that the catalogue lacks. */
public final class ClusterFile {

    static final int MOST_GPUS_PER_NODE = 1024;
    private static final int MOST_PARTS = 1024;

    /** A finer grid than CUDA MPS's percentages go would only multiply candidates. */
    private static final double SMALLEST_STEP = 0.001;

    private static final GpuFraction DEFAULT_STEP = GpuFraction.of(0.1);

    private static final Map<String, Sharing.Mode> MODES = modes();

    private final GpuTypes gpuTypes;
    private final Map<String, String> racks = new HashMap<>();
    private final Map<String, String> nodes = new HashMap<>();

    private ClusterFile(Catalogue catalogue, Findings findings) {
        this.gpuTypes = new GpuTypes(catalogue, findings);
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
        top.optionalMappings("gpuTypes", gpuTypes::listed);
        List<Rack> read = top.mappings("racks", this::rack);
        return new Described(new Cluster(read), gpuTypes.facts());
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
        HostRoom host = hostRoom(fields);
        GpuType gpu = gpuTypes.ofNode(fields, fields.text("gpu"));
        Sharing sharing = fields.mapping("sharing", this::sharing).orElseGet(Sharing.Exclusive::new);
        return new Node(name, gpu, gpus, domainSize, sharing, occupied(fields, name, gpu, gpus), host);
    }

    /** What engines may use of the node beside its GPUs. */
    private static HostRoom hostRoom(Fields fields) {
        OptionalDouble cores = fields.optionalNumber("cpuCores", new Range(0, false, EngineStart.MOST_CORES));
        OptionalDouble memoryGiB =
                fields.optionalNumber("hostMemoryGiB", new Range(0, false, EngineStart.MOST_HOST_GIB));
        return fields.sound("cpuCores", "hostMemoryGiB") ? new HostRoom(cores, memoryGiB) : HostRoom.UNLIMITED;
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
            if (mode == Sharing.Mode.MPS && replicas.getAsInt() > Sharing.MOST_MPS_CLIENTS) {
                fields.problem(
                        "replicas",
                        "The replicas (" + replicas.getAsInt() + ") exceed the " + Sharing.MOST_MPS_CLIENTS
                                + " processes that MPS serves on one GPU. Use " + Sharing.MOST_MPS_CLIENTS
                                + " or less.");
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
