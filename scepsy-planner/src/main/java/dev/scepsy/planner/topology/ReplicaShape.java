package dev.scepsy.planner.topology;

import dev.scepsy.planner.allocation.GpuFraction;
import dev.scepsy.planner.allocation.LlmAllocation;

/**
 * What one replica takes: the one type for it from the problem over the search to placement. Replicas of equal shape are
 * interchangeable to hardware, whichever models they serve. Immutable.
 *
 * @param gpu GPU type
 * @param tensorParallel t, GPUs of one domain that a replica spans, at least 1
 * @param gpuFraction f, compute that each of its shards takes of a GPU
 * @param memoryGiBPerGpu memory that each shard takes, GiB
 * @param need what the replica takes of its node beside GPUs, as far as nodes limit it
 */
public record ReplicaShape(
        String gpu, int tensorParallel, GpuFraction gpuFraction, double memoryGiBPerGpu, HostNeed need) {

    /** @throws IllegalArgumentException if {@code tensorParallel} is below 1 */
    public ReplicaShape {
        if (tensorParallel < 1) {
            throw new IllegalArgumentException("The tensorParallel (" + tensorParallel + ") must be at least 1.");
        }
    }

    /** A shape that takes nothing of its node that is limited. */
    public ReplicaShape(String gpu, int tensorParallel, GpuFraction gpuFraction, double memoryGiBPerGpu) {
        this(gpu, tensorParallel, gpuFraction, memoryGiBPerGpu, HostNeed.NONE);
    }

    /** The shape of an allocation's replicas; what they take of their nodes beside GPUs, the allocation does not say. */
    public static ReplicaShape of(LlmAllocation allocation) {
        return new ReplicaShape(
                allocation.gpu(), allocation.tensorParallel(), allocation.gpuFraction(), allocation.memoryGiBPerGpu());
    }

    /** The same with another need. */
    public ReplicaShape withNeed(HostNeed other) {
        return new ReplicaShape(gpu, tensorParallel, gpuFraction, memoryGiBPerGpu, other);
    }

    /** Whether GPU type, t and f are the same: all that tells two shapes of one model apart. */
    public boolean sameDivision(ReplicaShape other) {
        return gpu.equals(other.gpu) && tensorParallel == other.tensorParallel && gpuFraction.equals(other.gpuFraction);
    }

    /** Whether GPU type, t and f are those of the allocation's replicas. */
    public boolean isOf(LlmAllocation allocation) {
        return gpu.equals(allocation.gpu())
                && tensorParallel == allocation.tensorParallel()
                && gpuFraction.equals(allocation.gpuFraction());
    }

    /** Compute that one replica takes, t·f, in GPUs. */
    public double gpus() {
        return tensorParallel * gpuFraction.toDouble();
    }
}
