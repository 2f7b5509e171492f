package dev.scepsy.planner.planning;

import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.file.PlanFile;
import dev.scepsy.planner.search.SearchResult;
import dev.scepsy.planner.search.choice.AllocationProblem;
import dev.scepsy.planner.search.choice.SearchEffort;
import dev.scepsy.planner.search.explain.Explanation;
import dev.scepsy.planner.search.explain.Remedy;
import dev.scepsy.planner.topology.HeldShare;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/** What came of planning: a plan with its explanation, or reasons with remedies. */
public sealed interface PlanningResult {

    /** The text of {@code plan.json}: the plan, or why there is none. */
    String toJson();

    /**
     * A plan.
     *
     * @param plan placed
     * @param effort what the search did
     * @param problem with the loads and latencies that the plan was made for; under objective throughput the scaled targets
     * @param quantile of the statistics; empty: means
     * @param withoutInterval workflows and models that were planned for by their means although a quantile was asked for
     * @param explanation why every model got what it got; there unless the options leave it out
     * @param effects of the placement; likewise
     * @param shares what enforces every fraction below 1
     * @param links what tensor-parallel groups lose to their links
     * @param refinement the plans that were simulated; empty where none was
     * @param whatIfs answers to the changes that were asked for, by their names
     */
    record Planned(
            Plan plan,
            SearchEffort effort,
            AllocationProblem problem,
            OptionalDouble quantile,
            List<String> withoutInterval,
            Optional<Explanation> explanation,
            Optional<PlacementEffects> effects,
            List<HeldShare> shares,
            List<LinkEfficiency> links,
            Optional<Refinement> refinement,
            Map<String, SearchResult> whatIfs)
            implements PlanningResult {

        public Planned {
            withoutInterval = List.copyOf(withoutInterval);
            shares = List.copyOf(shares);
            links = List.copyOf(links);
            whatIfs = Collections.unmodifiableMap(new LinkedHashMap<>(whatIfs));
        }

        @Override
        public String toJson() {
            return PlanFile.toJson(
                    plan,
                    refinement.map(refined -> refined.chosen().workflows()).orElseGet(Map::of),
                    shares,
                    quantile);
        }
    }

    /**
     * There is no plan, or none was found.
     *
     * @param why the reasons, and the largest factor on all targets that fits
     * @param remedies changes that were planned again and help, each by itself
     * @param unusable of models without any usable profile: why, one sentence per GPU type, degree and share
     */
    record NoPlan(SearchResult.Infeasible why, List<Remedy> remedies, List<String> unusable) implements PlanningResult {

        public NoPlan {
            remedies = List.copyOf(remedies);
            unusable = List.copyOf(unusable);
        }

        @Override
        public String toJson() {
            return PlanFile.toJson(why, remedies);
        }
    }
}
