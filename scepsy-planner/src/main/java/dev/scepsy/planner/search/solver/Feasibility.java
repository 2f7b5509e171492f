package dev.scepsy.planner.search.solver;

import dev.scepsy.planner.search.choice.Choice;
import dev.scepsy.planner.search.choice.ChoiceSpace;
import dev.scepsy.planner.search.choice.Dominance;
import dev.scepsy.planner.search.choice.Limit;
import dev.scepsy.planner.search.choice.LimitTable;
import dev.scepsy.planner.search.choice.Measure;
import dev.scepsy.planner.search.choice.Placeability;
import dev.scepsy.planner.search.choice.SearchLimits;
import dev.scepsy.planner.search.choice.SpaceShape;
import dev.scepsy.planner.search.exact.BranchAndBound;
import dev.scepsy.planner.search.exact.BranchAndPrice;
import dev.scepsy.planner.search.exact.NoGoods;
import dev.scepsy.planner.search.heuristic.LagrangianHeuristic;
import dev.scepsy.planner.search.price.KnapsackRelaxation;
import dev.scepsy.planner.search.price.ReducedCostFixing;
import dev.scepsy.planner.search.price.ValidInequalities;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** Whether some plan exists at all; the question behind infeasibility and the highest common scale. */
public final class Feasibility {

    private Feasibility() {}

    /**
     * What is known.
     *
     * @param plan some plan; without latency limits each model has the fewest replicas of its shape
     * @param decided there is a plan, or proven to be none; otherwise none was met within the work
     */
    public record Answer(Optional<List<Choice>> plan, boolean decided) {
        public boolean holds() {
            return plan.isPresent();
        }
    }

    private static final Answer NONE = new Answer(Optional.empty(), true);

    /** Looks at {@code nodes} partial plans at most. */
    public static Answer of(ChoiceSpace space, Placeability placeability, long nodes, SearchLimits.Stop stop) {
        List<Limit> limits = space.latencyLimits();
        boolean many = space.models() > SolverConstants.FEW_MODELS;
        if (many && !limits.isEmpty() && vast(space)) {
            return atPrices(space, placeability, limits, stop);
        }
        List<List<Choice>> choices = IntStream.range(0, space.models())
                .mapToObj(model -> limits.isEmpty() ? Dominance.least(space, model) : byGpus(space, model))
                .toList();
        if (choices.stream().anyMatch(List::isEmpty)) {
            return NONE;
        }
        List<LimitTable> limitTables =
                limits.stream().map(limit -> LimitTable.of(choices, limit)).toList();
        if (ValidInequalities.refute(ValidInequalities.plain(space, choices, limitTables))) {
            return NONE;
        }
        List<KnapsackRelaxation> relaxations = ValidInequalities.withFunctions(space, choices, limitTables);
        if (ValidInequalities.refute(relaxations)) {
            return NONE;
        }
        if (many && !limits.isEmpty()) {
            Answer answer = atPrices(space, placeability, limits, stop);
            if (answer.decided()) {
                return answer;
            }
        }
        NoGoods noGoods = new NoGoods(placeability, space);
        boolean pricing = !many && ReducedCostFixing.suits(choices);
        long first = pricing ? Math.min(nodes, SolverConstants.QUICK_NODES) : nodes;
        BranchAndBound search = new BranchAndBound(choices, relaxations, limitTables, noGoods, first, stop);
        if (search.solveAny() || search.complete()) {
            return new Answer(search.plan(), true);
        }
        if (pricing) {
            double gpus = (double) space.compute() / space.units().computePerGpu() * (1 + SolverConstants.GPU_ROUNDING)
                    + SolverConstants.GPU_ROUNDING;
            ReducedCostFixing bounds = new ReducedCostFixing(space, limits);
            BranchAndPrice priced = new BranchAndPrice(choices, bounds, noGoods, nodes - first, stop, gpus, 0);
            boolean found = priced.solveAny();
            return new Answer(priced.plan(), found || priced.complete());
        }
        return many && limits.isEmpty()
                ? atPrices(space, placeability, limits, stop)
                : new Answer(Optional.empty(), false);
    }

    /** Whether there is more to choose from than a search could look through. */
    private static boolean vast(ChoiceSpace space) {
        return space.shapes().stream()
                        .filter(SpaceShape::feasible)
                        .mapToLong(shape -> shape.most() - shape.fewest() + 1)
                        .sum()
                > SolverConstants.VAST_CHOICES;
    }

    /** Of many models most stand in nobody's way: prices find out who has to give in, where a search would be lost. */
    private static Answer atPrices(
            ChoiceSpace space, Placeability placeability, List<Limit> limits, SearchLimits.Stop stop) {
        LagrangianHeuristic prices = new LagrangianHeuristic(
                space, placeability, new SearchLimits(1, 0, stop), Measure.compute(), limits, Optional::empty);
        Optional<List<Choice>> plan = prices.anyPlan();
        return new Answer(
                plan, plan.isPresent() || prices.lowerBound() > space.compute() * (1 + SolverConstants.GPU_ROUNDING));
    }

    private static List<Choice> byGpus(ChoiceSpace space, int model) {
        return Dominance.undominated(space, model).stream()
                .map(choice -> choice.withCost(
                        (double) choice.compute() / space.units().computePerGpu()))
                .toList();
    }
}
