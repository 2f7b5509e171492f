package dev.scepsy.planner.search.infeasible;

import dev.scepsy.planner.search.choice.AllocationProblem;
import dev.scepsy.planner.search.choice.ChoiceSpace;
import dev.scepsy.planner.search.choice.Placeability;
import dev.scepsy.planner.search.choice.SearchLimits;
import dev.scepsy.planner.search.solver.Feasibility;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The smallest set of models that cannot be served side by side: sets of two, of three and so on are tried, so the first
 * that has no plan is a smallest one. After {@value InfeasibleConstants#MOST_SETS} sets models are taken out one by one instead, as long as
 * the rest still has no plan: no model can be left out of what remains, but a smaller set may exist.
 */
final class SmallestConflict {

    private final AllocationProblem problem;
    private final Placeability.Factory placement;
    private final SearchLimits limits;
    private final long nodes;
    private int sets;

    private SmallestConflict(
            AllocationProblem problem, Placeability.Factory placement, SearchLimits limits, long nodes) {
        this.problem = problem;
        this.placement = placement;
        this.limits = limits;
        this.nodes = nodes;
    }

    /** Names in order; {@code problem} has no plan, though each of its models alone would. */
    static List<String> of(AllocationProblem problem, Placeability.Factory placement, SearchLimits limits, long nodes) {
        return new SmallestConflict(problem, placement, limits, nodes).run();
    }

    private List<String> run() {
        ChoiceSpace whole = ChoiceSpace.of(problem, 1);
        List<String> models = new ArrayList<>();
        for (int model = 0; model < whole.models(); model++) {
            models.add(whole.model(model).name());
        }
        for (int size = 1;
                size < models.size() && sets(models.size(), size) <= InfeasibleConstants.MOST_SETS - sets;
                size++) {
            List<String> chosen = new ArrayList<>();
            if (choose(models, 0, size, chosen)) {
                return List.copyOf(chosen);
            }
        }
        List<String> conflict = new ArrayList<>(models);
        for (int i = 0; i < conflict.size() && conflict.size() > 1; ) {
            String name = conflict.remove(i);
            if (feasible(conflict)) {
                conflict.add(i, name);
                i++;
            }
        }
        return List.copyOf(conflict);
    }

    private static long sets(int of, int size) {
        long sets = 1;
        for (int i = 1; i <= size && sets <= InfeasibleConstants.MOST_SETS; i++) {
            sets = sets * (of - size + i) / i;
        }
        return sets;
    }

    private boolean choose(List<String> models, int from, int size, List<String> chosen) {
        if (size == 0) {
            sets++;
            return !feasible(chosen);
        }
        for (int i = from; i + size <= models.size(); i++) {
            chosen.add(models.get(i));
            if (choose(models, i + 1, size - 1, chosen)) {
                return true;
            }
            chosen.remove(chosen.size() - 1);
        }
        return false;
    }

    private boolean feasible(List<String> models) {
        Set<String> names = new HashSet<>(models);
        ChoiceSpace space = ChoiceSpace.of(problem.withOnly(names), 1);
        Placeability placeability = placement.on(problem.cluster(), space.placementShapes());
        return Feasibility.of(space, placeability, nodes, limits.stop()).holds();
    }
}
