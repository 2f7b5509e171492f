package dev.scepsy.planner.placement;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Whether so many replicas of each shape fit into one domain, groups and single shards alike.
 *
 * <p>Groups need no search of their own: r groups of t different GPUs can be formed of given shards exactly when there
 * are r·t of them and no GPU holds more than r (Gale 1957, Ryser 1957); dealing the shards out GPU by GPU, round robin,
 * forms them. So a domain is {@link ShardPacking} with at most r shards of a shape per GPU. Not thread-safe.
 */
final class DomainFit extends RememberedFit {

    private final int[] items;
    private final long[] compute;
    private final long[] memory;
    private final int[] width;
    private final boolean[] hosted;
    private final DomainState state;
    private final long[] binCompute;
    private final long[] binMemory;
    private final int[] free;
    private final int[] firstGpu;
    private final boolean[][] allowed;
    private final long computeInAll;
    private final long memoryInAll;

    /** @param items shapes; counts are asked in their order */
    DomainFit(Shapes shapes, DomainKinds kinds, int kind, int[] items) {
        this.items = items;
        this.state = kinds.state(kind);
        this.compute = Arrays.stream(items).mapToLong(shapes::compute).toArray();
        this.memory = Arrays.stream(items).mapToLong(shapes::memory).toArray();
        this.width = Arrays.stream(items).map(shapes::tensorParallel).toArray();
        this.hosted = new boolean[items.length];
        int kindsOfGpu = 0;
        int[] first = new int[state.gpus() + 1];
        for (int gpu = 0; gpu < state.gpus(); gpu++) {
            if (gpu == 0 || !state.sameGpu(gpu, gpu - 1)) {
                first[kindsOfGpu++] = gpu;
            }
        }
        first[kindsOfGpu] = state.gpus();
        this.firstGpu = Arrays.copyOf(first, kindsOfGpu + 1);
        this.binCompute = new long[kindsOfGpu];
        this.binMemory = new long[kindsOfGpu];
        this.free = new int[kindsOfGpu];
        this.allowed = new boolean[items.length][kindsOfGpu];
        for (int bin = 0; bin < kindsOfGpu; bin++) {
            binCompute[bin] = state.compute()[firstGpu[bin]];
            binMemory[bin] = state.memory()[firstGpu[bin]];
            free[bin] = firstGpu[bin + 1] - firstGpu[bin];
        }
        for (int i = 0; i < items.length; i++) {
            hosted[i] = shapes.fits(items[i], kinds.example(kind));
            for (int bin = 0; bin < kindsOfGpu; bin++) {
                allowed[i][bin] = hosted[i] && compute[i] <= binCompute[bin] && memory[i] <= binMemory[bin];
            }
        }
        this.computeInAll = Arrays.stream(state.compute()).sum();
        this.memoryInAll = Arrays.stream(state.memory()).sum();
    }

    @Override
    public int alone(int item) {
        if (!hosted[item]) {
            return 0;
        }
        // r groups need r·t shards, at most r of them on one GPU
        long[] room = new long[state.gpus()];
        for (int gpu = 0; gpu < room.length; gpu++) {
            room[gpu] = state.compute()[gpu] / compute[item];
            if (memory[item] > 0) {
                room[gpu] = Math.min(room[gpu], state.memory()[gpu] / memory[item]);
            }
        }
        long replicas = Arrays.stream(room).sum() / width[item];
        while (replicas > 0) {
            long most = replicas;
            if (Arrays.stream(room).map(r -> Math.min(r, most)).sum() >= most * width[item]) {
                break;
            }
            replicas--;
        }
        return Math.toIntExact(replicas);
    }

    @Override
    boolean sumsFit(int[] replicas) {
        long computeLeft = computeInAll;
        long memoryLeft = memoryInAll;
        for (int i = 0; i < replicas.length; i++) {
            if (replicas[i] > 0 && !hosted[i]) {
                return false;
            }
            computeLeft -= (long) replicas[i] * width[i] * compute[i];
            memoryLeft -= (long) replicas[i] * width[i] * memory[i];
        }
        return computeLeft >= 0 && memoryLeft >= 0;
    }

    @Override
    boolean decide(int[] replicas, WorkBudget work) {
        return packing(replicas, work).isPresent();
    }

    private Optional<List<ShardPacking.Fill>> packing(int[] replicas, WorkBudget work) {
        int[] shards = new int[replicas.length];
        for (int i = 0; i < shards.length; i++) {
            shards[i] = replicas[i] * width[i];
        }
        ShardPacking packing =
                new ShardPacking(compute, memory, shards, binCompute, binMemory, free, allowed, replicas, work);
        return packing.solve() ? Optional.of(packing.fills()) : Optional.empty();
    }

    /** Where the counts stand, which fit: per group of each shape its GPUs, by their places in the sorted state. */
    List<DomainPacking.Group> groups(int[] replicas) {
        List<ShardPacking.Fill> fills = packing(replicas, new WorkBudget(Long.MAX_VALUE))
                .orElseThrow(() -> new IllegalStateException("What fitted once does not fit again."));
        List<List<List<Integer>>> gpusOfGroups = new ArrayList<>();
        for (int count : replicas) {
            List<List<Integer>> groups = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                groups.add(new ArrayList<>());
            }
            gpusOfGroups.add(groups);
        }
        int[] next = firstGpu.clone();
        int[] dealt = new int[replicas.length];
        for (ShardPacking.Fill fill : fills) {
            int gpu = next[fill.bin()]++;
            for (int i = 0; i < replicas.length; i++) {
                for (int shard = 0; shard < fill.counts()[i]; shard++) {
                    gpusOfGroups.get(i).get(dealt[i]++ % replicas[i]).add(gpu);
                }
            }
        }
        List<DomainPacking.Group> groups = new ArrayList<>();
        for (int i = 0; i < replicas.length; i++) {
            for (List<Integer> gpus : gpusOfGroups.get(i)) {
                groups.add(new DomainPacking.Group(
                        items[i],
                        gpus.stream().mapToInt(Integer::intValue).sorted().toArray()));
            }
        }
        return groups;
    }
}
