package dev.scepsy.planner.topology;

/**
 * One machine. Immutable.
 *
 * @param name unique in the cluster
 * @param gpu its GPUs' type
 * @param gpus how many it has, at least 1
 * @param domainSize GPUs joined by the fast interconnect, in blocks counted from GPU 0; the last block may be shorter;
 *     in [1, gpus]
 * @param sharing how its GPUs may be shared
 */
public record Node(String name, GpuType gpu, int gpus, int domainSize, Sharing sharing) {

    /** @throws IllegalArgumentException naming the value outside its range */
    public Node {
        if (gpus < 1) {
            throw new IllegalArgumentException("The gpus (" + gpus + ") of node (" + name + ") must be at least 1.");
        }
        if (domainSize < 1 || domainSize > gpus) {
            throw new IllegalArgumentException("The domainSize (" + domainSize + ") of node (" + name
                    + ") must lie between 1 and its gpus (" + gpus + ").");
        }
    }

    /** Number of fast domains. */
    public int domains() {
        return (gpus + domainSize - 1) / domainSize;
    }

    /** GPUs in domain {@code domain} (from 0). */
    public int domainGpus(int domain) {
        return Math.min(domainSize, gpus - domain * domainSize);
    }
}
