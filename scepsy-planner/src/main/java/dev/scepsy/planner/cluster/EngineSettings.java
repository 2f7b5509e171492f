package dev.scepsy.planner.cluster;

import dev.scepsy.planner.profile.ModelArchitecture;
import dev.scepsy.planner.topology.HostNeed;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * How one model's engines are started, beyond what plan and {@code models.yaml} say of the model. Immutable.
 *
 * @param servedFrom what the engine loads, a Hugging Face id or a path; empty: the repository of the model's catalogue
 *     architecture, else its name
 * @param image container image; empty: the common one, or the engine kind's
 * @param task what the engines do; empty: guessed from the names
 * @param arguments further arguments, appended as they are
 * @param kvCacheBytesPerGpu KV cache of one shard ({@code --kv-cache-memory-bytes}); empty: what the plan's memory leaves
 *     beside weights and overhead, where the architecture is known
 * @param architecture the model's shape where its own configuration says it; empty: the catalogue's, if it names one
 * @param cpuCores processors that one engine asks for; empty: {@link HostNeed}'s default
 * @param hostMemoryGiB memory of its node that one engine asks for, GiB; empty: {@link HostNeed}'s default
 * @param podPatches changes of the pod template, applied in this order
 */
public record EngineSettings(
        Optional<String> servedFrom,
        Optional<String> image,
        Optional<ServingTask> task,
        List<String> arguments,
        OptionalLong kvCacheBytesPerGpu,
        Optional<ModelArchitecture> architecture,
        OptionalDouble cpuCores,
        OptionalDouble hostMemoryGiB,
        List<PodPatch> podPatches) {

    /** Nothing beyond the plan. */
    public static final EngineSettings DEFAULT = new EngineSettings(
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            List.of(),
            OptionalLong.empty(),
            Optional.empty(),
            OptionalDouble.empty(),
            OptionalDouble.empty(),
            List.of());

    public EngineSettings {
        arguments = List.copyOf(arguments);
        podPatches = List.copyOf(podPatches);
    }
}
