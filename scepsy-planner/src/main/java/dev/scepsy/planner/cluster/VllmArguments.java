package dev.scepsy.planner.cluster;

import dev.scepsy.planner.allocation.LlmAllocation;
import dev.scepsy.planner.profile.Catalogue;
import dev.scepsy.planner.profile.ModelArchitecture;
import dev.scepsy.planner.profile.Precision;
import dev.scepsy.planner.profile.ServedModel;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Arguments of {@code vllm serve}. Names and meaning as in vLLM's {@code config/cache.py} and engine arguments:
 * {@code --kv-cache-memory-bytes} is per GPU and, when set, {@code --gpu-memory-utilization} (a share of the GPU's whole
 * memory) is ignored, which makes it the safer of the two on a shared GPU.
 */
final class VllmArguments {

    private static final Catalogue CATALOGUE = Catalogue.builtIn();
    private static final double BYTES_PER_GIB = 1L << 30;
    /** Context, graphs and activations on every GPU; with tensor parallelism NCCL's buffers too (contract, section 11). */
    private static final double OVERHEAD_BYTES = 3.5e9;

    private static final double COLLECTIVE_OVERHEAD_BYTES = 0.39e9;

    private VllmArguments() {}

    static List<String> of(
            ServedModel model, LlmAllocation allocation, double gpuMemoryGiB, EngineSettings settings, int port) {
        List<String> arguments = new ArrayList<>();
        arguments.add(source(model, settings));
        arguments.add("--served-model-name");
        arguments.add(model.name());
        arguments.addAll(model.aliases());
        add(arguments, "--host", "0.0.0.0");
        add(arguments, "--port", port);
        add(arguments, "--tensor-parallel-size", allocation.tensorParallel());
        OptionalLong kvCache = kvCacheBytesPerGpu(model, allocation, settings);
        if (kvCache.isPresent()) {
            add(arguments, "--kv-cache-memory-bytes", kvCache.getAsLong());
        } else {
            add(arguments, "--gpu-memory-utilization", utilisation(allocation.memoryGiBPerGpu(), gpuMemoryGiB));
        }
        model.maxModelLength().ifPresent(tokens -> add(arguments, "--max-model-len", tokens));
        model.maxNumSeqs().ifPresent(requests -> add(arguments, "--max-num-seqs", requests));
        model.maxNumBatchedTokens().ifPresent(tokens -> add(arguments, "--max-num-batched-tokens", tokens));
        model.kvCachePrecision()
                .filter(precision -> precision.startsWith("fp8"))
                .ifPresent(precision -> add(arguments, "--kv-cache-dtype", precision));
        arguments.addAll(task(model, settings).arguments());
        arguments.addAll(settings.arguments());
        return List.copyOf(arguments);
    }

    /**
     * As told, else what weights / t and overhead leave of the plan's memory on each GPU, by the engine model's own rule;
     * empty where the architecture is unknown or caches nothing.
     */
    private static OptionalLong kvCacheBytesPerGpu(
            ServedModel model, LlmAllocation allocation, EngineSettings settings) {
        if (settings.kvCacheBytesPerGpu().isPresent()) {
            return settings.kvCacheBytesPerGpu();
        }
        Optional<ModelArchitecture> architecture =
                model.architecture().flatMap(CATALOGUE::architecture).filter(known -> !known.isEncoder());
        Optional<Precision> precision = Precision.of(model.weightPrecision());
        if (architecture.isEmpty() || precision.isEmpty()) {
            return OptionalLong.empty();
        }
        double left = allocation.memoryGiBPerGpu() * BYTES_PER_GIB
                - architecture.get().weightBytesPerGpu(precision.get(), allocation.tensorParallel())
                - OVERHEAD_BYTES
                - (allocation.tensorParallel() > 1 ? COLLECTIVE_OVERHEAD_BYTES : 0);
        return left > 0 ? OptionalLong.of((long) left) : OptionalLong.empty();
    }

    static String source(ServedModel model, EngineSettings settings) {
        return settings.servedFrom().or(model::architecture).orElse(model.name());
    }

    static ServingTask task(ServedModel model, EngineSettings settings) {
        return settings.task().orElseGet(() -> ServingTask.guess(source(model, settings), model.name()));
    }

    private static String utilisation(double memoryGiBPerGpu, double gpuMemoryGiB) {
        return BigDecimal.valueOf(memoryGiBPerGpu / gpuMemoryGiB)
                .min(BigDecimal.ONE)
                .setScale(3, RoundingMode.DOWN)
                .stripTrailingZeros()
                .toPlainString();
    }

    private static void add(List<String> arguments, String flag, Object value) {
        arguments.add(flag);
        arguments.add(String.valueOf(value));
    }
}
