package dev.scepsy.planner.search;

import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.search.choice.SearchEffort;
import dev.scepsy.planner.search.infeasible.InfeasibleReason;
import java.util.List;
import java.util.OptionalDouble;

/** What a search ends in. Immutable. */
public sealed interface SearchResult {

    /**
     * A legal, placed plan.
     *
     * @param plan the best one found; its gap is 0 when it is proven optimal
     * @param effort how it was found
     */
    record Found(Plan plan, SearchEffort effort) implements SearchResult {}

    /**
     * No plan meets the targets.
     *
     * @param reasons at least one; the models and resources that stop it
     * @param highestCommonScale the largest factor on all targets that would fit, exact to 1 %; empty if nothing can be
     *     placed at any load
     */
    record Infeasible(List<InfeasibleReason> reasons, OptionalDouble highestCommonScale) implements SearchResult {
        public Infeasible {
            reasons = List.copyOf(reasons);
        }
    }
}
