package dev.scepsy.samples.demo;

import dev.scepsy.planner.allocation.GpuFraction;
import dev.scepsy.planner.allocation.LlmAllocation;
import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.allocation.ReplicaPlacement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What one does without measurements: every model the same share, half a GPU, and replicas dealt round robin in name
 * order until all halves are taken.
 */
final class Guess {

    static final double FRACTION = 0.5;

    private Guess() {}

    static Plan of(List<String> models, String gpu, double gpuMemoryGiB, List<String> nodes, int gpusPerNode) {
        List<String> names = models.stream().sorted().toList();
        Map<String, Integer> replicas = new TreeMap<>();
        List<ReplicaPlacement> placements = new ArrayList<>();
        int half = 0;
        for (String node : nodes) {
            for (int index = 0; index < gpusPerNode; index++) {
                for (int part = 0; part < 2; part++, half++) {
                    String model = names.get(half % names.size());
                    int replica = replicas.merge(model, 1, Integer::sum) - 1;
                    placements.add(new ReplicaPlacement(model, replica, node, List.of(index)));
                }
            }
        }
        List<LlmAllocation> allocations = replicas.entrySet().stream()
                .map(entry -> new LlmAllocation(
                        entry.getKey(), gpu, GpuFraction.of(FRACTION), 1, entry.getValue(), FRACTION * gpuMemoryGiB))
                .toList();
        return new Plan(0, 0, 0, allocations, placements, List.of(), half * FRACTION, 0);
    }
}
