package dev.scepsy.planner.topology;

import java.util.OptionalDouble;

/**
 * What one engine, all of its shards together, takes of its node beside GPUs. Immutable.
 *
 * @param cpuCores processors, 0 or more
 * @param memoryGiB memory of the node itself, GiB, 0 or more
 */
public record HostNeed(double cpuCores, double memoryGiB) {

    /** Nothing that is counted. */
    public static final HostNeed NONE = new HostNeed(0, 0);

    /**
     * Where nothing else is said, beside one for the worker of every GPU: one core each for the API server and the engine's
     * scheduler, the least that vLLM's guide names ({@code docs/configuration/optimization.md}, CPU resources).
     */
    private static final int OTHER_CORES = 2;

    /** Where nothing else is said: for the server, and for each worker's libraries and pinned buffers. The project's estimate. */
    private static final int PROCESS_GIB = 4;

    /** @throws IllegalArgumentException if either is below 0 */
    public HostNeed {
        if (!(cpuCores >= 0 && memoryGiB >= 0)) {
            throw new IllegalArgumentException("What an engine takes of its node (" + cpuCores + " cores, " + memoryGiB
                    + " GiB) must not be negative.");
        }
    }

    /**
     * What a models file says, and where it says nothing 2 + t cores and 4 GiB x (1 + t); what pods request is the same.
     *
     * @param cpuCores {@code engineCpuCores}; empty: the default
     * @param memoryGiB {@code engineHostMemoryGiB}; empty: the default
     * @param tensorParallel t, at least 1
     */
    public static HostNeed of(OptionalDouble cpuCores, OptionalDouble memoryGiB, int tensorParallel) {
        return new HostNeed(
                cpuCores.orElse(OTHER_CORES + tensorParallel), memoryGiB.orElse(PROCESS_GIB * (1 + tensorParallel)));
    }

    /** How much of a resource. */
    public double of(HostResource resource) {
        return switch (resource) {
            case PROCESSORS -> cpuCores;
            case MEMORY -> memoryGiB;
        };
    }
}
