package dev.scepsy.planner.profile;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;

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
                    .toList(),
            FactTable.onClassPath("models.tsv").rows().stream()
                    .collect(Collectors.toMap(row -> row.text("huggingFaceId"), row -> row.text("model"))));

    private final Map<String, GpuFacts> gpus;
    private final Map<String, ModelArchitecture> architectures;
    private final Map<String, String> keysByHuggingFaceId;

    private Catalogue(
            List<GpuFacts> gpus, List<ModelArchitecture> architectures, Map<String, String> keysByHuggingFaceId) {
        this.gpus = FactTable.byName(gpus, GpuFacts::name);
        this.architectures = FactTable.byName(architectures, ModelArchitecture::name);
        this.keysByHuggingFaceId = Map.copyOf(keysByHuggingFaceId);
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

    /** The key of the architecture that Hugging Face has under {@code id}, such as {@code Qwen/Qwen3-32B}. */
    public Optional<String> keyOfHuggingFaceId(String id) {
        return Optional.ofNullable(keysByHuggingFaceId.get(id));
    }

    /** What Hugging Face calls the published checkpoint of the architecture whose key is {@code name}. */
    public Optional<String> huggingFaceId(String name) {
        return keysByHuggingFaceId.entrySet().stream()
                .filter(entry -> entry.getValue().equals(name))
                .map(Map.Entry::getKey)
                .min(String::compareTo);
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
                row.text("source"),
                AllReduce.UNMEASURED,
                Optional.empty());
    }

    private static ModelArchitecture modelArchitecture(FactTable.Row row) {
        ModelArchitecture.Kind kind = switch (row.text("kind")) {
            case "dense" -> ModelArchitecture.Kind.DENSE;
            case "moe" -> ModelArchitecture.Kind.MOE;
            case "encoder" -> ModelArchitecture.Kind.ENCODER;
            default -> throw new IllegalStateException("Unknown kind in " + row);
        };
        ModelArchitecture withoutRest = architecture(row, kind, 0);
        // biases and norms, which the table does not list one by one
        return architecture(row, kind, (long) row.number("totalParameters") - withoutRest.totalParameters());
    }

    private static ModelArchitecture architecture(
            FactTable.Row row, ModelArchitecture.Kind kind, long otherParameters) {
        return new ModelArchitecture(
                row.text("model"),
                kind,
                row.count("hiddenSize"),
                row.count("vocabSize"),
                CatalogueLayers.of(row, kind),
                otherParameters,
                0,
                0,
                row.text("tiedEmbeddings").equals("true"),
                OptionalInt.of(row.count("contextTokens")),
                CatalogueLayers.quantisation(row),
                WeightGroups.written(row.text("weightGroups")));
    }
}
