package dev.scepsy.planner.topology;

import dev.scepsy.planner.allocation.GpuFraction;
import dev.scepsy.planner.allocation.LlmAllocation;
import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.allocation.ReplicaPlacement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * What holds one model to its fraction of a GPU on some nodes. Immutable.
 *
 * @param model the model's name
 * @param gpuFraction below 1
 * @param nodes those that hold it this way, in name order
 * @param guarantee what they do
 */
public record HeldShare(String model, GpuFraction gpuFraction, List<String> nodes, ShareGuarantee guarantee) {

    public HeldShare {
        nodes = List.copyOf(nodes);
    }

    private record Way(String model, ShareGuarantee guarantee) {}

    /** Every fraction below 1 of a plan, in the order of its allocations; one entry per way it is held. */
    public static List<HeldShare> of(Cluster cluster, Plan plan) {
        Map<String, Node> nodes = new HashMap<>();
        cluster.nodes().forEach(node -> nodes.put(node.name(), node));
        List<HeldShare> held = new ArrayList<>();
        for (LlmAllocation allocation : plan.allocations()) {
            if (allocation.gpuFraction().isWhole()) {
                continue;
            }
            Map<Way, TreeSet<String>> ways = new LinkedHashMap<>();
            for (ReplicaPlacement at : plan.placements()) {
                Node node = nodes.get(at.node());
                if (at.model().equals(allocation.model()) && node != null) {
                    ShareGuarantee guarantee =
                            ShareGuarantee.of(node.sharing(), allocation.gpuFraction(), allocation.tensorParallel());
                    ways.computeIfAbsent(new Way(at.model(), guarantee), way -> new TreeSet<>())
                            .add(node.name());
                }
            }
            ways.forEach((way, names) -> held.add(
                    new HeldShare(way.model(), allocation.gpuFraction(), List.copyOf(names), way.guarantee())));
        }
        return List.copyOf(held);
    }
}
