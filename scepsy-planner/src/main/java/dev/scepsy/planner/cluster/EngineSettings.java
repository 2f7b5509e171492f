package dev.scepsy.planner.cluster;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How one model's engines are started, beyond what plan and {@code models.yaml} say. Immutable.
 *
 * @param servedFrom what vLLM loads, a Hugging Face id or a path; empty: the model's architecture key, else its name
 * @param image container image; empty: the common one
 * @param task what the engines do; empty: guessed from the names
 * @param arguments further vLLM arguments, appended as they are
 * @param kvCacheBytesPerGpu KV cache of one shard ({@code --kv-cache-memory-bytes}); empty: what the plan's memory leaves
 *     beside weights and overhead, where the architecture is known
 */
public record EngineSettings(
        Optional<String> servedFrom,
        Optional<String> image,
        Optional<ServingTask> task,
        List<String> arguments,
        OptionalLong kvCacheBytesPerGpu) {

    /** Nothing beyond the plan. */
    public static final EngineSettings DEFAULT =
            new EngineSettings(Optional.empty(), Optional.empty(), Optional.empty(), List.of(), OptionalLong.empty());

    public EngineSettings {
        arguments = List.copyOf(arguments);
    }
}
