package dev.scepsy.samples.cluster.control;

import dev.scepsy.planner.profile.GpuFacts;
import dev.scepsy.planner.topology.Node;
import dev.scepsy.samples.cluster.engine.SharedGpu;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A machine of the emulated cluster.
 *
 * @param rack name of its rack
 * @param facts what its GPUs are
 * @param gpus its GPUs, by id
 */
public record ServingNode(String rack, Node node, GpuFacts facts, List<SharedGpu> gpus) {
    public ServingNode {
        gpus = List.copyOf(gpus);
    }

    public static ServingNode of(String rack, Node node, GpuFacts facts) {
        List<SharedGpu> gpus = IntStream.range(0, node.gpus())
                .mapToObj(index -> new SharedGpu(node.name(), index))
                .toList();
        return new ServingNode(rack, node, facts, gpus);
    }

    public String name() {
        return node.name();
    }
}
