package dev.scepsy.planner.allocation;

import java.util.List;

/**
 * Where one replica sits. Immutable.
 *
 * @param model the model's name
 * @param replica number of the replica, from 0
 * @param node name of the node
 * @param gpus different GPU indices on that node, ascending, one per tensor-parallel shard
 */
public record ReplicaPlacement(String model, int replica, String node, List<Integer> gpus) {

    /** @throws IllegalArgumentException if no GPU is named */
    public ReplicaPlacement {
        gpus = List.copyOf(gpus);
        if (gpus.isEmpty()) {
            throw new IllegalArgumentException("Replica " + replica + " of model (" + model + ") names no GPU.");
        }
    }
}
