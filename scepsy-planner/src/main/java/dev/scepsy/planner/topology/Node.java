package dev.scepsy.planner.topology;

import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * One machine. Immutable.
 *
 * @param name unique in the cluster
 * @param gpu its GPUs' type
 * @param gpus how many it has, at least 1
 * @param domainSize GPUs joined by the fast interconnect, in blocks counted from GPU 0; the last block may be shorter;
 *     in [1, gpus]
 * @param sharing how its GPUs may be shared
 * @param occupied what others hold of its GPUs, by GPU, at most one entry each; plans leave it alone
 * @param host what engines may use of its processors and memory
 */
public record Node(
        String name, GpuType gpu, int gpus, int domainSize, Sharing sharing, List<Occupied> occupied, HostRoom host) {

    /** @throws IllegalArgumentException naming the value outside its range */
    public Node {
        if (gpus < 1) {
            throw new IllegalArgumentException("The gpus (" + gpus + ") of node (" + name + ") must be at least 1.");
        }
        if (domainSize < 1 || domainSize > gpus) {
            throw new IllegalArgumentException("The domainSize (" + domainSize + ") of node (" + name
                    + ") must lie between 1 and its gpus (" + gpus + ").");
        }
        Set<Integer> seen = new HashSet<>();
        for (Occupied part : occupied) {
            if (part.gpu() >= gpus || !seen.add(part.gpu()) || part.memoryGiB() > gpu.memoryGiB()) {
                throw new IllegalArgumentException("What is occupied of GPU " + part.gpu() + " of node (" + name
                        + ") must be said once, of a GPU it has (0 to " + (gpus - 1) + "), within its memory ("
                        + gpu.memoryGiB() + " GiB).");
            }
        }
        occupied =
                occupied.stream().sorted(Comparator.comparingInt(Occupied::gpu)).toList();
    }

    /** A node that nobody else uses, and whose processors and memory are not limited. */
    public Node(String name, GpuType gpu, int gpus, int domainSize, Sharing sharing) {
        this(name, gpu, gpus, domainSize, sharing, List.of());
    }

    /** A node whose processors and memory are not limited. */
    public Node(String name, GpuType gpu, int gpus, int domainSize, Sharing sharing, List<Occupied> occupied) {
        this(name, gpu, gpus, domainSize, sharing, occupied, HostRoom.UNLIMITED);
    }

    /** The same node under another name. */
    public Node named(String other) {
        return new Node(other, gpu, gpus, domainSize, sharing, occupied, host);
    }

    /** The same node with other limits on what engines may use of it beside its GPUs. */
    public Node withHost(HostRoom other) {
        return new Node(name, gpu, gpus, domainSize, sharing, occupied, other);
    }

    /** What others hold of GPU {@code index}; empty when nothing. */
    public Optional<Occupied> occupied(int index) {
        return occupied.stream().filter(part -> part.gpu() == index).findFirst();
    }

    /** GPUs of domain {@code domain} (from 0) that are not wholly held by others. */
    public int usableGpus(int domain) {
        int first = domain * domainSize;
        int end = first + domainGpus(domain);
        return domainGpus(domain)
                - (int) occupied.stream()
                        .filter(part -> part.isWhole() && part.gpu() >= first && part.gpu() < end)
                        .count();
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
