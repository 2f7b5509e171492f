package dev.scepsy.planner.cluster;

import dev.scepsy.planner.allocation.GpuFraction;
import dev.scepsy.planner.transition.Engine;
import dev.scepsy.planner.transition.EngineShape;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads back from a Deployment's annotations which engine it is. */
final class EngineIdentity {

    private EngineIdentity() {}

    /** Empty where the annotations are not ours or were damaged. */
    static Optional<Engine> of(Deployment deployment) {
        Map<String, String> annotations =
                Optional.ofNullable(deployment.getMetadata().getAnnotations()).orElse(Map.of());
        try {
            String[] fraction = read(annotations, Names.EXACT_FRACTION).split("/");
            EngineShape shape = new EngineShape(
                    new GpuFraction(Long.parseLong(fraction[0]), Long.parseLong(fraction[1])),
                    Integer.parseInt(read(annotations, Names.TENSOR_PARALLEL)),
                    Double.parseDouble(read(annotations, Names.MEMORY)),
                    read(annotations, Names.REVISION));
            String gpus = annotations.getOrDefault(Names.GPUS, "");
            List<Integer> ids = gpus.isEmpty()
                    ? List.of()
                    : Arrays.stream(gpus.split(",")).map(Integer::valueOf).toList();
            if (!isPossible(shape, ids)) {
                return Optional.empty();
            }
            return Optional.of(
                    new Engine(read(annotations, Names.MODEL_NAME), shape, read(annotations, Names.NODE), ids));
        } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException notOurs) {
            return Optional.empty();
        }
    }

    /** What no version of this client has written was written by somebody else. */
    private static boolean isPossible(EngineShape shape, List<Integer> gpus) {
        return shape.tensorParallel() >= 1
                && shape.memoryGiBPerGpu() > 0
                && Double.isFinite(shape.memoryGiBPerGpu())
                && gpus.stream().allMatch(gpu -> gpu >= 0)
                && (gpus.isEmpty() || gpus.stream().distinct().count() == shape.tensorParallel());
    }

    private static String read(Map<String, String> annotations, String key) {
        String value = annotations.get(key);
        if (value == null) {
            throw new IllegalArgumentException("The annotation (" + key + ") is missing.");
        }
        return value;
    }
}
