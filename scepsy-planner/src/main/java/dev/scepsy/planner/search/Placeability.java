package dev.scepsy.planner.search;

import dev.scepsy.planner.allocation.GpuFraction;
import dev.scepsy.planner.allocation.LlmAllocation;
import dev.scepsy.planner.allocation.ReplicaPlacement;
import java.util.List;
import java.util.Optional;

/**
 * What the search asks of placement: can these replicas stand on the cluster together, and where? Bound to one cluster.
 *
 * <p>Placeability is monotone: what holds for a set of replicas holds for any part of it, and for the same replicas with
 * less compute, less memory or fewer shards, wherever nodes allow those. The search relies on it.
 */
public interface Placeability {

    /** Makes the placeability of one cluster. */
    @FunctionalInterface
    interface Factory {
        Placeability on(dev.scepsy.planner.topology.Cluster cluster);
    }

    /**
     * Equal replicas of one model that want a place.
     *
     * @param gpu GPU type
     * @param tensorParallel GPUs of one domain each replica spans
     * @param gpuFraction compute each shard takes
     * @param memoryGiBPerGpu memory each shard takes
     * @param replicas how many, at least 1
     */
    record Demand(String gpu, int tensorParallel, GpuFraction gpuFraction, double memoryGiBPerGpu, int replicas) {}

    /** Answer of {@link #check}. */
    enum Verdict {
        PLACEABLE,
        UNPLACEABLE,
        /** The work limit ended before either was proven. */
        UNDECIDED
    }

    /** Whether all of {@code demands} can stand on the cluster together. Pure. */
    Verdict check(List<Demand> demands);

    /**
     * Places the allocations by the placement policy. Pure; empty when no arrangement is found.
     *
     * @param allocations one per model
     */
    Optional<Arrangement> place(List<LlmAllocation> allocations);

    /**
     * Where every replica sits.
     *
     * @param placements in (model, replica) order
     * @param largestFreeGroup wholly unused GPUs of the best domain
     */
    record Arrangement(List<ReplicaPlacement> placements, int largestFreeGroup) {
        public Arrangement {
            placements = List.copyOf(placements);
        }
    }
}
