package dev.scepsy.planner.topology;

import dev.scepsy.planner.allocation.GpuFraction;

/**
 * What something other than the planned engines holds of one GPU: a GPU reserved by its owner, or a foreign workload.
 * Immutable.
 *
 * @param gpu index on its node, at least 0
 * @param gpuFraction compute that is taken; the whole for a reserved GPU
 * @param memoryGiB memory that is taken, GiB, above 0
 */
public record Occupied(int gpu, GpuFraction gpuFraction, double memoryGiB) {

    /** @throws IllegalArgumentException naming the value outside its range */
    public Occupied {
        if (gpu < 0) {
            throw new IllegalArgumentException("The gpu (" + gpu + ") must be at least 0.");
        }
        if (!(memoryGiB > 0)) {
            throw new IllegalArgumentException("The memoryGiB (" + memoryGiB + ") must be above 0.");
        }
    }

    /** All of a GPU of the type. */
    public static Occupied wholly(int gpu, GpuType type) {
        return new Occupied(gpu, GpuFraction.whole(), type.memoryGiB());
    }

    /** Whether nothing of the GPU is left to plan with. */
    public boolean isWhole() {
        return gpuFraction.isWhole();
    }
}
