package dev.scepsy.planner.search.solver;

import dev.scepsy.planner.search.choice.Choice;
import dev.scepsy.planner.search.choice.ChoiceSpace;
import dev.scepsy.planner.search.choice.Dominance;
import dev.scepsy.planner.search.choice.Limit;
import dev.scepsy.planner.search.choice.Measure;
import dev.scepsy.planner.search.choice.Placeability;
import dev.scepsy.planner.search.choice.SearchEffort;
import dev.scepsy.planner.search.choice.SearchLimits;
import dev.scepsy.planner.search.choice.SpaceShape;
import dev.scepsy.planner.search.exact.ExactSearch;
import dev.scepsy.planner.search.exact.NoGoods;
import dev.scepsy.planner.search.heuristic.LagrangianHeuristic;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Finds the plan that is best by one {@link Measure} within limits: proven by {@link ExactSearch} where that is in reach, else
 * as good as {@link LagrangianHeuristic} gets, with a bound.
 */
public final class Solver {

    private final ChoiceSpace space;
    private final Placeability.Factory placement;
    private final SearchLimits limits;
    private SearchEffort effort = new SearchEffort(0, 0, 0, 0, true);

    /** @param limits of each search; what they ask of placement is remembered by none of the others */
    public Solver(ChoiceSpace space, Placeability.Factory placement, SearchLimits limits) {
        this.space = space;
        this.placement = placement;
        this.limits = limits;
    }

    /**
     * What came out.
     *
     * @param plan the best one found, its costs in seconds of latency; empty when none was found
     * @param value what it measures; infinite without one
     * @param lowerBound no plan measures less
     * @param decided the plan is optimal, or there is proven to be none
     */
    public record Solved(Optional<List<Choice>> plan, double value, double lowerBound, boolean decided) {}

    /** The best plan by {@code measure}; of equally good ones the first one met. */
    public Solved best(Measure measure, List<Limit> within) {
        return solve(measure, within, Optional.empty(), false);
    }

    /**
     * The best plan by {@code measure}; of equally good ones the one that comes first by the tie rules.
     *
     * @param start a plan known to be legal; empty: none is known
     */
    public Solved bestByTieRules(Measure measure, List<Limit> within, Optional<List<Choice>> start) {
        return solve(measure, within, start, true);
    }

    /** All work done so far. */
    public SearchEffort effort() {
        return effort;
    }

    /** Whether the optimum, placement included, is promised where work is not limited further. */
    public static boolean promised(ChoiceSpace space) {
        return space.models() <= SolverConstants.PROMISED_MODELS
                && space.problem().cluster().gpus() <= SolverConstants.PROMISED_GPUS;
    }

    private boolean withinExactReach() {
        long choices = space.shapes().stream()
                .filter(SpaceShape::feasible)
                .mapToLong(shape -> shape.most() - shape.fewest() + 1)
                .sum();
        return space.models() <= SolverConstants.EXACT_REACH_MODELS && choices <= SolverConstants.EXACT_REACH_CHOICES;
    }

    private Solved solve(Measure measure, List<Limit> within, Optional<List<Choice>> start, boolean ties) {
        double lowerBound = measure.fixed();
        List<List<Choice>> met = new ArrayList<>();
        start.ifPresent(met::add);
        if (withinExactReach()) {
            List<List<Choice>> choices = IntStream.range(0, space.models())
                    .mapToObj(model -> Dominance.undominated(space, model).stream()
                            .map(choice -> choice.withCost(measure.of().applyAsDouble(choice)))
                            .toList())
                    .toList();
            NoGoods noGoods = new NoGoods(placeability(), space);
            ExactSearch search =
                    new ExactSearch(space, choices, within, measure.fixed(), noGoods, exactNodes(), limits.stop());
            Optional<List<Choice>> plan = search.solve();
            if (search.exhausted()) {
                Optional<List<Choice>> best = ties ? plan.map(search::tieWinner) : plan;
                add(search.effort());
                return solved(best.map(this::inSeconds).stream().toList(), measure, search.lowerBound(), true);
            }
            add(search.effort());
            plan.map(this::inSeconds).ifPresent(met::add);
            lowerBound = search.lowerBound();
        }
        Placeability placeability = placeability();
        LagrangianHeuristic other = new LagrangianHeuristic(
                space,
                placeability,
                limits,
                measure,
                within,
                () -> Feasibility.of(space, placeability, SolverConstants.LAST_RESORT_NODES, limits.stop())
                        .plan());
        Optional<List<Choice>> plan = other.solve(start);
        add(other.effort());
        plan.map(this::inSeconds).ifPresent(met::add);
        return solved(met, measure, Math.max(lowerBound, other.lowerBound()), false);
    }

    /** Partial plans of the exact search: all that may be where the optimum is promised, fewer as problems grow. */
    private long exactNodes() {
        double growth = Math.max(1, space.models() / SolverConstants.GROWTH_MODELS);
        return promised(space)
                ? limits.nodes()
                : Math.max(1, (long) (limits.nodes() / SolverConstants.UNPROMISED_PART / (growth * growth)));
    }

    private Solved solved(List<List<Choice>> met, Measure measure, double lowerBound, boolean decided) {
        double value = Double.POSITIVE_INFINITY;
        List<Choice> best = null;
        for (List<Choice> plan : met) {
            double of =
                    measure.fixed() + plan.stream().mapToDouble(measure.of()).sum();
            if (of < value) {
                value = of;
                best = plan;
            }
        }
        return new Solved(Optional.ofNullable(best), value, decided ? value : Math.min(lowerBound, value), decided);
    }

    /** A placeability without memories: what one search asked of it must not decide what another one learns. */
    private Placeability placeability() {
        return placement.on(space.problem().cluster(), space.placementShapes());
    }

    private List<Choice> inSeconds(List<Choice> plan) {
        return plan.stream()
                .map(choice -> space.choice(choice.shape(), choice.replicas(), choice.latencySeconds()))
                .toList();
    }

    private void add(SearchEffort more) {
        effort = new SearchEffort(
                Math.max(effort.choices(), more.choices()),
                Math.max(effort.choicesKept(), more.choicesKept()),
                effort.nodes() + more.nodes(),
                effort.placementChecks() + more.placementChecks(),
                effort.placementProven() && more.placementProven());
    }
}
