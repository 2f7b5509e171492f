package dev.scepsy.planner.transition;

import dev.scepsy.planner.topology.Node;
import dev.scepsy.planner.topology.Sharing;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/**
 * One engine of a model at one place. Immutable.
 *
 * @param model the model's name
 * @param shape what it is
 * @param node the node it sits on
 * @param gpus its GPUs, ascending; empty where something else picks them, see {@link #gpusArePicked}
 */
public record Engine(String model, EngineShape shape, String node, List<Integer> gpus) {

    /** By model, then node, then GPUs, then shape: the order in which equals are listed. */
    public static final Comparator<Engine> ORDER = Comparator.comparing(Engine::model)
            .thenComparing(Engine::node)
            .thenComparing(engine -> engine.gpus.toString())
            .thenComparing(engine -> engine.shape.toString())
            .thenComparing(engine -> engine.shape.memoryGiBPerGpu())
            .thenComparing(engine -> engine.shape.revision());

    /** @throws IllegalArgumentException if GPUs are named, but not one per shard */
    public Engine {
        gpus = List.copyOf(gpus);
        if (!gpus.isEmpty() && gpus.size() != shape.tensorParallel()) {
            throw new IllegalArgumentException("An engine of model (" + model + ") with tensorParallel ("
                    + shape.tensorParallel() + ") names the GPUs " + gpus + ".");
        }
    }

    /**
     * Whether something else (the kubelet, a scheduler) picks the GPUs on {@code node}, so that its engines name none:
     * with whole GPUs or equal parts of the device plugin, and with KAI.
     */
    public static boolean gpusArePicked(Node node) {
        return !(node.sharing() instanceof Sharing.Grid grid) || grid.mode() == Sharing.Mode.KAI;
    }

    /** The place as people read it: {@code node-1 GPU 0,1}. */
    public String place() {
        return gpus.isEmpty()
                ? node
                : node + " GPU " + gpus.stream().map(String::valueOf).collect(Collectors.joining(","));
    }

    @Override
    public String toString() {
        return model + " (" + shape + ") on " + place();
    }
}
