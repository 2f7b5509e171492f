package dev.scepsy.planner.placement;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Decides exactly whether replicas of one GPU type fit, and how.
 *
 * <p>Depth first over the tensor-parallel groups, widest first: each group goes into one representative of every
 * distinct domain state that can take it, onto every distinct choice of GPUs there. States are kept sorted, so that
 * interchangeable domains and GPUs are tried once, and no state is visited twice. When all groups stand, what is left
 * of the GPUs goes to {@link ShardPacking}; leftovers that failed there once are not tried again.
 */
final class ExactPacking {

    /** A group joining a domain in state {@code before}, on GPUs with {@code compute}/{@code memory} left. */
    record GroupStep(int shape, DomainState before, boolean[] chosen) {}

    /** A GPU of a way of sharing with so much left, and the shards it takes: counts beside {@code shapes}. */
    record GpuStep(int sharingKind, long computeLeft, long memoryLeft, int[] shapes, int[] counts) {}

    /** A complete arrangement, in the order it was built. */
    record Packing(List<GroupStep> groups, List<GpuStep> gpus) {}

    private record Visit(int item, int left, List<DomainState> domains) {}

    private record Gpu(int sharingKind, long compute, long memory) implements Comparable<Gpu> {
        @Override
        public int compareTo(Gpu other) {
            int bySharing = Integer.compare(sharingKind, other.sharingKind);
            if (bySharing != 0) {
                return bySharing;
            }
            int byCompute = Long.compare(compute, other.compute);
            return byCompute != 0 ? byCompute : Long.compare(memory, other.memory);
        }
    }

    private final Shapes shapes;
    private final DomainKinds kinds;
    private final WorkBudget work;
    private final List<Integer> groupShapes = new ArrayList<>();
    private final List<Integer> groupReplicas = new ArrayList<>();
    private final int[] shardShapes;
    private final int[] shardReplicas;
    private final Set<Visit> visited = new HashSet<>();
    private final Set<Map<Gpu, Integer>> failedLeftovers = new HashSet<>();
    private final List<GroupStep> groupSteps = new ArrayList<>();
    private final List<GpuStep> gpuSteps = new ArrayList<>();

    ExactPacking(Shapes shapes, DomainKinds kinds, int[] items, int[] replicas, WorkBudget work) {
        this.shapes = shapes;
        this.kinds = kinds;
        this.work = work;
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < items.length; i++) {
            order.add(i);
        }
        order.sort((a, b) -> {
            int byWidth = Integer.compare(shapes.tensorParallel(items[b]), shapes.tensorParallel(items[a]));
            return byWidth != 0 ? byWidth : Long.compare(shapes.compute(items[b]), shapes.compute(items[a]));
        });
        List<Integer> shards = new ArrayList<>();
        for (int i : order) {
            if (shapes.tensorParallel(items[i]) > 1) {
                groupShapes.add(items[i]);
                groupReplicas.add(replicas[i]);
            } else {
                shards.add(i);
            }
        }
        this.shardShapes = shards.stream().mapToInt(i -> items[i]).toArray();
        this.shardReplicas = shards.stream().mapToInt(i -> replicas[i]).toArray();
    }

    /** Whether all fits; false also when the work budget ends first, which the budget then tells. */
    boolean solve() {
        List<DomainState> domains = new ArrayList<>();
        for (int kind = 0; kind < kinds.size(); kind++) {
            domains.addAll(Collections.nCopies(kinds.count(kind), kinds.state(kind)));
        }
        Collections.sort(domains);
        return groups(0, groupReplicas.isEmpty() ? 0 : groupReplicas.get(0), domains);
    }

    /** The arrangement after {@link #solve} said yes. */
    Packing packing() {
        return new Packing(List.copyOf(groupSteps), List.copyOf(gpuSteps));
    }

    private boolean groups(int item, int left, List<DomainState> domains) {
        if (item == groupShapes.size()) {
            return shards(domains);
        }
        if (left == 0) {
            int next = item + 1;
            return groups(next, next < groupReplicas.size() ? groupReplicas.get(next) : 0, domains);
        }
        if (!work.spend() || hopeless(item, left, domains) || !visited.add(new Visit(item, left, domains))) {
            return false;
        }
        int shape = groupShapes.get(item);
        // sorted by what is left: the fullest domains first, which is best fit
        for (int i = 0; i < domains.size(); i++) {
            DomainState domain = domains.get(i);
            boolean seen = i > 0 && domains.get(i - 1).equals(domain);
            if (!seen
                    && shapes.fits(shape, kinds.example(domain.kind()))
                    && choose(item, left, domains, i, 0, shapes.tensorParallel(shape), new boolean[domain.gpus()])) {
                return true;
            }
        }
        return false;
    }

    /** Whether what is still to come exceeds what the GPUs that can take any of it have left. */
    private boolean hopeless(int item, int left, List<DomainState> domains) {
        long computeNeeded = 0;
        long memoryNeeded = 0;
        long leastCompute = Long.MAX_VALUE;
        long leastMemory = Long.MAX_VALUE;
        for (int i = item; i < groupShapes.size(); i++) {
            int shape = groupShapes.get(i);
            long shards = (long) (i == item ? left : groupReplicas.get(i)) * shapes.tensorParallel(shape);
            computeNeeded += shards * shapes.compute(shape);
            memoryNeeded += shards * shapes.memory(shape);
            leastCompute = Math.min(leastCompute, shapes.compute(shape));
            leastMemory = Math.min(leastMemory, shapes.memory(shape));
        }
        for (int i = 0; i < shardShapes.length; i++) {
            computeNeeded += shardReplicas[i] * shapes.compute(shardShapes[i]);
            memoryNeeded += shardReplicas[i] * shapes.memory(shardShapes[i]);
            leastCompute = Math.min(leastCompute, shapes.compute(shardShapes[i]));
            leastMemory = Math.min(leastMemory, shapes.memory(shardShapes[i]));
        }
        for (DomainState domain : domains) {
            for (int gpu = 0; gpu < domain.gpus(); gpu++) {
                if (domain.compute()[gpu] >= leastCompute && domain.memory()[gpu] >= leastMemory) {
                    computeNeeded -= domain.compute()[gpu];
                    memoryNeeded -= domain.memory()[gpu];
                }
            }
        }
        return computeNeeded > 0 || memoryNeeded > 0;
    }

    /** Chooses GPUs of domain {@code at} for one group: of equal GPUs always the first ones. */
    private boolean choose(
            int item, int left, List<DomainState> domains, int at, int from, int wanted, boolean[] chosen) {
        int shape = groupShapes.get(item);
        DomainState domain = domains.get(at);
        if (wanted == 0) {
            DomainState after = domain.with(chosen, shapes.compute(shape), shapes.memory(shape));
            List<DomainState> next = new ArrayList<>(domains);
            next.remove(at);
            int position = Collections.binarySearch(next, after);
            next.add(position < 0 ? -position - 1 : position, after);
            groupSteps.add(new GroupStep(shape, domain, chosen.clone()));
            if (groups(item, left - 1, next)) {
                return true;
            }
            groupSteps.remove(groupSteps.size() - 1);
            return false;
        }
        for (int gpu = from; gpu + wanted <= domain.gpus(); gpu++) {
            boolean twin = gpu > 0 && domain.sameGpu(gpu, gpu - 1) && !chosen[gpu - 1];
            if (twin || domain.compute()[gpu] < shapes.compute(shape) || domain.memory()[gpu] < shapes.memory(shape)) {
                continue;
            }
            chosen[gpu] = true;
            if (choose(item, left, domains, at, gpu + 1, wanted - 1, chosen)) {
                return true;
            }
            chosen[gpu] = false;
        }
        return false;
    }

    private boolean shards(List<DomainState> domains) {
        if (shardShapes.length == 0) {
            return true;
        }
        TreeMap<Gpu, Integer> leftover = new TreeMap<>();
        for (DomainState domain : domains) {
            for (int gpu = 0; gpu < domain.gpus(); gpu++) {
                if (domain.compute()[gpu] > 0) {
                    leftover.merge(
                            new Gpu(kinds.sharingKind(domain.kind()), domain.compute()[gpu], domain.memory()[gpu]),
                            1,
                            Integer::sum);
                }
            }
        }
        if (failedLeftovers.contains(leftover)) {
            return false;
        }
        List<Gpu> bins = List.copyOf(leftover.keySet());
        boolean[][] allowed = new boolean[shardShapes.length][bins.size()];
        for (int i = 0; i < shardShapes.length; i++) {
            for (int bin = 0; bin < bins.size(); bin++) {
                allowed[i][bin] = kinds.sharing(bins.get(bin).sharingKind())
                                .allows(shapes.get(shardShapes[i]).gpuFraction())
                        && shapes.compute(shardShapes[i]) <= bins.get(bin).compute()
                        && shapes.memory(shardShapes[i]) <= bins.get(bin).memory();
            }
        }
        ShardPacking packing = new ShardPacking(
                Arrays.stream(shardShapes).mapToLong(shapes::compute).toArray(),
                Arrays.stream(shardShapes).mapToLong(shapes::memory).toArray(),
                shardReplicas,
                bins.stream().mapToLong(Gpu::compute).toArray(),
                bins.stream().mapToLong(Gpu::memory).toArray(),
                leftover.values().stream().mapToInt(Integer::intValue).toArray(),
                allowed,
                work);
        if (!packing.solve()) {
            if (!work.exhausted()) {
                failedLeftovers.add(leftover);
            }
            return false;
        }
        for (ShardPacking.Fill fill : packing.fills()) {
            Gpu gpu = bins.get(fill.bin());
            gpuSteps.add(new GpuStep(gpu.sharingKind(), gpu.compute(), gpu.memory(), shardShapes, fill.counts()));
        }
        return true;
    }
}
