package dev.scepsy.planner.search.exact;

import dev.scepsy.planner.search.choice.Choice;
import dev.scepsy.planner.search.choice.ChoiceConstants;
import dev.scepsy.planner.search.choice.ChoiceSpace;
import dev.scepsy.planner.search.choice.Limit;
import dev.scepsy.planner.search.choice.LimitTable;
import dev.scepsy.planner.search.choice.SearchEffort;
import dev.scepsy.planner.search.choice.SearchLimits;
import dev.scepsy.planner.search.price.KnapsackRelaxation;
import dev.scepsy.planner.search.price.ReducedCostFixing;
import dev.scepsy.planner.search.price.ValidInequalities;
import java.util.List;
import java.util.Optional;

/**
 * The exact search in steps of rising preparation: most problems fall to the plain sums within a few dozen partial plans,
 * so dual feasible functions are prepared only when that was not enough, and prices at every node ({@link BranchAndPrice};
 * one set of prices where shapes are too many for that) only after them. Each step starts from the best plan of the one
 * before.
 */
public final class ExactSearch {

    private final ChoiceSpace space;
    private final List<List<Choice>> choices;
    private final List<Limit> limits;
    private final List<LimitTable> limitTables;
    private final double fixed;
    private final NoGoods noGoods;
    private final long mostNodes;
    private final SearchLimits.Stop stop;
    private long nodes;
    private double lowerBound;
    private boolean proven;
    private boolean exhausted;
    private boolean alone;
    private List<KnapsackRelaxation> relaxations = List.of();
    private double cost;

    /**
     * @param choices undominated choices per model in name order, each list by (gpu, t, f, r)
     * @param limits what the choices together must keep
     * @param fixed the objective's part that no choice changes
     */
    public ExactSearch(
            ChoiceSpace space,
            List<List<Choice>> choices,
            List<Limit> limits,
            double fixed,
            NoGoods noGoods,
            long mostNodes,
            SearchLimits.Stop stop) {
        this.space = space;
        this.choices = choices;
        this.limits = limits;
        this.limitTables =
                limits.stream().map(limit -> LimitTable.of(choices, limit)).toList();
        this.fixed = fixed;
        this.noGoods = noGoods;
        this.mostNodes = mostNodes;
        this.stop = stop;
    }

    /** The best plan met; empty when none was met. */
    public Optional<List<Choice>> solve() {
        relaxations = ValidInequalities.plain(space, choices, limitTables);
        BranchAndBound search = run(Optional.empty(), ExactConstants.NODES_ON_SUMS);
        if (!search.complete()) {
            relaxations = ValidInequalities.withFunctions(space, choices, limitTables);
            search = run(Optional.of(search), ExactConstants.NODES_ON_FUNCTIONS);
        }
        if (!search.complete() && ReducedCostFixing.suits(choices)) {
            return priced(search);
        }
        if (!search.complete()) {
            relaxations = ValidInequalities.withPrices(space, choices, limitTables);
            search = run(Optional.of(search), mostNodes);
        }
        exhausted = search.complete();
        proven = exhausted && search.plan().isPresent();
        cost = search.cost();
        lowerBound = fixed + (proven ? cost : Math.max(ValidInequalities.bound(relaxations), search.lowerBound()));
        return search.plan();
    }

    private Optional<List<Choice>> priced(BranchAndBound earlier) {
        BranchAndPrice search = branchAndPrice(mostNodes - nodes, earlier.cost());
        search.solve();
        nodes = mostNodes - search.nodesLeft();
        Optional<List<Choice>> plan = search.plan().or(earlier::plan);
        cost = Math.min(search.cost(), earlier.cost());
        exhausted = search.lowerBound() >= cost;
        proven = exhausted && plan.isPresent();
        alone = proven && search.plan().isPresent() && !search.tied();
        lowerBound = fixed + Math.min(cost, search.lowerBound());
        return plan;
    }

    /** What {@link #solve} returned, or the plan that comes first among those that tie with it. */
    public List<Choice> tieWinner(List<Choice> best) {
        if (alone) {
            return best;
        }
        double limit = cost + ChoiceConstants.TIE_TOLERANCE * (fixed + cost);
        long compute = best.stream().mapToLong(Choice::compute).sum();
        BranchAndBound ties = branchAndBound(relaxations, ExactConstants.NODES_ON_FUNCTIONS);
        Optional<List<Choice>> winner = ties.tieWinner(limit, compute);
        return (ties.complete() ? winner : dearTies(limit, compute)).orElse(best);
    }

    private Optional<List<Choice>> dearTies(double limit, long compute) {
        if (ReducedCostFixing.suits(choices)) {
            return branchAndPrice(mostNodes, Double.POSITIVE_INFINITY).tieWinner(limit, compute);
        }
        return branchAndBound(ValidInequalities.withPrices(space, choices, limitTables), mostNodes)
                .tieWinner(limit, compute);
    }

    private BranchAndBound branchAndBound(List<KnapsackRelaxation> by, long atMost) {
        return new BranchAndBound(choices, by, limitTables, noGoods, atMost, stop);
    }

    private BranchAndPrice branchAndPrice(long atMost, double below) {
        return new BranchAndPrice(choices, new ReducedCostFixing(space, limits), noGoods, atMost, stop, below, fixed);
    }

    private BranchAndBound run(Optional<BranchAndBound> earlier, long atMost) {
        long budget = Math.max(0, Math.min(atMost, mostNodes - nodes));
        BranchAndBound search = branchAndBound(relaxations, budget);
        earlier.ifPresent(search::startingFrom);
        search.solve();
        nodes += budget - search.nodesLeft();
        return search;
    }

    /** No plan is better than this; after {@link #solve}. */
    public double lowerBound() {
        return lowerBound;
    }

    /** Whether what {@link #solve} returned is optimal. */
    boolean proven() {
        return proven;
    }

    /** Whether every plan was looked at or proven no better: with no plan met, there is none. */
    public boolean exhausted() {
        return exhausted;
    }

    /** All work of {@link #solve}. */
    public SearchEffort effort() {
        long possible = space.shapes().stream()
                .mapToLong(shape -> Math.max(0, shape.most() - shape.fewest() + 1))
                .sum();
        return new SearchEffort(
                possible, choices.stream().mapToLong(List::size).sum(), nodes, noGoods.checks(), proven);
    }
}
