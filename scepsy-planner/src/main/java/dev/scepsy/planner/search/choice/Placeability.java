package dev.scepsy.planner.search.choice;

import dev.scepsy.planner.allocation.LlmAllocation;
import dev.scepsy.planner.allocation.ReplicaPlacement;
import dev.scepsy.planner.topology.Cluster;
import dev.scepsy.planner.topology.ReplicaShape;
import java.util.List;
import java.util.Optional;

/**
 * What the search asks of placement: can these replicas stand on the cluster together, and where? Bound to one cluster.
 *
 * <p>Placeability is monotone: what holds for a set of replicas holds for any part of it, and for the same replicas with
 * less compute, less memory, less of their nodes or fewer shards, wherever nodes allow those. The search relies on it.
 */
public interface Placeability {

    /** Makes the placeability of one cluster. */
    @FunctionalInterface
    interface Factory {

        /**
         * @param shapes every shape that will be asked about; questions name them by position. Their GPU types are in the
         *     cluster
         */
        Placeability on(Cluster cluster, List<ReplicaShape> shapes);
    }

    /** Answer of {@link #check}. */
    enum Verdict {
        PLACEABLE,
        UNPLACEABLE,
        /** The work limit ended before either was proven. */
        UNDECIDED
    }

    /**
     * Whether all of these replicas can stand on the cluster together. Pure in its result; remembers answers.
     *
     * @param shapes positions of shapes
     * @param replicas how many of each, at least 0
     */
    Verdict check(int[] shapes, int[] replicas);

    /**
     * Places the allocations by the placement policy; empty when no arrangement is found. Pure.
     *
     * @param allocations one per model
     * @param shapes the position of each one's shape
     */
    Optional<Arrangement> place(List<LlmAllocation> allocations, int[] shapes);

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
