package dev.scepsy.planner.search.price;

import dev.scepsy.planner.search.choice.Choice;
import dev.scepsy.planner.search.choice.ChoiceSpace;
import dev.scepsy.planner.search.choice.LimitTable;
import dev.scepsy.planner.search.choice.SpaceShape;
import dev.scepsy.planner.topology.HostResource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;

/**
 * Chooses the worths w whose {@link KnapsackRelaxation} tables bound a search: the plain sums (compute, memory, each GPU type),
 * and dual feasible functions of them, which know that two shards of 0.6 never share a GPU and that a domain of four
 * holds one group of three. Each is checked against true patterns by {@link PricingProblem}, so any w would be valid; the
 * ones with the best bound at the root are kept.
 *
 * <p>Dual feasible functions: u_k(x) = x where (k+1)·x is whole, else ⌊(k+1)·x⌋/k (Fekete and Schepers 2001), here for
 * k = 1, 2, 3 of compute and of memory.
 */
public final class ValidInequalities {

    private final ChoiceSpace space;
    private final List<List<Choice>> choices;
    private final PricingProblem patterns;
    private final boolean memoryBinds;

    private ValidInequalities(ChoiceSpace space, List<List<Choice>> choices) {
        this.space = space;
        this.choices = choices;
        boolean[] kept = new boolean[space.shapes().size()];
        choices.forEach(ofModel -> ofModel.forEach(choice -> kept[choice.shape().index()] = true));
        this.patterns = new PricingProblem(space, kept);
        this.memoryBinds = space.shapes().stream().anyMatch(shape -> shape.memory() > 0);
    }

    /** The plain sums and the limitTables, which prune where nothing else applies. */
    public static List<KnapsackRelaxation> plain(
            ChoiceSpace space, List<List<Choice>> choices, List<LimitTable> limitTables) {
        ValidInequalities inequalities = new ValidInequalities(space, choices);
        return inequalities.plain(limitTables);
    }

    /** The plain sums and the best of their dual feasible functions. */
    public static List<KnapsackRelaxation> withFunctions(
            ChoiceSpace space, List<List<Choice>> choices, List<LimitTable> limitTables) {
        ValidInequalities inequalities = new ValidInequalities(space, choices);
        List<KnapsackRelaxation> kept = new ArrayList<>(inequalities.plain(limitTables));
        List<KnapsackRelaxation> functions = new ArrayList<>(inequalities.tables(inequalities.functions()));
        functions.sort(Comparator.comparingDouble(KnapsackRelaxation::bound).reversed());
        kept.addAll(functions.subList(0, Math.min(PriceConstants.FUNCTIONS_KEPT, functions.size())));
        return kept;
    }

    /** One more, at the prices of patterns; dearer to find than all others together, for searches that turn out long. */
    public static List<KnapsackRelaxation> withPrices(
            ChoiceSpace space, List<List<Choice>> choices, List<LimitTable> limitTables) {
        List<KnapsackRelaxation> all = new ArrayList<>(withFunctions(space, choices, limitTables));
        if (all.isEmpty() || refute(all) || choices.stream().anyMatch(List::isEmpty)) {
            return all;
        }
        ValidInequalities inequalities = new ValidInequalities(space, choices);
        double[] prices = new LagrangianDual(space, choices, inequalities.patterns)
                .from(inequalities.mixtures(), PriceConstants.ASCENT_STEPS);
        all.addAll(inequalities.tables(List.of(prices)));
        return all;
    }

    /** Worths to start prices from. */
    public static List<double[]> starts(ChoiceSpace space, List<List<Choice>> choices) {
        return new ValidInequalities(space, choices).mixtures();
    }

    /** All worths, and those between compute and each of the others. */
    private List<double[]> mixtures() {
        List<double[]> all = new ArrayList<>(sums());
        all.addAll(functions());
        List<double[]> mixtures = new ArrayList<>(all);
        double gpu = space.units().computePerGpu();
        for (int i = 1; i < all.size(); i++) {
            double[] mixture = new double[space.shapes().size()];
            for (int s = 0; s < mixture.length; s++) {
                mixture[s] = all.get(0)[s] / gpu + all.get(i)[s];
            }
            mixtures.add(mixture);
        }
        return mixtures;
    }

    private List<KnapsackRelaxation> plain(List<LimitTable> limitTables) {
        List<KnapsackRelaxation> tables = new ArrayList<>(tables(sums()));
        tables.addAll(hostSums());
        for (LimitTable budget : limitTables) {
            if (budget.capacity() > 0) {
                tables.add(KnapsackRelaxation.of(choices, budget));
            }
        }
        return tables;
    }

    /** What engines take of nodes beside GPUs, per GPU type and resource, where every node of the type limits it. */
    private List<KnapsackRelaxation> hostSums() {
        List<KnapsackRelaxation> tables = new ArrayList<>();
        if (!space.hostUnits().bind()) {
            return tables;
        }
        Set<String> types = new TreeSet<>();
        space.kinds().forEach(kind -> types.add(kind.gpu()));
        for (String type : types) {
            for (HostResource resource : HostResource.values()) {
                OptionalDouble given = space.hostGiven(type, resource);
                double[] worth =
                        each(shape -> shape.shape().gpu().equals(type) ? (double) shape.host()[resource.ordinal()] : 0);
                if (given.isPresent()
                        && given.getAsDouble() > 0
                        && Arrays.stream(worth).anyMatch(w -> w > 0)) {
                    tables.add(KnapsackRelaxation.of(choices, worth, given.getAsDouble()));
                }
            }
        }
        return tables;
    }

    private List<KnapsackRelaxation> tables(List<double[]> worths) {
        List<KnapsackRelaxation> tables = new ArrayList<>();
        for (double[] worth : worths) {
            double value = patterns.best(worth).value();
            if (value > 0) {
                tables.add(KnapsackRelaxation.of(choices, worth, value));
            }
        }
        return tables;
    }

    private List<double[]> sums() {
        List<double[]> sums = new ArrayList<>();
        sums.add(each(SpaceShape::replicaCompute));
        if (memoryBinds) {
            sums.add(each(shape -> shape.tensorParallel() * memoryShare(shape)));
        }
        Set<String> types = new TreeSet<>();
        space.kinds().forEach(kind -> types.add(kind.gpu()));
        if (types.size() > 1) {
            for (String type : types) {
                sums.add(each(shape -> shape.shape().gpu().equals(type) ? shape.replicaCompute() : 0));
            }
        }
        return sums;
    }

    private List<double[]> functions() {
        List<double[]> worths = new ArrayList<>();
        long gpu = space.units().computePerGpu();
        if (memoryBinds) {
            worths.add(each(
                    shape -> shape.tensorParallel() * Math.max((double) shape.compute() / gpu, memoryShare(shape))));
        }
        for (int k = 1; k <= PriceConstants.MOST_DEGREE; k++) {
            int degree = k;
            worths.add(each(shape -> shape.tensorParallel() * dualFeasible(shape.compute(), gpu, degree)));
            if (memoryBinds) {
                worths.add(each(shape -> shape.tensorParallel()
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
            worths.add(each(shape ->
                    (double) shape.compute() / gpu * largestDomain / (largestDomain / shape.tensorParallel())));
            worths.add(each(
                    shape -> shape.tensorParallel() == 1 ? 0 : dualFeasible(shape.tensorParallel(), largestDomain, 1)));
        }
        return worths;
    }

    private double[] each(ToDoubleFunction<SpaceShape> worth) {
        return space.shapes().stream().mapToDouble(worth).toArray();
    }

    private double memoryShare(SpaceShape shape) {
        long capacity = space.units().memoryPerGpu(shape.shape().gpu());
        return capacity == 0 ? 0 : (double) shape.memory() / capacity;
    }

    private static double dualFeasible(long part, long whole, int k) {
        if (whole == 0) {
            return 0;
        }
        return (k + 1) * part % whole == 0 ? (double) part / whole : (double) ((k + 1) * part / whole) / k;
    }

    /** Whether all tables agree that nothing fits. */
    public static boolean refute(List<KnapsackRelaxation> relaxations) {
        return relaxations.stream().anyMatch(relaxation -> Double.isInfinite(relaxation.bound()));
    }

    /** The largest bound that one of them gives for all models together. */
    public static double bound(List<KnapsackRelaxation> relaxations) {
        return relaxations.stream().mapToDouble(KnapsackRelaxation::bound).max().orElse(0);
    }
}
