package dev.scepsy.planner.search;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Chooses the worths w whose {@link Surrogate} tables bound a search: the plain sums (compute, memory, each GPU type),
 * and dual feasible functions of them, which know that two shards of 0.6 never share a GPU and that a domain of four
 * holds one group of three. Each is checked against true patterns by {@link PatternPrices}, so any w would be valid; the
 * ones with the best bound at the root are kept.
 *
 * <p>Dual feasible functions: u_k(x) = x where (k+1)·x is whole, else ⌊(k+1)·x⌋/k (Fekete and Schepers 2001), here for
 * k = 1, 2, 3 of compute and of memory.
 */
final class Inequalities {

    private static final int MOST_KEPT = 6;
    private static final int PRICE_ROUNDS = 1;
    private static final int PRICE_STEPS = 200;

    private Inequalities() {}

    static List<Surrogate> of(ChoiceSpace space, List<List<Choice>> choices) {
        PatternPrices patterns = patterns(space, choices);
        List<Surrogate> all = new ArrayList<>();
        for (double[] worth : worths(space)) {
            double value = patterns.best(worth).value();
            if (value > 0) {
                all.add(new Surrogate(choices, worth, value));
            }
        }
        List<Surrogate> best = new ArrayList<>(all);
        best.sort(Comparator.comparingDouble(Surrogate::bound).reversed());
        Set<Integer> keptPositions = new TreeSet<>();
        // the plain sums stay: they prune where nothing else applies
        keptPositions.add(0);
        for (Surrogate surrogate : best.subList(0, Math.min(MOST_KEPT, best.size()))) {
            keptPositions.add(all.indexOf(surrogate));
        }
        return keptPositions.stream()
                .filter(position -> position < all.size())
                .map(all::get)
                .toList();
    }

    /** One more, at the prices of patterns; dearer to find than all others together, for searches that turn out long. */
    static List<Surrogate> withPrices(ChoiceSpace space, List<List<Choice>> choices, List<Surrogate> all) {
        List<Surrogate> priced = new ArrayList<>(all);
        if (all.isEmpty() || refute(all) || choices.stream().anyMatch(List::isEmpty)) {
            return priced;
        }
        PatternPrices patterns = patterns(space, choices);
        double[] start = all.stream()
                .max(Comparator.comparingDouble(Surrogate::bound))
                .orElseThrow()
                .worthPerReplica();
        PriceAscent ascent = new PriceAscent(space, choices, patterns);
        for (int round = 0; round < PRICE_ROUNDS; round++) {
            double[] prices = ascent.from(round == 0 ? start : all.get(0).worthPerReplica(), PRICE_STEPS);
            double value = patterns.best(prices).value();
            if (value > 0) {
                priced.add(new Surrogate(choices, prices, value));
            }
        }
        return priced;
    }

    private static PatternPrices patterns(ChoiceSpace space, List<List<Choice>> choices) {
        boolean[] kept = new boolean[space.shapes().size()];
        choices.forEach(ofModel -> ofModel.forEach(choice -> kept[choice.shape().index()] = true));
        return new PatternPrices(space, kept);
    }

    private static List<double[]> worths(ChoiceSpace space) {
        List<double[]> worths = new ArrayList<>();
        double gpu = space.units().computePerGpu();
        worths.add(each(space, shape -> shape.replicaCompute()));
        boolean memoryBinds = space.shapes().stream().anyMatch(shape -> shape.memory() > 0);
        if (memoryBinds) {
            worths.add(each(space, shape -> shape.tensorParallel() * memoryShare(space, shape)));
            worths.add(each(
                    space,
                    shape -> shape.tensorParallel() * Math.max(shape.compute() / gpu, memoryShare(space, shape))));
        }
        Set<String> types = new TreeSet<>();
        space.kinds().forEach(kind -> types.add(kind.gpu()));
        if (types.size() > 1) {
            for (String type : types) {
                worths.add(each(space, shape -> shape.shape().gpu().equals(type) ? shape.replicaCompute() : 0));
            }
        }
        for (int k = 1; k <= 3; k++) {
            int degree = k;
            worths.add(
                    each(space, shape -> shape.tensorParallel() * dualFeasible(shape.compute(), (long) gpu, degree)));
            if (memoryBinds) {
                worths.add(each(
                        space,
                        shape -> shape.tensorParallel()
                                * dualFeasible(
                                        shape.memory(),
                                        space.units().memoryPerGpu(shape.shape().gpu()),
                                        degree)));
            }
        }
        int widest = space.shapes().stream()
                .mapToInt(SpaceShape::tensorParallel)
                .max()
                .orElse(1);
        int largestDomain = space.kinds().stream()
                .mapToInt(ChoiceSpace.DomainKind::gpus)
                .max()
                .orElse(1);
        if (widest > 1) {
            // a group is worth the part of a domain it really blocks
            worths.add(each(
                    space,
                    shape -> shape.tensorParallel() > largestDomain
                            ? 0
                            : (shape.compute() / gpu) * largestDomain / (largestDomain / shape.tensorParallel())));
            // two shards fill a GPU, three half-domains never fit one domain
            worths.add(each(
                    space,
                    shape -> shape.tensorParallel() == 1 ? 0 : dualFeasible(shape.tensorParallel(), largestDomain, 1)));
        }
        return worths;
    }

    private interface Worth {
        double of(SpaceShape shape);
    }

    private static double[] each(ChoiceSpace space, Worth worth) {
        return space.shapes().stream().mapToDouble(worth::of).toArray();
    }

    private static double memoryShare(ChoiceSpace space, SpaceShape shape) {
        long capacity = space.units().memoryPerGpu(shape.shape().gpu());
        return capacity == 0 ? 0 : (double) shape.memory() / capacity;
    }

    static double dualFeasible(long part, long whole, int k) {
        if (whole == 0) {
            return 0;
        }
        return (k + 1) * part % whole == 0 ? (double) part / whole : (double) ((k + 1) * part / whole) / k;
    }

    /** Whether all tables agree that nothing fits. */
    static boolean refute(List<Surrogate> surrogates) {
        return surrogates.stream().anyMatch(surrogate -> Double.isInfinite(surrogate.bound()));
    }

    static double bound(List<Surrogate> surrogates) {
        return surrogates.stream().mapToDouble(Surrogate::bound).max().orElse(0);
    }
}
