package dev.scepsy.planner.file;

import dev.scepsy.planner.allocation.GpuFraction;
import dev.scepsy.planner.profile.Adapter;
import dev.scepsy.planner.profile.ArchitectureResult;
import dev.scepsy.planner.profile.Catalogue;
import dev.scepsy.planner.profile.ModelArchitecture;
import dev.scepsy.planner.profile.Precision;
import dev.scepsy.planner.profile.ServedModel;
import dev.scepsy.planner.router.RouterSettings;
import java.nio.file.InvalidPathException;
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
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Reads {@code models.yaml}: the served models, and those that are somebody else's. */
public final class ModelsFile {

    private static final int MOST_GPUS_PER_REPLICA = 1024;
    private static final int MOST_REPLICAS = 100_000;
    private static final int MOST_TOKENS = 1_000_000_000;
    private static final Map<String, String> PRECISIONS =
            words(Arrays.stream(Precision.values()).map(Precision::key));
    private static final Map<String, String> ENGINES = words(Stream.of("vllm", "sglang", "trtllm"));
    private static final Pattern NO_ADAPTER_NAME = Pattern.compile("[\\s=]");

    /** Arguments of engines by which positions are stretched. */
    private static final Set<String> STRETCHING =
            Set.of("--hf-overrides", "--rope-scaling", "--json-model-override-args");

    private final Catalogue catalogue;
    private final Findings findings;
    private final Map<String, String> names = new HashMap<>();
    private final Map<String, ModelArchitecture> architectures = new HashMap<>();
    private final Map<String, EngineStart> starts = new HashMap<>();

    private ModelsFile(Catalogue catalogue, Findings findings) {
        this.catalogue = catalogue;
        this.findings = findings;
    }

    /**
     * The models, what is known of their shapes, and how their engines are started. Immutable.
     *
     * @param models in the order of the file; names and aliases are unique over all of them
     * @param architectures by model name; models that only measured profiles speak of are missing
     * @param starts by model name
     * @param podTemplate strategic merge patch of the pods of all models, as written; empty where there is none
     * @param router how requests are to find their engines
     */
    public record Described(
            List<ServedModel> models,
            Map<String, ModelArchitecture> architectures,
            Map<String, EngineStart> starts,
            Map<String, Object> podTemplate,
            RouterSettings router) {

        /** Models of which nothing is said about routing. */
        public Described(
                List<ServedModel> models,
                Map<String, ModelArchitecture> architectures,
                Map<String, EngineStart> starts,
                Map<String, Object> podTemplate) {
            this(models, architectures, starts, podTemplate, RouterSettings.DEFAULT);
        }

        public Described {
            models = List.copyOf(models);
            architectures = Map.copyOf(architectures);
            starts = Map.copyOf(starts);
        }
    }

    /** Reads {@code file}; architectures are looked up in {@code catalogue}. */
    public static Reading<Described> read(Path file, Catalogue catalogue) {
        return Fields.readDocument(file, (top, findings) -> {
            ModelsFile models = new ModelsFile(catalogue, findings);
            return new Described(
                    top.mappings("models", models::model),
                    models.architectures,
                    models.starts,
                    top.plainMapping("podTemplate"),
                    top.mapping("router", RouterSection::read).orElse(RouterSettings.DEFAULT));
        });
    }

    private ServedModel model(Fields fields) {
        String name = fields.text("name");
        EngineStart start = EngineStart.read(fields);
        starts.put(name, start);
        List<String> aliases = fields.texts("aliases");
        claim(name, "name", fields);
        aliases.forEach(alias -> claim(alias, "aliases", fields));
        String engine = fields.optionalChoice("engine", ENGINES).orElse(ServedModel.DEFAULT_ENGINE);
        List<Adapter> adapters = fields.optionalMappings("adapters", this::adapter);
        checkAdapters(name, engine, adapters, fields);
        OwnedArguments.check(name, engine, start.engineArguments(), fields);
        boolean external = fields.flag("external", false);
        Optional<String> architecture = fields.optionalText("architecture");
        Optional<Path> config = fields.optionalText("config").flatMap(written -> path(written, fields));
        if (!external) {
            architecture.ifPresent(key -> fromCatalogue(name, key, fields));
            config.ifPresent(file -> fromConfiguration(name, file, fields));
        }
        if (architecture.isPresent() && config.isPresent()) {
            fields.problem("config", "Give either architecture (a catalogue key) or config (a file), not both.");
        }
        String weightPrecision = weightPrecision(name, config, fields);
        Optional<String> kvCachePrecision = fields.optionalChoice("kvCachePrecision", PRECISIONS);
        OptionalInt maxModelLength = fields.optionalInteger("maxModelLength", 1, MOST_TOKENS);
        checkLength(name, maxModelLength, fields);
        Set<Integer> tensorParallel = Set.copyOf(fields.integers("tensorParallel", 1, MOST_GPUS_PER_REPLICA));
        Set<GpuFraction> fractions = fractions(fields);
        Set<String> gpus = Set.copyOf(fields.texts("gpus"));
        int minReplicas =
                fields.optionalInteger("minReplicas", 1, MOST_REPLICAS).orElse(1);
        OptionalInt maxReplicas = fields.optionalInteger("maxReplicas", 1, MOST_REPLICAS);
        if (maxReplicas.isPresent()
                && maxReplicas.getAsInt() < minReplicas
                && fields.sound("minReplicas", "maxReplicas")) {
            fields.problem(
                    "maxReplicas",
                    "The maxReplicas (" + maxReplicas.getAsInt() + ") of model (" + name
                            + ") must not be below its minReplicas (" + minReplicas
                            + "). Raise the one, lower the other,"
                            + " or leave one out.");
        }
        OptionalInt maxNumSeqs = fields.optionalInteger("maxNumSeqs", 1, MOST_TOKENS);
        OptionalInt maxNumBatchedTokens = fields.optionalInteger("maxNumBatchedTokens", 1, MOST_TOKENS);
        OptionalDouble hitRate = fields.optionalNumber("prefixCacheHitRate", Range.UNIT);
        if (hitRate.isPresent() && hitRate.getAsDouble() == 1) {
            fields.problem(
                    "prefixCacheHitRate", "The prefixCacheHitRate (1) must be below 1: some tokens are always new.");
        }
        if (external) {
            for (String key :
                    List.of("architecture", "config", "tensorParallel", "gpuFractions", "gpus", "adapters", "engine")) {
                if (fields.has(key)) {
                    fields.warning(
                            key, "Model (" + name + ") is external and takes no GPUs: the " + key + " is ignored.");
                }
            }
        }
        return new ServedModel(
                name,
                architecture,
                config.map(Path::toString),
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
                adapters,
                engine,
                external);
    }

    private Adapter adapter(Fields fields) {
        String name = fields.text("name");
        claim(name, "name", fields);
        if (NO_ADAPTER_NAME.matcher(name).find()) {
            fields.problem(
                    "name",
                    "The name (" + name + ") of an adapter must hold no blank and no =: engines get NAME=SOURCE.");
        }
        return new Adapter(
                name,
                fields.text("source"),
                fields.optionalInteger("rank", 1, Adapter.HIGHEST_RANK).orElse(Adapter.DEFAULT_RANK));
    }

    /** Each holds a slot of the GPU's memory, whose size the architecture says. */
    private void checkAdapters(String model, String engine, List<Adapter> adapters, Fields fields) {
        if (!adapters.isEmpty() && engine.equals("trtllm")) {
            fields.problem(
                    "adapters",
                    "The adapters of model (" + model + ") cannot be started with engine trtllm: trtllm-serve takes"
                            + " them with each request. Use vllm or sglang, or leave them out.");
        }
    }

    private void claim(String name, String key, Fields fields) {
        String first = name.isEmpty() ? null : names.putIfAbsent(name, fields.pathOf(key));
        if (first != null) {
            fields.problem(
                    key,
                    "The name (" + name + ") is already given at " + first
                            + ". A name or alias belongs to one model: keep one, or give the other its own.");
        }
    }

    private void fromCatalogue(String model, String architecture, Fields fields) {
        Optional<ModelArchitecture> known = catalogue.architecture(architecture);
        known.ifPresent(shape -> architectures.put(model, shape));
        if (known.isEmpty()) {
            List<String> keys = catalogue.architectures().stream()
                    .map(ModelArchitecture::name)
                    .toList();
            fields.problem(
                    "architecture",
                    "The architecture (" + architecture + ") is not in the catalogue."
                            + catalogue
                                    .keyOfHuggingFaceId(architecture)
                                    .or(() -> Nearest.to(architecture, keys))
                                    .map(near -> " Maybe " + near + " is meant.")
                                    .orElse("")
                            + " Write config with the path of the model's Hugging Face config.json, or leave both out"
                            + " and measure profiles. Known: " + String.join(", ", keys) + ".");
        }
    }

    private Optional<Path> path(String written, Fields fields) {
        try {
            return Optional.of(findings.source().folder().resolve(written));
        } catch (InvalidPathException e) {
            fields.problem("config", "The config (" + written + ") is no path of a file.");
            return Optional.empty();
        }
    }

    private void fromConfiguration(String model, Path file, Fields fields) {
        ArchitectureResult result = ArchitectureFile.read(model, file);
        if (result instanceof ArchitectureResult.Known known) {
            architectures.put(model, known.architecture());
            known.warnings().forEach(warning -> fields.warning("config", "In " + file + ": " + warning));
        } else if (result instanceof ArchitectureResult.Unknown unknown) {
            unknown.problems().forEach(problem -> fields.problem("config", "In " + file + ": " + problem));
        }
    }

    /**
     * What the file says, or the format in which the checkpoint is published. A {@code config} is the very checkpoint that
     * is served, so another word than its own is a contradiction; of an architecture there may be other checkpoints.
     */
    private String weightPrecision(String model, Optional<Path> config, Fields fields) {
        Optional<String> stated = fields.optionalChoice("weightPrecision", PRECISIONS);
        ModelArchitecture architecture = architectures.get(model);
        if (architecture == null || architecture.quantisation().isEmpty()) {
            return stated.orElse(Precision.BF16.key());
        }
        String published = architecture.publishedPrecision().key();
        if (stated.isPresent() && !stated.get().equals(published)) {
            String formats = architecture.quantisation().get().formats();
            if (config.isPresent()) {
                fields.problem(
                        "weightPrecision",
                        "The weightPrecision (" + stated.get() + ") of model (" + model
                                + ") contradicts the quantization_config of " + config.get() + " (" + formats
                                + "): engines load the weights as the checkpoint stores them. Write " + published
                                + ", leave it out, or give the file of a checkpoint in " + stated.get() + ".");
            } else if (!fields.has("servedFrom")) {
                fields.warning(
                        "weightPrecision",
                        "The weightPrecision (" + stated.get() + ") of model (" + model + ") is not that of "
                                + architecture.name() + " as it is published (" + formats
                                + "): say with servedFrom which checkpoint in " + stated.get()
                                + " is meant, or leave it out.");
            }
        }
        return stated.orElse(published);
    }

    /**
     * Engines refuse to start beyond it, unless told that the positions are stretched. A configuration is the checkpoint's own;
     * the catalogue's may be another variant's.
     */
    private void checkLength(String model, OptionalInt maxModelLength, Fields fields) {
        ModelArchitecture architecture = architectures.get(model);
        EngineStart start = starts.get(model);
        boolean stretched = start != null
                && start.engineArguments().stream()
                        .anyMatch(argument -> STRETCHING.contains(argument.split("=", 2)[0]));
        if (architecture == null
                || maxModelLength.isEmpty()
                || architecture.contextTokens().isEmpty()
                || maxModelLength.getAsInt() <= architecture.contextTokens().getAsInt()
                || stretched) {
            return;
        }
        String message = "The maxModelLength (" + maxModelLength.getAsInt() + ") of model (" + model
                + ") is beyond the context of " + architecture.name() + " ("
                + architecture.contextTokens().getAsInt()
                + " tokens): engines refuse to start with it unless its positions are stretched.";
        if (fields.has("config")) {
            fields.problem(
                    "maxModelLength",
                    message + " Use " + architecture.contextTokens().getAsInt()
                            + " or less, or give engineArguments with --hf-overrides and rope scaling.");
        } else {
            fields.warning("maxModelLength", message);
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

    /** Words that mean themselves, in the order in which messages list them. */
    static Map<String, String> words(Stream<String> words) {
        Map<String, String> choices = new LinkedHashMap<>();
        words.forEach(word -> choices.put(word, word));
        return choices;
    }
}
