package dev.scepsy.planner.placement;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Exact packing of groups that share their GPUs: bin completion whose bins are whole domains.
 *
 * <p>Take the shape left that fills most of a domain, and for each kind of domain that can hold it close one such domain
 * with every <em>maximal</em> set of replicas that contains it; what would still fit can be moved in from another domain
 * without hurting it. {@link DomainFit} says what fits into a domain. What is left is cut by the inequalities of
 * {@link PackingCuts}: those known, and once a question takes long, those made for what is left. States that failed
 * (replicas left, domains left) are remembered, from one question about the same shapes to the next. Not thread-safe.
 */
final class DomainPacking {

    /** A replica and its GPUs, by their places in the sorted {@link DomainState}. */
    record Group(int shape, int[] gpus) {}

    /** A domain of the kind and all that stands in it. */
    record Filled(int kind, List<Group> groups) {}

    private record Fill(int kind, int[] replicas) {}

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

    /** A question that took so many steps has a programme solved at every state. */
    private static final long STEPS_WITHOUT_PROGRAMMES = 1_000;

    private final DomainFit[] fit;
    private final GpuBins bins;
    private final PackingCuts.ByCaps cutsByCaps;
    private final int[][] alone;
    private final int[] order;
    private final int[] domains;
    private final Set<State> failed = new HashSet<>();
    private final List<Fill> fills = new ArrayList<>();
    private int[] need = {};
    private int[] free = {};
    private @Nullable PackingCuts cuts;
    private WorkBudget work = new WorkBudget(0);

    /** @param items shapes; counts are asked in their order */
    DomainPacking(Shapes shapes, DomainKinds kinds, int[] items) {
        this.domains = new int[kinds.size()];
        this.bins = new GpuBins(shapes, kinds, items);
        this.cutsByCaps = new PackingCuts.ByCaps(
                bins, Arrays.stream(items).map(shapes::tensorParallel).toArray());
        this.fit = new DomainFit[kinds.size()];
        this.alone = new int[items.length][kinds.size()];
        for (int kind = 0; kind < domains.length; kind++) {
            domains[kind] = kinds.count(kind);
            fit[kind] = new DomainFit(shapes, kinds, kind, items);
            for (int i = 0; i < items.length; i++) {
                alone[i][kind] = fit[kind].alone(i);
            }
        }
        double[] size = new double[items.length];
        Integer[] sorted = new Integer[items.length];
        for (int i = 0; i < items.length; i++) {
            sorted[i] = i;
            long compute = shapes.compute(items[i]);
            size[i] = (double) shapes.tensorParallel(items[i])
                    * Math.max(
                            (double) compute / shapes.computePerGpu(),
                            (double) shapes.memory(items[i])
                                    / Math.max(
                                            1,
                                            shapes.memoryPerGpu(
                                                    shapes.get(items[i]).gpu())));
        }
        Arrays.sort(sorted, (a, b) -> size[a] != size[b] ? Double.compare(size[b], size[a]) : Integer.compare(a, b));
        this.order = Arrays.stream(sorted).mapToInt(Integer::intValue).toArray();
    }

    /** Whether so many fit; false also when the work budget ends first, which the budget then tells. */
    boolean solve(int[] replicas, WorkBudget within) {
        need = replicas.clone();
        free = domains.clone();
        work = within;
        fills.clear();
        cuts = cutsByCaps.of(replicas).orElse(null);
        if (cuts != null) {
            int[] shards = cutsByCaps.shards(replicas);
            int[] gpus = bins.inAll(domains);
            if (cuts.refuted(shards, gpus)) {
                return false;
            }
            if (!work.spend(PackingCuts.STEPS) || cuts.refute(shards, gpus)) {
                return false;
            }
        }
        return close();
    }

    /** One per domain used, after {@link #solve} said yes. */
    List<Filled> packing() {
        return fills.stream()
                .map(fill -> new Filled(fill.kind(), fit[fill.kind()].groups(fill.replicas())))
                .toList();
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
        if (cuts != null && cuts.refuted(cutsByCaps.shards(need), bins.inAll(free))) {
            return false;
        }
        State state = new State(need.clone(), free.clone());
        if (failed.contains(state)) {
            return false;
        }
        boolean last = Arrays.stream(free).sum() == 1;
        if (!last && cuts != null && work.spent() > STEPS_WITHOUT_PROGRAMMES) {
            if (!work.spend(PackingCuts.STEPS)) {
                return false;
            }
            if (cuts.refute(cutsByCaps.shards(need), bins.inAll(free))) {
                remember(state);
                return false;
            }
        }
        for (int kind = 0; kind < free.length; kind++) {
            if (free[kind] == 0 || alone[hardest][kind] == 0) {
                continue;
            }
            free[kind]--;
            boolean done = last ? all(kind) : complete(kind, hardest, 0, new int[need.length]);
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
    private boolean complete(int kind, int hardest, int position, int[] counts) {
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
            if (complete(kind, hardest, position + 1, counts)) {
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
