package dev.scepsy.planner.profile;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Facts the product knows without being told: GPU types and model architectures, each with its source, read once from
 * data files on the class path. Immutable and thread-safe.
 */
public final class Catalogue {

    private static final Catalogue BUILT_IN = new Catalogue(
            FactTable.onClassPath("gpus.tsv").rows().stream()
                    .map(Catalogue::gpuFacts)
                    .toList(),
            FactTable.onClassPath("models.tsv").rows().stream()
                    .map(Catalogue::modelArchitecture)
                    .toList());

    private final Map<String, GpuFacts> gpus;
    private final Map<String, ModelArchitecture> architectures;

    private Catalogue(List<GpuFacts> gpus, List<ModelArchitecture> architectures) {
        this.gpus = FactTable.byName(gpus, GpuFacts::name);
        this.architectures = FactTable.byName(architectures, ModelArchitecture::name);
    }

    /** The facts that come with the product. */
    public static Catalogue builtIn() {
        return BUILT_IN;
    }

    /** The GPU type whose key is {@code name}. */
    public Optional<GpuFacts> gpu(String name) {
        return Optional.ofNullable(gpus.get(name));
    }

    /** The architecture whose key is {@code name}. */
    public Optional<ModelArchitecture> architecture(String name) {
        return Optional.ofNullable(architectures.get(name));
    }

    /** All GPU types, in the order of the data file. */
    public List<GpuFacts> gpus() {
        return List.copyOf(gpus.values());
    }

    /** All architectures, in the order of the data file. */
    public List<ModelArchitecture> architectures() {
        return List.copyOf(architectures.values());
    }

    private static GpuFacts gpuFacts(FactTable.Row row) {
        return new GpuFacts(
                row.text("gpu"),
                row.number("memoryGiB"),
                row.number("memoryBandwidthGBps"),
                row.number("bf16Tflops"),
                row.optionalNumber("fp8Tflops"),
                row.optionalNumber("fp4Tflops"),
                row.optionalNumber("nvlinkOneWayGBps"),
                row.number("pcieOneWayGBps"),
                row.number("interNodeGBps"),
                row.count("typicalDomainSize"),
                row.number("computeCapability"),
                row.text("source"));
    }

    private static ModelArchitecture modelArchitecture(FactTable.Row row) {
        int window = row.count("slidingWindow");
        return new ModelArchitecture(
                row.text("model"),
                switch (row.text("kind")) {
                    case "dense" -> ModelArchitecture.Kind.DENSE;
                    case "moe" -> ModelArchitecture.Kind.MOE;
                    case "encoder" -> ModelArchitecture.Kind.ENCODER;
                    default -> throw new IllegalStateException("Unknown kind in " + row);
                },
                row.count("layers"),
                row.count("hiddenSize"),
                row.count("attentionHeads"),
                row.count("kvHeads"),
                row.count("headSize"),
                row.count("vocabSize"),
                (long) row.number("totalParameters"),
                (long) row.number("activeParameters"),
                row.count("experts"),
                row.count("expertsPerToken"),
                row.count("expertIntermediateSize"),
                row.count("denseLayers"),
                window == 0 ? OptionalInt.empty() : OptionalInt.of(window),
                row.count("slidingWindowLayers"),
                row.count("kvElementsPerTokenPerLayer"),
                row.text("attention").equals("mla"),
                row.text("tiedEmbeddings").equals("true"),
                OptionalInt.of(row.count("contextTokens")),
                new ShardedSizes(
                        row.count("intermediateSize"),
                        row.count("sharedExperts") * row.count("expertIntermediateSize"),
                        List.of(),
                        0,
                        WeightGroups.written(row.text("weightGroups"))));
    }
}
