package dev.scepsy.planner.topology;

/**
 * GPUs of one node that are joined by the fast interconnect. Immutable.
 *
 * @param node the node
 * @param rack position of its rack in the cluster
 * @param firstGpu index on the node of its first GPU
 * @param gpus how many, at least 1
 */
public record Domain(Node node, int rack, int firstGpu, int gpus) {

    /** Whether a tensor-parallel group of {@code tensorParallel} shards of {@code fraction} each may stand here. */
    public boolean allows(int tensorParallel, dev.scepsy.planner.allocation.GpuFraction fraction) {
        return tensorParallel <= gpus
                && node.sharing().allows(fraction)
                && (tensorParallel == 1 || fraction.isWhole() || node.sharing().tensorParallel());
    }

    /** How many of its GPUs are not wholly held by others. */
    public int usableGpus() {
        return node.usableGpus(firstGpu / node.domainSize());
    }
}
