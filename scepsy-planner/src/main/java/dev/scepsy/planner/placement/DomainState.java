package dev.scepsy.planner.placement;

import java.util.Arrays;

/**
 * What is left on the GPUs of one domain: pairs of compute and memory, sorted, because equal GPUs are interchangeable.
 * Immutable; compares by kind, then by what is left.
 */
record DomainState(int kind, long[] compute, long[] memory) implements Comparable<DomainState> {

    static DomainState untouched(int kind, int gpus, long computePerGpu, long memoryPerGpu) {
        long[] compute = new long[gpus];
        long[] memory = new long[gpus];
        Arrays.fill(compute, computePerGpu);
        Arrays.fill(memory, memoryPerGpu);
        return new DomainState(kind, compute, memory);
    }

    int gpus() {
        return compute.length;
    }

    boolean sameGpu(int a, int b) {
        return compute[a] == compute[b] && memory[a] == memory[b];
    }

    /** The state after a shard of the given size joined each chosen GPU. */
    DomainState with(boolean[] chosen, long computePerShard, long memoryPerShard) {
        int gpus = compute.length;
        long[] newCompute = compute.clone();
        long[] newMemory = memory.clone();
        for (int gpu = 0; gpu < gpus; gpu++) {
            if (chosen[gpu]) {
                newCompute[gpu] -= computePerShard;
                newMemory[gpu] -= memoryPerShard;
            }
        }
        // insertion sort of the pairs; domains are small
        for (int i = 1; i < gpus; i++) {
            long c = newCompute[i];
            long m = newMemory[i];
            int j = i - 1;
            while (j >= 0 && (newCompute[j] > c || (newCompute[j] == c && newMemory[j] > m))) {
                newCompute[j + 1] = newCompute[j];
                newMemory[j + 1] = newMemory[j];
                j--;
            }
            newCompute[j + 1] = c;
            newMemory[j + 1] = m;
        }
        return new DomainState(kind, newCompute, newMemory);
    }

    @Override
    public int compareTo(DomainState other) {
        int byKind = Integer.compare(kind, other.kind);
        if (byKind != 0) {
            return byKind;
        }
        int byCompute = Arrays.compare(compute, other.compute);
        return byCompute != 0 ? byCompute : Arrays.compare(memory, other.memory);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof DomainState that && compareTo(that) == 0;
    }

    @Override
    public int hashCode() {
        return 31 * (31 * kind + Arrays.hashCode(compute)) + Arrays.hashCode(memory);
    }
}
