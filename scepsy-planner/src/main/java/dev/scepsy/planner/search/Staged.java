package dev.scepsy.planner.search;

import java.util.List;
import java.util.Optional;

/**
 * The exact search in steps of rising preparation: most problems fall to the plain sums within a few dozen partial plans,
 * so dual feasible functions and then pattern prices are prepared only when that was not enough. Each step starts from
 * the best plan of the one before.
 */
final class Staged {

    private static final long NODES_ON_SUMS = 60;
    private static final long NODES_ON_FUNCTIONS = 400;

    private final ChoiceSpace space;
    private final List<List<Choice>> choices;
    private final Conflicts conflicts;
    private final long mostNodes;
    private long nodes;
    private double lowerBound;
    private boolean proven;
    private boolean exhausted;

    Staged(ChoiceSpace space, List<List<Choice>> choices, Conflicts conflicts, long mostNodes) {
        this.space = space;
        this.choices = choices;
        this.conflicts = conflicts;
        this.mostNodes = mostNodes;
    }

    /** The best plan met, ties broken; empty when none was met. */
    Optional<List<Choice>> solve() {
        List<Surrogate> surrogates = Inequalities.plain(space, choices);
        BranchAndBound search = run(surrogates, Optional.empty(), NODES_ON_SUMS);
        if (!search.complete()) {
            surrogates = Inequalities.withFunctions(space, choices);
            search = run(surrogates, Optional.of(search), NODES_ON_FUNCTIONS);
        }
        boolean priced = false;
        if (!search.complete()) {
            surrogates = Inequalities.withPrices(space, choices);
            search = run(surrogates, Optional.of(search), mostNodes);
            priced = true;
        }
        Optional<List<Choice>> best = search.plan();
        exhausted = search.complete();
        lowerBound = space.fixedSeconds() + Inequalities.bound(surrogates);
        if (best.isEmpty()) {
            return best;
        }
        double objective = space.fixedSeconds() + search.cost();
        proven = search.complete();
        lowerBound = proven ? objective : lowerBound;
        double limit = search.cost() + Search.TIE_TOLERANCE * objective;
        long compute = best.get().stream().mapToLong(Choice::compute).sum();
        TieBreak ties =
                new TieBreak(choices, surrogates, conflicts, limit, compute, priced ? mostNodes : NODES_ON_FUNCTIONS);
        Optional<List<Choice>> winner = ties.winner();
        if (!ties.complete() && !priced) {
            surrogates = Inequalities.withPrices(space, choices);
            winner = new TieBreak(choices, surrogates, conflicts, limit, compute, mostNodes).winner();
        }
        return winner.isPresent() ? winner : best;
    }

    private BranchAndBound run(List<Surrogate> surrogates, Optional<BranchAndBound> earlier, long atMost) {
        long budget = Math.max(0, Math.min(atMost, mostNodes - nodes));
        BranchAndBound search = new BranchAndBound(choices, surrogates, conflicts, budget);
        earlier.ifPresent(search::startingFrom);
        search.solve();
        nodes += budget - search.nodesLeft();
        return search;
    }

    /** No plan is better than this, seconds; after {@link #solve}. */
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
