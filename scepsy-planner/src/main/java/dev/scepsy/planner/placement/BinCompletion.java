package dev.scepsy.planner.placement;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Bin completion over counted bins of few kinds, which are domains or nodes.
 *
 * <p>Take the largest shape left, and for each kind of bin that can hold it close one such bin with every
 * <em>maximal</em> set of replicas that contains it; what would still fit can be moved in from another bin without hurting
 * it. {@link BinFit} says what fits into a bin. States that failed (replicas left, bins left) are remembered, from one
 * question about the same shapes to the next. Not thread-safe.
 */
abstract class BinCompletion {

    /** A bin of the kind and the replicas of each shape in it. */
    record Fill(int kind, int[] replicas) {}

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

    private static final int MOST_FAILED = 10_000;

    private final BinFit[] fit;
    private final int[][] alone;
    private final int[] order;
    private final int[] bins;
    private final Set<State> failed = new HashSet<>();
    private final List<Fill> fills = new ArrayList<>();
    private int[] need = {};
    private int[] free = {};
    private WorkBudget work = new WorkBudget(0);

    /**
     * @param fit what fits into a bin of each kind
     * @param bins how many there are of each kind
     * @param size of each item, whose counts are asked in this order; the largest are packed first
     */
    BinCompletion(BinFit[] fit, int[] bins, double[] size) {
        this.fit = fit;
        this.bins = bins;
        this.alone = new int[size.length][bins.length];
        for (int kind = 0; kind < bins.length; kind++) {
            for (int i = 0; i < size.length; i++) {
                alone[i][kind] = fit[kind].alone(i);
            }
        }
        this.order = largestFirst(size);
    }

    static int[] largestFirst(double[] size) {
        Integer[] sorted = new Integer[size.length];
        Arrays.setAll(sorted, i -> i);
        Arrays.sort(sorted, (a, b) -> size[a] != size[b] ? Double.compare(size[b], size[a]) : Integer.compare(a, b));
        return Arrays.stream(sorted).mapToInt(Integer::intValue).toArray();
    }

    /** Whether what is left to pack is proven not to fit into the bins left, cheaply. */
    abstract boolean refuted(int[] left, int[] binsLeft);

    /** The same at length; false also when the work budget ends first, which the budget then tells. */
    boolean refutedAtLength(int[] left, int[] binsLeft, WorkBudget within) {
        return false;
    }

    /** Whether so many fit; false also when the work budget ends first, which the budget then tells. */
    final boolean complete(int[] replicas, WorkBudget within) {
        need = replicas.clone();
        free = bins.clone();
        work = within;
        fills.clear();
        return close();
    }

    /** One per bin used, after {@link #complete} said yes. */
    final List<Fill> fills() {
        return fills;
    }

    /** The most replicas of one item that all bins hold without any other. */
    final int alone(int item) {
        int sum = 0;
        for (int kind = 0; kind < bins.length; kind++) {
            sum += bins[kind] * alone[item][kind];
        }
        return sum;
    }

    private boolean close() {
        int hardest = -1;
        for (int item : order) {
            if (need[item] > 0) {
                hardest = item;
                break;
            }
        }
        if (hardest < 0) {
            return true;
        }
        if (!work.spend() || hopeless()) {
            return false;
        }
        if (refuted(need, free)) {
            return false;
        }
        State state = new State(need.clone(), free.clone());
        if (failed.contains(state)) {
            return false;
        }
        boolean last = Arrays.stream(free).sum() == 1;
        if (!last && refutedAtLength(need, free, work)) {
            if (!work.exhausted()) {
                remember(state);
            }
            return false;
        }
        for (int kind = 0; kind < free.length; kind++) {
            if (free[kind] == 0 || alone[hardest][kind] == 0) {
                continue;
            }
            free[kind]--;
            boolean done = last ? all(kind) : fill(kind, hardest, 0, new int[need.length]);
            free[kind]++;
            if (done) {
                return true;
            }
            if (work.exhausted()) {
                return false;
            }
        }
        remember(state);
        return false;
    }

    private void remember(State state) {
        if (failed.size() == MOST_FAILED) {
            failed.clear();
        }
        failed.add(state);
    }

    private boolean all(int kind) {
        boolean fits = fit[kind].fits(need, work);
        if (fits) {
            fills.add(new Fill(kind, need.clone()));
        }
        return fits;
    }

    /** Chooses how many of each shape from {@code order[position]} on join the open domain, most first. */
    private boolean fill(int kind, int hardest, int position, int[] counts) {
        if (position == order.length) {
            return maximal(kind, counts) && descend(kind, counts);
        }
        int item = order[position];
        int least = Math.max(item == hardest ? 1 : 0, unavoidable(item));
        counts[item] = Math.min(need[item], alone[item][kind]);
        while (counts[item] > 0 && !fit[kind].fits(counts, work)) {
            if (work.exhausted()) {
                return false;
            }
            counts[item]--;
        }
        for (; counts[item] >= least; counts[item]--) {
            if (fill(kind, hardest, position + 1, counts)) {
                return true;
            }
            if (work.exhausted() || position == order.length - 1) {
                break;
            }
        }
        counts[item] = 0;
        return false;
    }

    /** Replicas of a shape that the other domains left could not take, however empty. */
    private int unavoidable(int item) {
        int left = need[item];
        for (int kind = 0; kind < free.length; kind++) {
            left -= free[kind] * alone[item][kind];
        }
        return Math.max(0, left);
    }

    private boolean maximal(int kind, int[] counts) {
        for (int item = 0; item < counts.length; item++) {
            if (counts[item] < Math.min(need[item], alone[item][kind])) {
                counts[item]++;
                boolean more = fit[kind].fits(counts, work);
                counts[item]--;
                if (more) {
                    return false;
                }
            }
        }
        return true;
    }

    private boolean descend(int kind, int[] counts) {
        if (!work.spend()) {
            return false;
        }
        int[] filled = counts.clone();
        for (int item = 0; item < need.length; item++) {
            need[item] -= filled[item];
        }
        fills.add(new Fill(kind, filled));
        if (close()) {
            return true;
        }
        fills.remove(fills.size() - 1);
        for (int item = 0; item < need.length; item++) {
            need[item] += filled[item];
        }
        return false;
    }

    private boolean hopeless() {
        for (int item = 0; item < need.length; item++) {
            if (unavoidable(item) > 0) {
                return true;
            }
        }
        return false;
    }
}
