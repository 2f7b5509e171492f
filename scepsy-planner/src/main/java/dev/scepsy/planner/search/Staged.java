package dev.scepsy.planner.search;

import java.util.List;
import java.util.Optional;

/**
 * The exact search in steps of rising preparation: most problems fall to the plain sums within a few dozen partial plans,
 * so dual feasible functions are prepared only when that was not enough, and prices at every node ({@link PricedBranching};
 * one set of prices where shapes are too many for that) only after them. Each step starts from the best plan of the one
 * before.
 */
final class Staged {

    private static final long NODES_ON_SUMS = 60;
    private static final long NODES_ON_FUNCTIONS = 400;

    private final ChoiceSpace space;
    private final List<List<Choice>> choices;
    private final List<Limit> limits;
    private final List<Budget> budgets;
    private final double fixed;
    private final Conflicts conflicts;
    private final long mostNodes;
    private final SearchLimits.Stop stop;
    private long nodes;
    private double lowerBound;
    private boolean proven;
    private boolean exhausted;
    private boolean alone;
    private List<Surrogate> surrogates = List.of();
    private double cost;

    /**
     * @param choices undominated choices per model in name order, each list by (gpu, t, f, r)
     * @param limits what the choices together must keep
     * @param fixed the objective's part that no choice changes
     */
    Staged(
            ChoiceSpace space,
            List<List<Choice>> choices,
            List<Limit> limits,
            double fixed,
            Conflicts conflicts,
            long mostNodes,
            SearchLimits.Stop stop) {
        this.space = space;
        this.choices = choices;
        this.limits = limits;
        this.budgets = limits.stream().map(limit -> Budget.of(choices, limit)).toList();
        this.fixed = fixed;
        this.conflicts = conflicts;
        this.mostNodes = mostNodes;
        this.stop = stop;
    }

    /** The best plan met; empty when none was met. */
    Optional<List<Choice>> solve() {
        surrogates = Inequalities.plain(space, choices, budgets);
        BranchAndBound search = run(Optional.empty(), NODES_ON_SUMS);
        if (!search.complete()) {
            surrogates = Inequalities.withFunctions(space, choices, budgets);
            search = run(Optional.of(search), NODES_ON_FUNCTIONS);
        }
        if (!search.complete() && PricedBounds.suits(choices)) {
            return priced(search);
        }
        if (!search.complete()) {
            surrogates = Inequalities.withPrices(space, choices, budgets);
            search = run(Optional.of(search), mostNodes);
        }
        exhausted = search.complete();
        proven = exhausted && search.plan().isPresent();
        cost = search.cost();
        lowerBound = fixed + (proven ? cost : Math.max(Inequalities.bound(surrogates), search.lowerBound()));
        return search.plan();
    }

    private Optional<List<Choice>> priced(BranchAndBound earlier) {
        PricedBounds bounds = new PricedBounds(space, limits);
        PricedBranching search =
                new PricedBranching(choices, bounds, conflicts, mostNodes - nodes, stop, earlier.cost(), fixed);
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
    List<Choice> tieWinner(List<Choice> best) {
        if (alone) {
            return best;
        }
        double limit = cost + Search.TIE_TOLERANCE * (fixed + cost);
        long compute = best.stream().mapToLong(Choice::compute).sum();
        TieBreak ties = new TieBreak(choices, surrogates, budgets, conflicts, limit, compute, NODES_ON_FUNCTIONS, stop);
        Optional<List<Choice>> winner = ties.winner();
        if (!ties.complete()) {
            winner = dearTies(limit, compute);
        }
        return winner.orElse(best);
    }

    private Optional<List<Choice>> dearTies(double limit, long compute) {
        if (PricedBounds.suits(choices)) {
            PricedBounds bounds = new PricedBounds(space, limits);
            return new PricedTies(choices.size(), bounds, conflicts, limit, compute, mostNodes, stop).winner(choices);
        }
        List<Surrogate> priced = Inequalities.withPrices(space, choices, budgets);
        return new TieBreak(choices, priced, budgets, conflicts, limit, compute, mostNodes, stop).winner();
    }

    private BranchAndBound run(Optional<BranchAndBound> earlier, long atMost) {
        long budget = Math.max(0, Math.min(atMost, mostNodes - nodes));
        BranchAndBound search = new BranchAndBound(choices, surrogates, budgets, conflicts, budget, stop);
        earlier.ifPresent(search::startingFrom);
        search.solve();
        nodes += budget - search.nodesLeft();
        return search;
    }

    /** No plan is better than this; after {@link #solve}. */
    double lowerBound() {
        return lowerBound;
    }

    /** Whether what {@link #solve} returned is optimal. */
    boolean proven() {
        return proven;
    }

    /** Whether every plan was looked at or proven no better: with no plan met, there is none. */
    boolean exhausted() {
        return exhausted;
    }

    SearchEffort effort() {
        long possible = space.shapes().stream()
                .mapToLong(shape -> Math.max(0, shape.most() - shape.fewest() + 1))
                .sum();
        return new SearchEffort(
                possible, choices.stream().mapToLong(List::size).sum(), nodes, conflicts.checks(), proven);
    }
}
