package dev.scepsy.planner.cluster;

import dev.scepsy.planner.allocation.LlmAllocation;
import dev.scepsy.planner.profile.ServedModel;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;

/**
 * Arguments of {@code vllm serve}. Names and meaning as in vLLM's {@code config/cache.py} and engine arguments:
 * {@code --kv-cache-memory-bytes} is per GPU and, when set, {@code --gpu-memory-utilization} (a share of the GPU's whole
 * memory) is ignored, which makes it the safer of the two on a shared GPU.
 */
final class VllmArguments {

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
        if (settings.kvCacheBytesPerGpu().isPresent()) {
            add(
                    arguments,
                    "--kv-cache-memory-bytes",
                    settings.kvCacheBytesPerGpu().getAsLong());
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
