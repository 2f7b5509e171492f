package dev.scepsy.planner.search;

import java.util.List;
import java.util.stream.IntStream;

/** Whether all models' least needs can stand together; the question behind infeasibility and the highest common scale. */
final class Feasibility {

    private Feasibility() {}

    /** True when placed, false when proven impossible or not found within {@code nodes} partial plans. */
    static boolean holds(ChoiceSpace space, Placeability placeability, long nodes) {
        List<List<Choice>> least = IntStream.range(0, space.models())
                .mapToObj(model -> Dominance.least(space, model))
                .toList();
        if (least.stream().anyMatch(List::isEmpty)) {
            return false;
        }
        if (Inequalities.refute(Inequalities.plain(space, least))) {
            return false;
        }
        List<Surrogate> surrogates = Inequalities.withFunctions(space, least);
        return !Inequalities.refute(surrogates)
                && new BranchAndBound(least, surrogates, new Conflicts(placeability, space.models()), nodes).solveAny();
    }
}
