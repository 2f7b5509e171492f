package dev.scepsy.planner.placement;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Exact packing of single shards into GPUs: two resources, few kinds of shard, few kinds of GPU, many of each.
 *
 * <p>Bin completion: take the hardest kind of shard left, and for each kind of GPU that can hold it close one such GPU
 * with every <em>maximal</em> pattern that contains it. Maximal suffices: whatever would still fit can be moved in from
 * another GPU without hurting it. States that failed (shards left, GPUs left) are remembered. Pruned where the shards
 * left exceed the GPUs left in either resource, or where more shards are left that cannot share a GPU pairwise than
 * there are GPUs. The first descent takes as much as fits of the hardest first, which is first-fit decreasing.
 */
final class ShardPacking {

    /** A GPU and what stands on it. */
    record Fill(int bin, int[] counts) {}

    private final long[] compute;
    private final long[] memory;
    private final int[] need;
    private final long[] binCompute;
    private final long[] binMemory;
    private final int[] free;
    private final boolean[][] allowed;
    private final int[] mostPerGpu;
    private final int[] order;
    private final WorkBudget work;
    private final Set<State> failed = new HashSet<>();
    private final List<Fill> fills = new ArrayList<>();

    /**
     * @param compute units per kind of shard
     * @param memory units per kind of shard
     * @param need shards of each kind
     * @param binCompute units per kind of GPU
     * @param binMemory units per kind of GPU
     * @param free GPUs of each kind
     * @param allowed [shard kind][GPU kind]
     */
    ShardPacking(
            long[] compute,
            long[] memory,
            int[] need,
            long[] binCompute,
            long[] binMemory,
            int[] free,
            boolean[][] allowed,
            WorkBudget work) {
        this(compute, memory, need, binCompute, binMemory, free, allowed, unlimited(need.length), work);
    }

    /** @param mostPerGpu shards of a kind that may share a GPU, whatever they take */
    ShardPacking(
            long[] compute,
            long[] memory,
            int[] need,
            long[] binCompute,
            long[] binMemory,
            int[] free,
            boolean[][] allowed,
            int[] mostPerGpu,
            WorkBudget work) {
        this.compute = compute;
        this.memory = memory;
        this.need = need.clone();
        this.binCompute = binCompute;
        this.binMemory = binMemory;
        this.free = free.clone();
        this.allowed = allowed;
        this.mostPerGpu = mostPerGpu;
        this.work = work;
        this.order = hardestFirst();
    }

    private static int[] unlimited(int kinds) {
        int[] most = new int[kinds];
        Arrays.fill(most, Integer.MAX_VALUE);
        return most;
    }

    /** Whether everything fits; false also when the work budget ends first, which the budget then tells. */
    boolean solve() {
        return close();
    }

    /** One per GPU used, after {@link #solve} said yes. */
    List<Fill> fills() {
        return fills;
    }

    private int[] hardestFirst() {
        long mostCompute = Math.max(1, Arrays.stream(binCompute).max().orElse(1));
        long mostMemory = Math.max(1, Arrays.stream(binMemory).max().orElse(1));
        double[] size = new double[need.length];
        Integer[] kinds = new Integer[need.length];
        for (int i = 0; i < need.length; i++) {
            kinds[i] = i;
            size[i] = Math.max((double) compute[i] / mostCompute, (double) memory[i] / mostMemory);
        }
        Arrays.sort(kinds, (a, b) -> size[a] != size[b] ? Double.compare(size[b], size[a]) : Integer.compare(a, b));
        return Arrays.stream(kinds).mapToInt(Integer::intValue).toArray();
    }

    private boolean close() {
        int hardest = -1;
        for (int kind : order) {
            if (need[kind] > 0) {
                hardest = kind;
                break;
            }
        }
        if (hardest < 0) {
            return true;
        }
        if (!work.spend() || hopeless()) {
            return false;
        }
        State state = new State(need.clone(), free.clone());
        if (failed.contains(state)) {
            return false;
        }
        for (int bin = 0; bin < free.length; bin++) {
            if (free[bin] > 0 && allowed[hardest][bin]) {
                free[bin]--;
                boolean done = complete(bin, hardest, binCompute[bin], binMemory[bin], 0, new int[need.length]);
                free[bin]++;
                if (done) {
                    return true;
                }
            }
        }
        if (!work.exhausted()) {
            failed.add(state);
        }
        return false;
    }

    /** Chooses how many of each kind from {@code order[position]} on join the open GPU, most first. */
    private boolean complete(int bin, int hardest, long computeLeft, long memoryLeft, int position, int[] counts) {
        if (position == order.length) {
            return maximal(bin, computeLeft, memoryLeft, counts) && descend(bin, counts);
        }
        int kind = order[position];
        int most =
                allowed[kind][bin] ? fitting(kind, computeLeft, memoryLeft, Math.min(need[kind], mostPerGpu[kind])) : 0;
        int least = Math.max(kind == hardest ? 1 : 0, unavoidable(kind));
        for (int count = most; count >= least; count--) {
            counts[kind] = count;
            if (complete(
                    bin,
                    hardest,
                    computeLeft - count * compute[kind],
                    memoryLeft - count * memory[kind],
                    position + 1,
                    counts)) {
                return true;
            }
            if (work.exhausted()) {
                break;
            }
        }
        counts[kind] = 0;
        return false;
    }

    private boolean descend(int bin, int[] counts) {
        for (int kind = 0; kind < need.length; kind++) {
            need[kind] -= counts[kind];
        }
        fills.add(new Fill(bin, counts.clone()));
        if (close()) {
            return true;
        }
        fills.remove(fills.size() - 1);
        for (int kind = 0; kind < need.length; kind++) {
            need[kind] += counts[kind];
        }
        return false;
    }

    /** Shards of a kind that the other GPUs left could not take, however empty. */
    private int unavoidable(int kind) {
        long others = 0;
        for (int bin = 0; bin < free.length; bin++) {
            others += allowed[kind][bin] ? free[bin] : 0;
        }
        return (int) Math.max(0, need[kind] - others * mostPerGpu[kind]);
    }

    private int fitting(int kind, long computeLeft, long memoryLeft, int most) {
        long count = compute[kind] == 0 ? most : computeLeft / compute[kind];
        if (memory[kind] > 0) {
            count = Math.min(count, memoryLeft / memory[kind]);
        }
        return (int) Math.min(most, count);
    }

    private boolean maximal(int bin, long computeLeft, long memoryLeft, int[] counts) {
        for (int kind = 0; kind < need.length; kind++) {
            if (allowed[kind][bin]
                    && counts[kind] < Math.min(need[kind], mostPerGpu[kind])
                    && compute[kind] <= computeLeft
                    && memory[kind] <= memoryLeft) {
                return false;
            }
        }
        return true;
    }

    private boolean hopeless() {
        long computeNeeded = 0;
        long memoryNeeded = 0;
        long computeLeft = 0;
        long memoryLeft = 0;
        long mostCompute = 0;
        long mostMemory = 0;
        long bins = 0;
        for (int kind = 0; kind < need.length; kind++) {
            computeNeeded += need[kind] * compute[kind];
            memoryNeeded += need[kind] * memory[kind];
        }
        for (int bin = 0; bin < free.length; bin++) {
            if (free[bin] > 0) {
                computeLeft += free[bin] * binCompute[bin];
                memoryLeft += free[bin] * binMemory[bin];
                mostCompute = Math.max(mostCompute, binCompute[bin]);
                mostMemory = Math.max(mostMemory, binMemory[bin]);
                bins += free[bin];
            }
        }
        if (computeNeeded > computeLeft || memoryNeeded > memoryLeft) {
            return true;
        }
        return tooManyLoners(mostCompute, mostMemory, bins);
    }

    /** Shards of which no two share a GPU: more than half of it in one resource, pairwise too much together. */
    private boolean tooManyLoners(long mostCompute, long mostMemory, long bins) {
        long loners = 0;
        for (int kind = 0; kind < need.length; kind++) {
            if (need[kind] > 0 && 2 * compute[kind] > mostCompute) {
                loners += need[kind];
            }
        }
        if (loners > bins) {
            return true;
        }
        loners = 0;
        for (int kind = 0; kind < need.length; kind++) {
            if (need[kind] > 0 && 2 * memory[kind] > mostMemory && memory[kind] > 0) {
                loners += need[kind];
            }
        }
        return loners > bins;
    }

    private record State(int[] need, int[] free) {
        @Override
        public boolean equals(Object other) {
            return other instanceof State that && Arrays.equals(need, that.need) && Arrays.equals(free, that.free);
        }

        @Override
        public int hashCode() {
            return 31 * Arrays.hashCode(need) + Arrays.hashCode(free);
        }
    }
}
