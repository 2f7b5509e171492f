package dev.scepsy.planner.placement;

import java.util.List;

/**
 * Whether so many replicas of each shape fit onto one node: their processors and memory into what it gives, and their shards
 * onto its GPUs. Not thread-safe.
 */
final class NodeFit implements BinFit {

    private final long[][] needed;
    private final long[] given;
    private final NodeGpus gpus;

    /**
     * @param needed by item and resource, units one replica takes
     * @param given by resource, units the node has left
     * @param gpus of the node; nodes that differ only in what they give may share it, and what it remembers
     */
    NodeFit(long[][] needed, long[] given, NodeGpus gpus) {
        this.needed = needed;
        this.given = given;
        this.gpus = gpus;
    }

    @Override
    public boolean fits(int[] replicas, WorkBudget work) {
        for (int resource = 0; resource < given.length; resource++) {
            long sum = 0;
            for (int i = 0; i < replicas.length; i++) {
                sum += replicas[i] * needed[i][resource];
            }
            if (sum > given[resource]) {
                return false;
            }
        }
        return gpus.fits(replicas, work);
    }

    @Override
    public int alone(int item) {
        long most = gpus.alone(item);
        for (int resource = 0; resource < given.length; resource++) {
            if (needed[item][resource] > 0) {
                most = Math.min(most, given[resource] / needed[item][resource]);
            }
        }
        return Math.toIntExact(most);
    }

    /** Where the counts stand, which fit. */
    List<DomainPacking.Filled> packing(int[] replicas) {
        return gpus.packing(replicas);
    }
}
