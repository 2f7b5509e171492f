package dev.scepsy.planner.file;

import dev.scepsy.planner.kernel.KernelSurfaces;
import dev.scepsy.planner.profile.AllReduce;
import dev.scepsy.planner.profile.Catalogue;
import dev.scepsy.planner.profile.GpuFacts;
import dev.scepsy.planner.topology.GpuType;
import java.nio.file.InvalidPathException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.Stream;

/** The GPU types of one {@code cluster.yaml}: those it lists, those of the catalogue, and those that only nodes name. */
final class GpuTypes {

    /** What a user knows of a type that the catalogue describes. */
    private static final List<String> OWN_FACTS = List.of("costPerHour", "allReduce", "kernelSurfaces");

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

    private final Catalogue catalogue;
    private final Findings findings;
    private final Map<String, GpuType> described = new LinkedHashMap<>();
    private final Map<String, GpuFacts> facts = new LinkedHashMap<>();
    private final Map<String, OptionalDouble> listPrices = new HashMap<>();
    private final Map<String, AllReduce> measuredLinks = new HashMap<>();
    private final Map<String, KernelSurfaces> measuredSurfaces = new HashMap<>();
    private final Map<String, Double> reportedGiB = new HashMap<>();
    private final Map<String, UnlistedType> unlisted = new HashMap<>();

    GpuTypes(Catalogue catalogue, Findings findings) {
        this.catalogue = catalogue;
        this.findings = findings;
    }

    /** Memory of a type that only nodes name, and where it was first stated. */
    private record UnlistedType(double memoryGiB, String path) {}

    /** Of types that the engine model can be asked about, by name. */
    Map<String, GpuFacts> facts() {
        return facts;
    }

    /** One entry of {@code gpuTypes}. */
    Optional<GpuType> listed(Fields fields) {
        String name = fields.text("name");
        OptionalDouble cost = fields.optionalNumber("costPerHour", Units.COST_PER_HOUR);
        AllReduce links = allReduce(fields);
        Optional<KernelSurfaces> surfaces = surfaces(fields, name);
        if (catalogue.gpu(name).isPresent() && OWN_FACTS.stream().anyMatch(fields::has)) {
            surfaces.ifPresent(own -> measuredSurfaces.put(name, own));
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
        OptionalInt domain = fields.optionalInteger("typicalDomainSize", 1, ClusterFile.MOST_GPUS_PER_NODE);
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
                            links,
                            surfaces));
        } else {
            for (String key : List.of("allReduce", "kernelSurfaces")) {
                if (fields.has(key)) {
                    fields.problem(
                            key,
                            "Only the engine model uses the " + key
                                    + " of a type: give its memoryBandwidthGBps and bf16Tflops, too.");
                }
            }
        }
        return Optional.ofNullable(described.get(name));
    }

    private Optional<KernelSurfaces> surfaces(Fields fields, String gpu) {
        return fields.optionalText("kernelSurfaces").flatMap(written -> {
            SurfacesFile.Result read;
            try {
                read = SurfacesFile.read(findings.source().folder().resolve(written), gpu);
            } catch (InvalidPathException e) {
                read = new SurfacesFile.Result.Unknown("The kernelSurfaces (" + written + ") is no path of a file.");
            }
            if (read instanceof SurfacesFile.Result.Known known) {
                return Optional.of(known.surfaces());
            }
            fields.problem("kernelSurfaces", ((SurfacesFile.Result.Unknown) read).why());
            return Optional.empty();
        });
    }

    /** What {@code scepsy profile import} made of nccl-tests, one entry per number of GPUs. */
    private static AllReduce allReduce(Fields fields) {
        Map<Integer, AllReduce.Link> links = new LinkedHashMap<>();
        fields.optionalMappings("allReduce", entry -> {
            int gpus = entry.integer("gpus", 2, ClusterFile.MOST_GPUS_PER_NODE);
            AllReduce.Link link = new AllReduce.Link(
                    entry.number("latencyMicroseconds", Units.REDUCE_MICROSECONDS) * 1e-6,
                    entry.number("busGBps", Units.BUS_GBPS) * 1e9);
            if (links.put(gpus, link) != null) {
                entry.problem("gpus", "The all-reduce over " + gpus + " GPUs is given twice. Keep one.");
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
                                + "): beside its costPerHour, allReduce and kernelSurfaces nothing is taken. Leave the "
                                + fact
                                + " out, or choose another name.");
            }
        }
        measuredLinks.put(name, links);
        if (listPrices.put(name, cost) != null) {
            fields.problem("name", "The GPU type (" + name + ") has two entries. Keep one.");
        }
    }

    /** A card of the catalogue has what its nodes report, within reason; all of one type agree. */
    private GpuType ofCatalogue(Fields fields, GpuFacts gpu, OptionalDouble stated) {
        String name = gpu.name();
        double memoryGiB = gpu.memoryGiB();
        if (stated.isPresent() && fields.sound("memoryGiB")) {
            if (stated.getAsDouble() > memoryGiB || stated.getAsDouble() < GpuFacts.LEAST_REPORTED * memoryGiB) {
                fields.problem(
                        "memoryGiB",
                        "The memoryGiB (" + stated.getAsDouble() + ") of GPU (" + name
                                + ") is what the card reports, at most 10 % below the catalogue's " + memoryGiB
                                + ". Correct it, leave it out, or describe the card under another name in gpuTypes.");
            } else {
                memoryGiB = stated.getAsDouble();
            }
        }
        Double before = reportedGiB.putIfAbsent(name, memoryGiB);
        if (before != null && before != memoryGiB) {
            fields.problem(
                    stated.isPresent() ? "memoryGiB" : "gpu",
                    "The GPU (" + name + ") has " + memoryGiB + " GiB here and " + before
                            + " GiB on another node. Give all nodes of one type the same memoryGiB, the smallest.");
        }
        GpuFacts measured =
                gpu.withMemoryGiB(memoryGiB).withAllReduce(measuredLinks.getOrDefault(name, AllReduce.UNMEASURED));
        KernelSurfaces own = measuredSurfaces.get(name);
        facts.put(name, own == null ? measured : measured.withSurfaces(own));
        return new GpuType(name, memoryGiB, listPrices.getOrDefault(name, OptionalDouble.empty()));
    }

    /** The type that a node calls {@code name}. */
    GpuType ofNode(Fields fields, String name) {
        OptionalDouble memoryGiB = fields.optionalNumber("memoryGiB", Units.MEMORY_GIB);
        Optional<GpuFacts> known = catalogue.gpu(name);
        if (known.isPresent()) {
            return ofCatalogue(fields, known.get(), memoryGiB);
        }
        Optional<GpuType> listed = Optional.ofNullable(described.get(name));
        if (listed.isPresent()) {
            if (memoryGiB.isPresent() && fields.sound("memoryGiB")) {
                fields.problem(
                        "memoryGiB",
                        "The memoryGiB (" + memoryGiB.getAsDouble() + ") is not taken for GPU (" + name
                                + "), which gpuTypes describes with "
                                + listed.get().memoryGiB() + ". Leave it out.");
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
}
