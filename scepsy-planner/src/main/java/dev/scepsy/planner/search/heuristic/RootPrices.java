package dev.scepsy.planner.search.heuristic;

import dev.scepsy.planner.search.choice.Choice;
import dev.scepsy.planner.search.choice.ChoiceConstants;
import dev.scepsy.planner.search.choice.ChoiceSpace;
import dev.scepsy.planner.search.choice.Limit;
import dev.scepsy.planner.search.choice.SpaceShape;
import dev.scepsy.planner.search.price.AggregatedMaster;
import dev.scepsy.planner.search.price.LagrangianDual;
import dev.scepsy.planner.search.price.Prices;
import dev.scepsy.planner.search.price.PricingProblem;
import dev.scepsy.planner.search.price.ValidInequalities;
import dev.scepsy.planner.topology.HostResource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Prices of replicas and limits for the whole problem, at which the Lagrangian bound is best: from the
 * {@link AggregatedMaster}, bettered by the {@link LagrangianDual}. Immutable.
 */
final class RootPrices {

    private final ChoiceSpace space;
    private final AggregatedMaster master;
    private final boolean solved;
    private final Prices prices;
    private final double bound;
    private final double capacity;

    /** @param choices at least as good as all that may be chosen; none of them empty */
    RootPrices(ChoiceSpace space, List<List<Choice>> choices, List<Limit> limits) {
        this.space = space;
        boolean[] kept = new boolean[space.shapes().size()];
        Arrays.fill(kept, true);
        PricingProblem patterns = new PricingProblem(space, kept);
        this.master = new AggregatedMaster(space, choices, limits);
        this.solved = master.solve();
        double limitsWorth = solved ? master.limitsWorth() : 0;
        LagrangianDual dual = new LagrangianDual(space, charged(choices, master.prices()), patterns);
        if (solved) {
            dual.offer(master.prices().ofReplicas());
        }
        double[] best = dual.from(ValidInequalities.starts(space, choices), HeuristicConstants.PRICE_STEPS);
        this.bound = Math.max(0, dual.bestValue() - limitsWorth);
        // where nothing is scarce prices are 0, and compute must still weigh against itself
        boolean nothingScarce = Arrays.stream(best).allMatch(price -> price == 0);
        this.capacity =
                nothingScarce ? Double.POSITIVE_INFINITY : patterns.best(best).value() + limitsWorth;
        this.prices = master.prices().with(nothingScarce ? perCompute() : best, 1, 1);
    }

    private double[] perCompute() {
        double gpu = space.units().computePerGpu();
        return space.shapes().stream()
                .mapToDouble(shape -> shape.replicaCompute() / gpu)
                .toArray();
    }

    private static List<List<Choice>> charged(List<List<Choice>> choices, Prices prices) {
        return choices.stream()
                .map(ofModel -> ofModel.stream()
                        .map(choice -> choice.withCost(choice.cost() + prices.ofLimits(choice)))
                        .toList())
                .toList();
    }

    Prices prices() {
        return prices;
    }

    /** What there is to take, at the prices; infinite where nothing is scarce. */
    double capacity() {
        return capacity;
    }

    /** No plan's choices cost less. */
    double bound() {
        return bound;
    }

    /** Whether the prices are those of the linear programme's optimum. */
    boolean converged() {
        return solved && master.converged();
    }

    /** Whether even patterns and limits leave room for no plan. */
    boolean outOfReach() {
        return converged() && master.exceeds();
    }

    /** Those of compute, beside the bound's and alone, and of nodes: what is not scarce at the optimum may be so at the least. */
    List<double[]> others() {
        double gpu = space.units().computePerGpu();
        double all = Math.max(1, space.compute() / gpu);
        double[] beside = prices.ofReplicas().clone();
        double[] alone = prices.ofReplicas().clone();
        for (SpaceShape shape : space.shapes()) {
            double compute = shape.replicaCompute() / gpu / all;
            beside[shape.index()] += compute
                    * Math.max(ChoiceConstants.SMALLEST_COST, capacity < Double.POSITIVE_INFINITY ? capacity : 1);
            alone[shape.index()] = compute;
        }
        List<double[]> others = new ArrayList<>(List.of(beside, alone));
        others.addAll(onHosts(alone));
        return others;
    }

    /** Those of nodes' processors and memory, alone and beside those of compute; none where no limit of a node can bind. */
    private List<double[]> onHosts(double[] compute) {
        List<double[]> onHosts = new ArrayList<>();
        double[] beside = compute.clone();
        for (HostResource resource : HostResource.values()) {
            double all = space.shapes().stream()
                    .map(shape -> shape.shape().gpu())
                    .distinct()
                    .mapToDouble(gpu -> space.hostGiven(gpu, resource).orElse(0))
                    .sum();
            if (all > 0) {
                double[] alone = new double[compute.length];
                for (SpaceShape shape : space.shapes()) {
                    alone[shape.index()] = shape.host()[resource.ordinal()] / all;
                    beside[shape.index()] += alone[shape.index()];
                }
                onHosts.add(alone);
            }
        }
        if (!onHosts.isEmpty()) {
            onHosts.add(beside);
        }
        return onHosts;
    }
}
