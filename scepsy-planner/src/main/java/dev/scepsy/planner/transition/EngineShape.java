package dev.scepsy.planner.transition;

import dev.scepsy.planner.allocation.GpuFraction;

/**
 * What one engine process is, apart from where it runs. Engines of equal shape are interchangeable; changing any part
 * of it restarts the engine. Immutable.
 *
 * @param gpuFraction f, share of each GPU's compute
 * @param tensorParallel t, GPUs the engine spans, at least 1
 * @param memoryGiBPerGpu what one shard occupies, GiB
 * @param revision stands for every other setting (image, arguments): equal revisions, equal settings
 */
public record EngineShape(GpuFraction gpuFraction, int tensorParallel, double memoryGiBPerGpu, String revision) {

    @Override
    public String toString() {
        return "f=" + gpuFraction + " t=" + tensorParallel;
    }
}
