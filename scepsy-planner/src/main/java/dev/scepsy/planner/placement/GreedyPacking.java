package dev.scepsy.planner.placement;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Quick sufficient test: groups best-fit decreasing over counted domains, then shards first-fit decreasing over counted
 * GPUs, a whole run of equally filled GPUs at a time. Cost does not grow with the number of equal nodes or replicas. A
 * no proves nothing.
 */
final class GreedyPacking {

    /** {@code replicas} groups, one upon another, on untouched GPUs of a domain that has {@code untouched} of them. */
    record Stack(int shape, int kind, int untouched, int replicas) {}

    /** What was done, in order; a GPU step stands for {@code repeats} equal ones. */
    record Steps(List<Stack> stacks, List<ExactPacking.GpuStep> gpus, List<Integer> repeats) {}

    private record Bins(int sharingKind, long compute, long memory, int count) {}

    private final Shapes shapes;
    private final DomainKinds kinds;
    private final long memoryPerGpu;
    private final List<Stack> stacks = new ArrayList<>();
    private final List<ExactPacking.GpuStep> gpuSteps = new ArrayList<>();
    private final List<Integer> gpuRepeats = new ArrayList<>();

    GreedyPacking(Shapes shapes, DomainKinds kinds, long memoryPerGpu) {
        this.shapes = shapes;
        this.kinds = kinds;
        this.memoryPerGpu = memoryPerGpu;
    }

    /** What {@link #fits} did, after it said yes. */
    Steps steps() {
        return new Steps(stacks, gpuSteps, gpuRepeats);
    }

    boolean fits(int[] items, int[] replicas) {
        Integer[] order = new Integer[items.length];
        for (int i = 0; i < order.length; i++) {
            order[i] = i;
        }
        double compute = shapes.computePerGpu();
        double memory = Math.max(1, memoryPerGpu);
        Arrays.sort(order, (a, b) -> {
            int byWidth = Integer.compare(shapes.tensorParallel(items[b]), shapes.tensorParallel(items[a]));
            if (byWidth != 0) {
                return byWidth;
            }
            double sizeA = Math.max(shapes.compute(items[a]) / compute, shapes.memory(items[a]) / memory);
            double sizeB = Math.max(shapes.compute(items[b]) / compute, shapes.memory(items[b]) / memory);
            return sizeA != sizeB ? Double.compare(sizeB, sizeA) : Integer.compare(a, b);
        });
        int[][] byFree = new int[kinds.size()][];
        for (int kind = 0; kind < byFree.length; kind++) {
            byFree[kind] = new int[kinds.gpus(kind) + 1];
            byFree[kind][kinds.untouched(kind)] = kinds.count(kind);
        }
        List<Bins> bins = new ArrayList<>();
        for (int kind = 0; kind < byFree.length; kind++) {
            begun(kind, bins);
        }
        int position = 0;
        for (; position < order.length && shapes.tensorParallel(items[order[position]]) > 1; position++) {
            if (!groups(items[order[position]], replicas[order[position]], byFree, bins)) {
                return false;
            }
        }
        for (int kind = 0; kind < byFree.length; kind++) {
            int free = 0;
            for (int gpus = 1; gpus < byFree[kind].length; gpus++) {
                free += gpus * byFree[kind][gpus];
            }
            if (free > 0) {
                bins.add(new Bins(kinds.sharingKind(kind), shapes.computePerGpu(), memoryPerGpu, free));
            }
        }
        int[] shardItems = new int[order.length - position];
        int[] need = new int[shardItems.length];
        for (int i = 0; i < shardItems.length; i++) {
            shardItems[i] = items[order[position + i]];
            need[i] = replicas[order[position + i]];
        }
        return shards(shardItems, need, bins);
    }

    /** GPUs that others hold in part take single shards. */
    private void begun(int kind, List<Bins> bins) {
        DomainState state = kinds.state(kind);
        for (int gpu = 0; gpu < state.gpus(); gpu++) {
            if (state.compute()[gpu] > 0 && state.compute()[gpu] < shapes.computePerGpu()) {
                bins.add(new Bins(
                        kinds.sharingKind(kind), state.compute()[gpu], state.memory()[gpu], kinds.count(kind)));
            }
        }
    }

    private boolean groups(int shape, int replicas, int[][] byFree, List<Bins> bins) {
        int width = shapes.tensorParallel(shape);
        long stack = shapes.computePerGpu() / shapes.compute(shape);
        if (shapes.memory(shape) > 0) {
            stack = Math.min(stack, memoryPerGpu / shapes.memory(shape));
        }
        int left = replicas;
        while (left > 0) {
            int bestKind = -1;
            int bestFree = Integer.MAX_VALUE;
            for (int kind = 0; kind < byFree.length; kind++) {
                if (!shapes.fits(shape, kinds.example(kind))) {
                    continue;
                }
                for (int free = width; free < byFree[kind].length && free < bestFree; free++) {
                    if (byFree[kind][free] > 0) {
                        bestKind = kind;
                        bestFree = free;
                    }
                }
            }
            if (bestKind < 0) {
                return false;
            }
            int here = (int) Math.min(left, stack);
            stacks.add(new Stack(shape, bestKind, bestFree, here));
            byFree[bestKind][bestFree]--;
            byFree[bestKind][bestFree - width]++;
            long computeLeft = shapes.computePerGpu() - here * shapes.compute(shape);
            long memoryLeft = memoryPerGpu - here * shapes.memory(shape);
            if (computeLeft > 0) {
                bins.add(new Bins(kinds.sharingKind(bestKind), computeLeft, memoryLeft, width));
            }
            left -= here;
        }
        return true;
    }

    private boolean shards(int[] items, int[] need, List<Bins> bins) {
        int sharings = kinds.sharingKinds();
        boolean[][] allowed = new boolean[items.length][sharings];
        int[] homes = new int[sharings];
        for (int i = 0; i < items.length; i++) {
            for (int sharing = 0; sharing < sharings; sharing++) {
                allowed[i][sharing] =
                        kinds.sharing(sharing).allows(shapes.get(items[i]).gpuFraction());
                homes[sharing] += allowed[i][sharing] ? 1 : 0;
            }
        }
        // the pickiest GPUs, and those already begun, first: shards that can go elsewhere still can
        bins.sort((a, b) -> {
            int byHomes = Integer.compare(homes[a.sharingKind], homes[b.sharingKind]);
            return byHomes != 0 ? byHomes : Long.compare(a.compute, b.compute);
        });
        int[] counts = new int[items.length];
        for (Bins run : bins) {
            int gpus = run.count;
            while (gpus > 0) {
                long computeLeft = run.compute;
                long memoryLeft = run.memory;
                int repeats = gpus;
                boolean any = false;
                for (int i = 0; i < items.length; i++) {
                    counts[i] = 0;
                    if (need[i] == 0 || !allowed[i][run.sharingKind]) {
                        continue;
                    }
                    long count = Math.min(need[i], computeLeft / shapes.compute(items[i]));
                    if (shapes.memory(items[i]) > 0) {
                        count = Math.min(count, memoryLeft / shapes.memory(items[i]));
                    }
                    if (count > 0) {
                        counts[i] = (int) count;
                        computeLeft -= count * shapes.compute(items[i]);
                        memoryLeft -= count * shapes.memory(items[i]);
                        repeats = Math.min(repeats, need[i] / counts[i]);
                        any = true;
                    }
                }
                if (!any) {
                    break;
                }
                for (int i = 0; i < items.length; i++) {
                    need[i] -= repeats * counts[i];
                }
                gpuSteps.add(new ExactPacking.GpuStep(run.sharingKind, run.compute, run.memory, items, counts.clone()));
                gpuRepeats.add(repeats);
                gpus -= repeats;
            }
        }
        for (int left : need) {
            if (left > 0) {
                return false;
            }
        }
        return true;
    }
}
