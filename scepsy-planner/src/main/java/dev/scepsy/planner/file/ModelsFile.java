package dev.scepsy.planner.file;

import dev.scepsy.planner.allocation.GpuFraction;
import dev.scepsy.planner.profile.Catalogue;
import dev.scepsy.planner.profile.ModelArchitecture;
import dev.scepsy.planner.profile.Precision;
import dev.scepsy.planner.profile.ServedModel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;

/** Reads {@code models.yaml}: the served models, and those that are somebody else's. */
public final class ModelsFile {

    private static final int MOST_GPUS_PER_REPLICA = 1024;
    private static final int MOST_REPLICAS = 100_000;
    private static final int MOST_TOKENS = 1_000_000_000;
    private static final Map<String, String> PRECISIONS = precisions();
    private static final Map<String, String> TASKS =
            Map.of("generate", "generate", "embed", "embed", "rerank", "rerank");

    private final Catalogue catalogue;
    private final Map<String, String> names = new HashMap<>();

    private ModelsFile(Catalogue catalogue) {
        this.catalogue = catalogue;
    }

    /** Reads {@code file}; architectures are looked up in {@code catalogue}. */
    public static Reading<List<ServedModel>> read(Path file, Catalogue catalogue) {
        return Fields.readDocument(file, (top, findings) -> {
            ModelsFile models = new ModelsFile(catalogue);
            return top.mappings("models", fields -> models.model(fields, findings));
        });
    }

    /**
     * How the engines of one model are started, as far as the file says. Immutable.
     *
     * @param servedFrom what the engine loads: a Hugging Face id or a path
     * @param image container image
     * @param task {@code generate}, {@code embed} or {@code rerank}
     * @param engineArguments further arguments of the engine, as they are
     */
    public record EngineStart(
            Optional<String> servedFrom, Optional<String> image, Optional<String> task, List<String> engineArguments) {
        public EngineStart {
            engineArguments = List.copyOf(engineArguments);
        }
    }

    /** The models, and how the engines of each are started, by name. Immutable. */
    public record Described(List<ServedModel> models, Map<String, EngineStart> starts) {
        public Described {
            models = List.copyOf(models);
            starts = Map.copyOf(starts);
        }
    }

    /** Reads {@code file} with what only those need who start engines. */
    public static Reading<Described> readWithStarts(Path file, Catalogue catalogue) {
        return Fields.readDocument(file, (top, findings) -> {
            ModelsFile models = new ModelsFile(catalogue);
            Map<String, EngineStart> starts = new HashMap<>();
            List<ServedModel> read = top.mappings("models", fields -> {
                ServedModel model = models.model(fields, findings);
                starts.put(model.name(), start(fields));
                return model;
            });
            return new Described(read, starts);
        });
    }

    private static EngineStart start(Fields fields) {
        return new EngineStart(
                fields.optionalText("servedFrom"),
                fields.optionalText("image"),
                fields.optionalChoice("task", TASKS),
                fields.texts("engineArguments"));
    }

    private ServedModel model(Fields fields, Findings findings) {
        start(fields); // known keys, whoever reads
        String name = fields.text("name");
        List<String> aliases = fields.texts("aliases");
        claim(name, "name", fields);
        aliases.forEach(alias -> claim(alias, "aliases", fields));
        boolean external = fields.flag("external", false);
        Optional<String> architecture = fields.optionalText("architecture");
        Optional<String> config = fields.optionalText("config");
        architecture.ifPresent(key -> requireKnown(key, fields));
        if (architecture.isPresent() && config.isPresent()) {
            fields.problem("config", "Give either architecture (a catalogue key) or config (a file), not both.");
        }
        String weightPrecision =
                fields.optionalChoice("weightPrecision", PRECISIONS).orElse(Precision.BF16.key());
        Optional<String> kvCachePrecision = fields.optionalChoice("kvCachePrecision", PRECISIONS);
        OptionalInt maxModelLength = fields.optionalInteger("maxModelLength", 1, MOST_TOKENS);
        Set<Integer> tensorParallel = Set.copyOf(fields.integers("tensorParallel", 1, MOST_GPUS_PER_REPLICA));
        Set<GpuFraction> fractions = fractions(fields);
        Set<String> gpus = Set.copyOf(fields.texts("gpus"));
        int minReplicas =
                fields.optionalInteger("minReplicas", 1, MOST_REPLICAS).orElse(1);
        OptionalInt maxReplicas = fields.optionalInteger("maxReplicas", 1, MOST_REPLICAS);
        if (maxReplicas.isPresent() && maxReplicas.getAsInt() < minReplicas) {
            fields.problem(
                    "maxReplicas",
                    "The maxReplicas (" + maxReplicas.getAsInt() + ") of model (" + name
                            + ") must not be below its minReplicas (" + minReplicas + ").");
        }
        OptionalInt maxNumSeqs = fields.optionalInteger("maxNumSeqs", 1, MOST_TOKENS);
        OptionalInt maxNumBatchedTokens = fields.optionalInteger("maxNumBatchedTokens", 1, MOST_TOKENS);
        OptionalDouble hitRate = fields.optionalNumber("prefixCacheHitRate", Range.UNIT);
        if (hitRate.isPresent() && hitRate.getAsDouble() == 1) {
            fields.problem(
                    "prefixCacheHitRate", "The prefixCacheHitRate (1) must be below 1: some tokens are always new.");
        }
        if (external) {
            for (String key : List.of("architecture", "config", "tensorParallel", "gpuFractions", "gpus")) {
                if (fields.has(key)) {
                    fields.warning(
                            key, "Model (" + name + ") is external and takes no GPUs: the " + key + " is ignored.");
                }
            }
        }
        return new ServedModel(
                name,
                architecture,
                config.map(path -> findings.source().folder().resolve(path).toString()),
                weightPrecision,
                kvCachePrecision,
                maxModelLength,
                tensorParallel,
                fractions,
                gpus,
                minReplicas,
                maxReplicas,
                maxNumSeqs,
                maxNumBatchedTokens,
                hitRate,
                aliases,
                external);
    }

    private void claim(String name, String key, Fields fields) {
        String first = name.isEmpty() ? null : names.putIfAbsent(name, fields.pathOf(key));
        if (first != null) {
            fields.problem(
                    key,
                    "The name (" + name + ") already stands at " + first + ". A name or alias belongs to one model.");
        }
    }

    private void requireKnown(String architecture, Fields fields) {
        if (catalogue.architecture(architecture).isEmpty()) {
            List<String> known = catalogue.architectures().stream()
                    .map(ModelArchitecture::name)
                    .toList();
            fields.problem(
                    "architecture",
                    "The architecture (" + architecture + ") is not in the catalogue."
                            + Nearest.to(architecture, known)
                                    .map(near -> " Maybe " + near + " is meant.")
                                    .orElse("")
                            + " Write config with the path of the model's Hugging Face config.json, or leave both out"
                            + " and measure profiles. Known: " + String.join(", ", known) + ".");
        }
    }

    private static Set<GpuFraction> fractions(Fields fields) {
        Set<GpuFraction> fractions = new HashSet<>();
        for (double written : fields.numbers("gpuFractions", new Range(0, false, 1))) {
            try {
                fractions.add(GpuFraction.of(written));
            } catch (IllegalArgumentException e) {
                fields.problem("gpuFractions", String.valueOf(e.getMessage()));
            }
        }
        return fractions;
    }

    private static Map<String, String> precisions() {
        Map<String, String> precisions = new LinkedHashMap<>();
        Arrays.stream(Precision.values()).forEach(precision -> precisions.put(precision.key(), precision.key()));
        return precisions;
    }
}
