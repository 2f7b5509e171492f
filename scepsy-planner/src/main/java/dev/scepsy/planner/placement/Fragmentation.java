package dev.scepsy.planner.placement;

import dev.scepsy.planner.allocation.LlmAllocation;
import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.allocation.ReplicaPlacement;
import dev.scepsy.planner.topology.Cluster;
import dev.scepsy.planner.topology.Node;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * How usable what is left of a cluster is. Immutable.
 *
 * @param largestFreeGroup wholly unused GPUs of the best domain: the widest tensor-parallel group that still fits
 * @param freeGpus wholly unused GPUs
 * @param begunGpus GPUs of which a part is used, by the plan or by others
 * @param leftOnBegunGpus compute left on those, in GPUs: only fractions can have it
 * @param groups by width, a power of two: how many groups that wide still fit, each counted alone
 */
public record Fragmentation(
        int largestFreeGroup, int freeGpus, int begunGpus, double leftOnBegunGpus, SortedMap<Integer, Integer> groups) {

    private static final double FULL = 1 - 1e-9;

    public Fragmentation {
        groups = Collections.unmodifiableSortedMap(new TreeMap<>(groups));
    }

    /** Of the cluster before anything is planned on it. */
    public static Fragmentation before(Cluster cluster) {
        return of(cluster, Map.of());
    }

    /** Of the cluster with the plan on it. What the plan has on places the cluster lacks counts nowhere. */
    public static Fragmentation after(Cluster cluster, Plan plan) {
        Map<String, Double> fractions = plan.allocations().stream()
                .collect(Collectors.toMap(
                        LlmAllocation::model,
                        allocation -> allocation.gpuFraction().toDouble()));
        Map<String, Double> used = new HashMap<>();
        for (ReplicaPlacement at : plan.placements()) {
            double fraction = fractions.getOrDefault(at.model(), 0.0);
            at.gpus().forEach(gpu -> used.merge(at.node() + "/" + gpu, fraction, Double::sum));
        }
        return of(cluster, used);
    }

    private static Fragmentation of(Cluster cluster, Map<String, Double> used) {
        int largest = 0;
        int free = 0;
        int begun = 0;
        double left = 0;
        TreeMap<Integer, Integer> groups = new TreeMap<>();
        for (Node node : cluster.nodes()) {
            for (int domain = 0; domain < node.domains(); domain++) {
                int freeHere = 0;
                for (int i = 0; i < node.domainGpus(domain); i++) {
                    int gpu = domain * node.domainSize() + i;
                    double taken = used.getOrDefault(node.name() + "/" + gpu, 0.0)
                            + node.occupied(gpu)
                                    .map(part -> part.gpuFraction().toDouble())
                                    .orElse(0.0);
                    freeHere += taken == 0 ? 1 : 0;
                    begun += taken > 0 && taken < FULL ? 1 : 0;
                    left += taken > 0 && taken < FULL ? 1 - taken : 0;
                }
                free += freeHere;
                largest = Math.max(largest, freeHere);
                for (int width = 2; width <= freeHere; width *= 2) {
                    groups.merge(width, freeHere / width, Integer::sum);
                }
            }
        }
        return new Fragmentation(largest, free, begun, left, groups);
    }
}
