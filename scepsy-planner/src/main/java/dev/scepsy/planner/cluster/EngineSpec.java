package dev.scepsy.planner.cluster;

import dev.scepsy.planner.transition.EngineShape;
import java.util.List;

/**
 * How an engine of one shape is started, wherever it sits. Immutable.
 *
 * @param model the model's name
 * @param shape its shape; the shape's revision is the digest of all the rest
 * @param image container image
 * @param command the program; empty in records of older versions: {@code vllm serve}
 * @param arguments its arguments
 * @param cpuCores processors that it asks for; 0 in records of older versions: none
 * @param hostMemoryGiB host memory that it asks for, GiB; 0: none
 * @param podPatches changes of the pod template, in the order in which they are applied
 * @param source what it loads, a repository or a path; empty in records of older versions
 * @param weightsGiB size of all weights, GiB; 0 where nobody knows it
 * @param layers layers of the model; 0 where nobody knows them
 */
record EngineSpec(
        String model,
        EngineShape shape,
        String image,
        List<String> command,
        List<String> arguments,
        double cpuCores,
        double hostMemoryGiB,
        List<PodPatch> podPatches,
        String source,
        double weightsGiB,
        int layers) {
    EngineSpec {
        command = command.isEmpty() ? EngineKind.VLLM.command() : List.copyOf(command);
        arguments = List.copyOf(arguments);
        podPatches = List.copyOf(podPatches);
        source = source == null ? "" : source;
    }

    /** The same start under another shape, which is another revision's name for it. */
    EngineSpec withShape(EngineShape other) {
        return new EngineSpec(
                model,
                other,
                image,
                command,
                arguments,
                cpuCores,
                hostMemoryGiB,
                podPatches,
                source,
                weightsGiB,
                layers);
    }
}
