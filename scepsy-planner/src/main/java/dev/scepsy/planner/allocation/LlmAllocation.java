package dev.scepsy.planner.allocation;

/**
 * What one model gets: (f, t, r) on one type of GPU. Immutable.
 *
 * @param model the name requests carry
 * @param gpu catalogue key of the GPU type; all replicas sit on the same type
 * @param gpuFraction f, share of each GPU's compute that one shard may use
 * @param tensorParallel t, GPUs one replica spans, at least 1
 * @param replicas r, engines serving the model, at least 1
 * @param memoryGiBPerGpu what one shard occupies on each of its GPUs, GiB, above 0
 */
public record LlmAllocation(
        String model, String gpu, GpuFraction gpuFraction, int tensorParallel, int replicas, double memoryGiBPerGpu) {

    /** @throws IllegalArgumentException naming the value outside its range */
    public LlmAllocation {
        if (tensorParallel < 1) {
            throw new IllegalArgumentException(
                    "The tensorParallel (" + tensorParallel + ") of model (" + model + ") must be at least 1.");
        }
        if (replicas < 1) {
            throw new IllegalArgumentException(
                    "The replicas (" + replicas + ") of model (" + model + ") must be at least 1.");
        }
        if (!(memoryGiBPerGpu > 0)) {
            throw new IllegalArgumentException(
                    "The memoryGiBPerGpu (" + memoryGiBPerGpu + ") of model (" + model + ") must be above 0.");
        }
    }

    /** GPU use r·t·f, in whole GPUs. */
    public double gpus() {
        return (double) replicas * tensorParallel * gpuFraction.numerator() / gpuFraction.denominator();
    }
}
