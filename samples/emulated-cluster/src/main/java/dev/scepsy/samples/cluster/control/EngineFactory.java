package dev.scepsy.samples.cluster.control;

import dev.scepsy.planner.profile.EngineCoefficients;
import dev.scepsy.planner.profile.EngineModel;
import dev.scepsy.planner.profile.EngineProfiles;
import dev.scepsy.planner.profile.EngineSetup;
import dev.scepsy.planner.profile.ModelArchitecture;
import dev.scepsy.planner.profile.ReportedMemory;
import dev.scepsy.planner.profile.ServedModel;
import dev.scepsy.samples.cluster.engine.Abilities;
import dev.scepsy.samples.cluster.engine.EngineSpec;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/** Makes of a bound pod the engine that its command line starts, or says why that engine would not start. */
public final class EngineFactory {
    private static final double BYTES_PER_GIB = 1024.0 * 1024 * 1024;
    private static final int DEFAULT_CONTEXT_TOKENS = 32_768;

    /** What can be served: a model, and the shape of its architecture. */
    public record Servable(ServedModel model, ModelArchitecture architecture) {}

    /** What came of the attempt. */
    sealed interface Start {
        /**
         * @param weightBytesPerGpu decides how long loading takes
         * @param profilesMemory whether it measures what is free to size its cache
         * @param memory what it takes of each GPU, and what has to be free there when it starts
         */
        record Engine(EngineSpec spec, double weightBytesPerGpu, boolean profilesMemory, GpuMemory memory)
                implements Start {}

        /**
         * @param message what the engine prints before it exits
         * @param exitCode what it exits with
         */
        record Failure(String message, int exitCode) implements Start {
            Failure(String message) {
                this(message, 1);
            }
        }
    }

    private final List<Servable> models;
    private final Map<String, ServingNode> nodes;

    public EngineFactory(List<Servable> models, Map<String, ServingNode> nodes) {
        this.models = List.copyOf(models);
        this.nodes = Map.copyOf(nodes);
    }

    Start start(PodView pod) {
        CommandLine command = new CommandLine(pod.commandLine());
        if (pod.container().path("name").asText().equals("router")) {
            return new Start.Failure(
                    "exec: of routers only haproxy is run here, not " + String.join(" ", command.words()));
        }
        if (command.has("sglang.launch_server") || command.has("trtllm-serve")) {
            return new Start.Failure(
                    "exec: only vllm serve is emulated here, not " + String.join(" ", command.words()));
        }
        Optional<String> refusal = command.optionsOfVllm().flatMap(VllmOptions::refusal);
        if (refusal.isPresent()) {
            return new Start.Failure(refusal.get(), VllmOptions.EXIT_CODE);
        }
        Optional<Servable> found = find(pod, command);
        ServingNode node = nodes.get(pod.node());
        if (found.isEmpty() || node == null) {
            return new Start.Failure("OSError: " + command.model().orElse("(no model)")
                    + " is not a local folder and is not a model that this emulated cluster knows");
        }
        try {
            return start(pod, command, found.get(), node);
        } catch (IllegalArgumentException impossible) {
            return new Start.Failure("ValueError: " + impossible.getMessage());
        }
    }

    private static Start start(PodView pod, CommandLine command, Servable servable, ServingNode node) {
        GpuDemand demand = GpuDemand.of(pod);
        List<Integer> gpus = pod.assignedGpus();
        int shards = command.number("--tensor-parallel-size").orElse(1);
        if (gpus.size() != shards) {
            return new Start.Failure("ValueError: --tensor-parallel-size " + shards + " needs as many GPUs, but the pod"
                    + " was given " + gpus.size());
        }
        EngineSetup setup = EngineProfiles.setup(
                servable.model(),
                servable.architecture(),
                node.facts(),
                shards,
                demand.fraction().toDouble());
        double memoryBytes = demand.memoryGiBOn(node.facts().memoryGiB()) * BYTES_PER_GIB;
        double availableForCache = setup.kvBytesPerGpu() + memoryBytes - setup.memoryGiBPerGpu() * BYTES_PER_GIB;
        if (availableForCache < 0) {
            return new Start.Failure(String.format(
                    Locale.ROOT,
                    "torch.OutOfMemoryError: CUDA out of memory. %.1f GiB of weights and the engine's own memory do not"
                            + " fit into %.1f GiB per GPU.",
                    setup.weightBytesPerGpu() / BYTES_PER_GIB,
                    memoryBytes / BYTES_PER_GIB));
        }
        OptionalLong explicit = command.longNumber("--kv-cache-memory-bytes");
        double cacheBytes =
                explicit.isPresent() ? Math.min(explicit.getAsLong(), availableForCache) : availableForCache;
        double bytesPerToken = servable.architecture().kvBytesPerToken(shards, setup.kvCachePrecision());
        OptionalInt blocks = bytesPerToken > 0
                ? OptionalInt.of(
                        (int) Math.min(Integer.MAX_VALUE, cacheBytes / (bytesPerToken * EngineSetup.BLOCK_TOKENS)))
                : OptionalInt.empty();
        EngineSetup sized = setup.withLimits(
                command.number("--max-num-seqs").orElse(setup.maxNumSeqs()),
                command.number("--max-num-batched-tokens").orElse(setup.maxNumBatchedTokens()),
                blocks);
        int window = command.number("--max-model-len")
                .orElse(servable.model()
                        .maxModelLength()
                        .orElse(servable.architecture().contextTokens().orElse(DEFAULT_CONTEXT_TOKENS)));
        if (blocks.isPresent() && (long) blocks.getAsInt() * EngineSetup.BLOCK_TOKENS < window && explicit(command)) {
            return new Start.Failure(
                    "ValueError: To serve at least one request with the models's max seq len (" + window
                            + "), more KV cache memory is needed than is available (room for "
                            + (long) blocks.getAsInt() * EngineSetup.BLOCK_TOKENS
                            + " tokens). Try decreasing max_model_len.");
        }
        EngineSpec spec = new EngineSpec(
                pod.name(),
                servedNames(command, servable),
                new EngineModel(sized, EngineCoefficients.builtIn()),
                window,
                gpus.stream().map(node.gpus()::get).toList(),
                abilities(command, servable),
                command.value("--otlp-traces-endpoint").map(URI::create));
        double taken = setup.kvBytesPerGpu() < 0
                ? memoryBytes
                : setup.memoryGiBPerGpu() * BYTES_PER_GIB - setup.kvBytesPerGpu() + cacheBytes;
        GpuMemory memory = new GpuMemory(
                taken,
                command.value("--gpu-memory-utilization")
                        .map(Double::parseDouble)
                        .orElse(GpuMemory.DEFAULT_UTILISATION),
                ReportedMemory.gib(node.facts().name(), node.facts().memoryGiB()) * BYTES_PER_GIB,
                demand.hidden());
        return new Start.Engine(spec, setup.weightBytesPerGpu(), explicit.isEmpty(), memory);
    }

    /** As vLLM decides it: by {@code --runner} and {@code --convert}, else by the architecture. */
    private static Abilities abilities(CommandLine command, Servable servable) {
        boolean pools = command.value("--runner")
                .map("pooling"::equals)
                .orElse(servable.architecture().isEncoder());
        boolean classifies = command.value("--convert").map("classify"::equals).orElse(false);
        return new Abilities(!pools, pools && !classifies, pools, command.has("--enable-auto-tool-choice"));
    }

    private static boolean explicit(CommandLine command) {
        return command.number("--max-model-len").isPresent();
    }

    private static List<String> servedNames(CommandLine command, Servable servable) {
        List<String> named = command.values("--served-model-name");
        Set<String> names =
                new LinkedHashSet<>(named.isEmpty() ? List.of(servable.model().name()) : named);
        if (named.isEmpty()) {
            names.addAll(servable.model().aliases());
        }
        command.values("--lora-modules").forEach(adapter -> names.add(adapter.split("=", 2)[0]));
        return new ArrayList<>(names);
    }

    private Optional<Servable> find(PodView pod, CommandLine command) {
        List<String> wanted = new ArrayList<>(command.values("--served-model-name"));
        wanted.add(pod.label(Annotations.MODEL_LABEL));
        command.model().ifPresent(wanted::add);
        return wanted.stream()
                .flatMap(name -> models.stream().filter(each -> isCalled(each, name)))
                .findFirst();
    }

    private static boolean isCalled(Servable servable, String name) {
        return servable.model().name().equals(name)
                || servable.model().aliases().contains(name)
                || servable.architecture().name().equals(name);
    }
}
