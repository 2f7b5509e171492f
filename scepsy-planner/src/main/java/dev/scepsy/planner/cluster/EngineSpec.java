package dev.scepsy.planner.cluster;

import dev.scepsy.planner.transition.EngineShape;
import java.util.List;

/**
 * How an engine of one shape is started, wherever it sits. Immutable.
 *
 * @param model the model's name
 * @param shape its shape; the shape's revision is the digest of all the rest
 * @param image container image
 * @param arguments arguments of {@code vllm serve}
 */
record EngineSpec(String model, EngineShape shape, String image, List<String> arguments) {
    EngineSpec {
        arguments = List.copyOf(arguments);
    }
}
