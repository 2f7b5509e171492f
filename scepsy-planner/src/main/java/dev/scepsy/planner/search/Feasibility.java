package dev.scepsy.planner.search;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** Whether some plan exists at all; the question behind infeasibility and the highest common scale. */
final class Feasibility {

    private static final long QUICK_NODES = 400;

    private Feasibility() {}

    /**
     * What is known.
     *
     * @param plan some plan; without latency limits each model has the fewest replicas of its shape
     * @param decided there is a plan, or proven to be none; otherwise none was met within the work
     */
    record Answer(Optional<List<Choice>> plan, boolean decided) {
        boolean holds() {
            return plan.isPresent();
        }
    }

    private static final Answer NONE = new Answer(Optional.empty(), true);

    /** Looks at {@code nodes} partial plans at most. */
    static Answer of(ChoiceSpace space, Placeability placeability, long nodes, SearchLimits.Stop stop) {
        List<Limit> limits = space.latencyLimits();
        List<List<Choice>> choices = IntStream.range(0, space.models())
                .mapToObj(model -> limits.isEmpty() ? Dominance.least(space, model) : byGpus(space, model))
                .toList();
        if (choices.stream().anyMatch(List::isEmpty)) {
            return NONE;
        }
        List<Budget> budgets =
                limits.stream().map(limit -> Budget.of(choices, limit)).toList();
        if (Inequalities.refute(Inequalities.plain(space, choices, budgets))) {
            return NONE;
        }
        List<Surrogate> surrogates = Inequalities.withFunctions(space, choices, budgets);
        if (Inequalities.refute(surrogates)) {
            return NONE;
        }
        Conflicts conflicts = new Conflicts(placeability, space);
        BranchAndBound quick =
                new BranchAndBound(choices, surrogates, budgets, conflicts, Math.min(nodes, QUICK_NODES), stop);
        if (quick.solveAny() || quick.complete()) {
            return new Answer(quick.plan(), true);
        }
        if (!PricedBounds.suits(choices)) {
            BranchAndBound thorough = new BranchAndBound(choices, surrogates, budgets, conflicts, nodes, stop);
            boolean found = thorough.solveAny();
            return new Answer(thorough.plan(), found || thorough.complete());
        }
        double gpus = (double) space.compute() / space.units().computePerGpu();
        PricedBounds bounds = new PricedBounds(space, limits);
        PricedBranching search = new PricedBranching(choices, bounds, conflicts, nodes, stop, gpus * (1 + 1e-9) + 1e-9);
        boolean found = search.solveAny();
        return new Answer(search.plan(), found || search.complete());
    }

    private static List<Choice> byGpus(ChoiceSpace space, int model) {
        return Dominance.undominated(space, model).stream()
                .map(choice -> choice.withCost(
                        (double) choice.compute() / space.units().computePerGpu()))
                .toList();
    }
}
