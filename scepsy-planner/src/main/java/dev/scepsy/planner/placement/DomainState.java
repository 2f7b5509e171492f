package dev.scepsy.planner.placement;

import java.util.Arrays;

/**
 * What is left on the GPUs of one domain: pairs of compute and memory, sorted, because equal GPUs are interchangeable.
 * Immutable; compares by kind, then by what is left.
 */
record DomainState(int kind, long[] compute, long[] memory) implements Comparable<DomainState> {

    /** What is left, GPU by GPU in any order. */
    static DomainState of(int kind, long[] compute, long[] memory) {
        return new DomainState(kind, compute.clone(), memory.clone()).sorted();
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
        return new DomainState(kind, newCompute, newMemory).sorted();
    }

    /** Sorts in place, for states nobody else has seen yet; by insertion, because domains are small. */
    private DomainState sorted() {
        for (int i = 1; i < compute.length; i++) {
            long c = compute[i];
            long m = memory[i];
            int j = i - 1;
            while (j >= 0 && (compute[j] > c || (compute[j] == c && memory[j] > m))) {
                compute[j + 1] = compute[j];
                memory[j + 1] = memory[j];
                j--;
            }
            compute[j + 1] = c;
            memory[j + 1] = m;
        }
        return this;
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
