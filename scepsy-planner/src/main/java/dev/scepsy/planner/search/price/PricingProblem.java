package dev.scepsy.planner.search.price;

import dev.scepsy.planner.search.choice.ChoiceSpace;
import dev.scepsy.planner.search.choice.ChoiceSpace.DomainKind;
import dev.scepsy.planner.search.choice.SpaceShape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The most a cluster can hold when every replica of shape s is worth w_s: the sum over its domains of the best pattern.
 * Because every legal plan is one pattern per domain, Σ_s r_s·w_s ≤ V(w) holds for every legal plan and every w ≥ 0;
 * this is the inequality all bounds of the search are made of.
 *
 * <p>Best pattern of one GPU: a knapsack over compute units, with memory as a second dimension where it binds, in which
 * each model contributes shards of at most one of its shapes. Best pattern of a domain: its GPUs one by one, or t of
 * them for a group with f = 1. Groups with f &lt; 1 are relaxed to t single shards of w/t each. Grids above
 * {@value PriceConstants#MOST_UNITS} units are coarsened with shards rounded down, which can only raise V.
 */
public final class PricingProblem {

    /** V(w), and how many replicas of each shape the best patterns hold. */
    public record Best(double value, double[] replicas) {}

    private final ChoiceSpace space;
    private final boolean[] kept;
    private final List<List<SpaceShape>> exclusive;
    private final int[] compute;
    private final int units;

    /** @param kept shapes that may still be chosen; the others are left out of patterns */
    public PricingProblem(ChoiceSpace space, boolean[] kept) {
        this(
                space,
                kept,
                IntStream.range(0, space.models()).mapToObj(space::shapes).toList());
    }

    private PricingProblem(ChoiceSpace space, boolean[] kept, List<List<SpaceShape>> exclusive) {
        this.space = space;
        this.kept = kept;
        this.exclusive = exclusive;
        long perGpu = space.units().computePerGpu();
        this.units = (int) Math.min(perGpu, PriceConstants.MOST_UNITS);
        this.compute = new int[space.shapes().size()];
        for (SpaceShape shape : space.shapes()) {
            compute[shape.index()] = (int) (shape.compute() * units / perGpu);
        }
    }

    /** Patterns of nothing but {@code shapes}, any number of each whosesoever they are. */
    static PricingProblem ofAny(ChoiceSpace space, List<SpaceShape> shapes) {
        boolean[] kept = new boolean[space.shapes().size()];
        shapes.forEach(shape -> kept[shape.index()] = true);
        return new PricingProblem(
                space,
                kept,
                shapes.stream()
                        .filter(shape -> !shape.wholeGroup())
                        .map(List::of)
                        .toList());
    }

    /** The best patterns of all domains. */
    public Best best(double[] worth) {
        double value = 0;
        double[] replicas = new double[worth.length];
        for (int kind = 0; kind < space.kinds().size(); kind++) {
            value += domain(kind, worth, replicas);
        }
        return new Best(value, replicas);
    }

    /** The same of all domains of one kind alone. */
    public Best best(int kind, double[] worth) {
        double[] replicas = new double[worth.length];
        return new Best(domain(kind, worth, replicas), replicas);
    }

    private double domain(int kind, double[] worth, double[] replicas) {
        DomainKind domain = space.kinds().get(kind);
        Label gpu = gpu(kind, worth);
        double[] best = new double[domain.gpus() + 1];
        int[] by = new int[domain.gpus() + 1];
        for (int gpus = 1; gpus <= domain.gpus(); gpus++) {
            best[gpus] = best[gpus - 1] + gpu.value;
            by[gpus] = -1;
            for (SpaceShape shape : space.shapes()) {
                int width = shape.tensorParallel();
                if (kept[shape.index()]
                        && shape.wholeGroup()
                        && width <= gpus
                        && shape.hosts().get(kind)
                        && best[gpus - width] + worth[shape.index()] > best[gpus]) {
                    best[gpus] = best[gpus - width] + worth[shape.index()];
                    by[gpus] = shape.index();
                }
            }
        }
        for (int gpus = domain.gpus(); gpus > 0; ) {
            if (by[gpus] < 0) {
                for (Label at = gpu; at.before != null; at = at.before) {
                    int width = space.shapes().get(at.shape).tensorParallel();
                    replicas[at.shape] += (double) domain.count() * at.count / width;
                }
                gpus--;
            } else {
                replicas[by[gpus]] += domain.count();
                gpus -= space.shapes().get(by[gpus]).tensorParallel();
            }
        }
        return best[domain.gpus()] * domain.count();
    }

    private static final class Label {
        final long memory;
        final double value;
        final int shape;
        final long count;
        final @Nullable Label before;

        Label(long memory, double value, int shape, long count, @Nullable Label before) {
            this.memory = memory;
            this.value = value;
            this.shape = shape;
            this.count = count;
            this.before = before;
        }
    }

    /** Best pattern of one GPU in a domain of this kind, as a chain of labels. */
    private Label gpu(int kind, double[] worth) {
        String type = space.kinds().get(kind).gpu();
        long memoryPerGpu = space.units().memoryPerGpu(type);
        List<List<Label>> labels = new ArrayList<>();
        for (int used = 0; used <= units; used++) {
            labels.add(new ArrayList<>());
        }
        labels.get(0).add(new Label(0, 0, -1, 0, null));
        for (List<SpaceShape> shapes : exclusive) {
            addOneOf(shapes, kind, worth, memoryPerGpu, labels);
        }
        Label best = labels.get(0).get(0);
        for (List<Label> ofUnits : labels) {
            for (Label label : ofUnits) {
                best = label.value > best.value ? label : best;
            }
        }
        return best;
    }

    private void addOneOf(
            List<SpaceShape> shapes, int kind, double[] worth, long memoryPerGpu, List<List<Label>> labels) {
        for (int used = units; used >= 0; used--) {
            // extended from labels without these shapes only: those with fewer units are still untouched
            List<Label> additions = new ArrayList<>();
            for (SpaceShape shape : shapes) {
                double shardWorth = worth[shape.index()] / shape.tensorParallel();
                if (!kept[shape.index()]
                        || shape.wholeGroup()
                        || shardWorth <= 0
                        || !shape.hosts().get(kind)) {
                    continue;
                }
                int size = Math.max(1, compute[shape.index()]);
                for (int count = 1; count * size <= used; count++) {
                    long memory = count * shape.memory();
                    if (memory > memoryPerGpu && memory > 0) {
                        break;
                    }
                    for (Label from : labels.get(used - count * size)) {
                        if (from.memory + memory <= memoryPerGpu || memory == 0) {
                            additions.add(new Label(
                                    from.memory + memory, from.value + count * shardWorth, shape.index(), count, from));
                        }
                    }
                }
            }
            for (Label addition : additions) {
                join(labels.get(used), addition);
            }
            thin(labels, used);
        }
    }

    /** Keeps the labels that no other beats in both memory and value. */
    private static void join(List<Label> labels, Label addition) {
        for (Label label : labels) {
            if (label.memory <= addition.memory && label.value >= addition.value) {
                return;
            }
        }
        labels.removeIf(label -> addition.memory <= label.memory && addition.value >= label.value);
        labels.add(addition);
    }

    /** Too many labels: merges neighbours into one at least as good as both, so that V is never too small. */
    private static void thin(List<List<Label>> labels, int used) {
        List<Label> all = labels.get(used);
        if (all.size() <= PriceConstants.MOST_LABELS) {
            return;
        }
        Label[] sorted = all.toArray(Label[]::new);
        Arrays.sort(sorted, (a, b) -> Long.compare(a.memory, b.memory));
        List<Label> merged = new ArrayList<>();
        for (int i = 0; i + 1 < sorted.length; i += 2) {
            Label low = sorted[i];
            Label high = sorted[i + 1];
            merged.add(new Label(low.memory, high.value, high.shape, high.count, high.before));
        }
        if (sorted.length % 2 == 1) {
            merged.add(sorted[sorted.length - 1]);
        }
        labels.set(used, merged);
    }
}
