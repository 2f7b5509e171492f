package dev.scepsy.planner.search;

import dev.scepsy.planner.allocation.LlmAllocation;
import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.allocation.WorkflowPrediction;
import dev.scepsy.planner.search.Placeability.Arrangement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * Finds the plan of least weighted workflow latency that sustains every target and can be placed.
 *
 * <pre>
 * minimise  Σ_w weight_w · (o_w + Σ_m κ_wm · L_m(f_m, t_m, λ_m / r_m)) / Σ_w weight_w
 *         = constant + Σ_m cost_m(f_m, t_m, r_m)
 * </pre>
 *
 * Given the loads λ_m the objective is a sum over models, which is what everything here rests on: choices that another
 * always replaces are dropped ({@link Dominance}), inequalities that every placed plan obeys bound the rest
 * ({@link Surrogate}), and {@link BranchAndBound} decides, with {@link TieBreak} among equals, both in {@link Staged} steps. Beyond
 * their reach {@link Anytime} takes over.
 *
 * <p>A pure function: same problem and limits, same result.
 */
public final class Search {

    /** Plans this close to the best count as equally good, relative. */
    static final double TIE_TOLERANCE = 1e-10;

    private static final int PROMISED_MODELS = 6;
    private static final int PROMISED_GPUS = 32;
    private static final int EXACT_MODELS = 16;
    private static final long EXACT_CHOICES = 100_000;
    private static final long LITTLE_NODES = 2_000;
    private static final long FEASIBILITY_NODES = 200_000;
    private static final long LARGE_FEASIBILITY_NODES = 2_000;

    private final AllocationProblem problem;
    private final Placeability.Factory placement;
    private final SearchLimits limits;
    private final boolean sayWhyNot;

    private Search(AllocationProblem problem, Placeability.Factory placement, SearchLimits limits, boolean sayWhyNot) {
        this.problem = problem;
        this.placement = placement;
        this.limits = limits;
        this.sayWhyNot = sayWhyNot;
    }

    /** Plans with the standard limits. */
    public static SearchResult plan(AllocationProblem problem, Placeability.Factory placement) {
        return plan(problem, placement, SearchLimits.standard());
    }

    /**
     * Plans.
     *
     * @param placement such as {@code Placement::on}
     */
    public static SearchResult plan(AllocationProblem problem, Placeability.Factory placement, SearchLimits limits) {
        return new Search(problem, placement, limits, true).run();
    }

    /** Plans with little work; reasons of an infeasible problem are not looked into. */
    static SearchResult tryPlan(AllocationProblem problem, Placeability.Factory placement) {
        SearchLimits little = new SearchLimits(LITTLE_NODES, 0);
        Search search = new Search(problem, placement, little, false);
        return search.run();
    }

    private SearchResult run() {
        ChoiceSpace space = ChoiceSpace.of(problem, 1);
        List<InfeasibleReason> single = Infeasibility.ofSingleModels(space);
        if (!single.isEmpty()) {
            return infeasible(single);
        }
        Placeability placeability = placement.on(problem.cluster(), space.placementShapes());
        return withinExactReach(space) ? exactly(space, placeability) : wellEnough(space, placeability);
    }

    private static boolean withinExactReach(ChoiceSpace space) {
        long choices = space.shapes().stream()
                .filter(SpaceShape::feasible)
                .mapToLong(shape -> shape.most() - shape.fewest() + 1)
                .sum();
        return space.models() <= EXACT_MODELS && choices <= EXACT_CHOICES;
    }

    private SearchResult exactly(ChoiceSpace space, Placeability placeability) {
        List<List<Choice>> choices = IntStream.range(0, space.models())
                .mapToObj(model -> Dominance.undominated(space, model))
                .toList();
        if (Inequalities.refute(Inequalities.plain(space, choices))) {
            return infeasibleTogether(space, limits.nodes());
        }
        Staged search = new Staged(space, choices, new Conflicts(placeability, space.models()), nodes(space));
        Optional<List<Choice>> plan = search.solve();
        if (plan.isPresent() && search.proven()) {
            return new SearchResult.Found(
                    assemble(space, placeability, plan.get(), search.lowerBound()), search.effort());
        }
        if (plan.isEmpty() && search.exhausted()) {
            return infeasibleTogether(space, limits.nodes());
        }
        Anytime other = new Anytime(space, placeability, limits);
        Optional<List<Choice>> otherPlan = other.solve();
        if (plan.isEmpty() && otherPlan.isEmpty()) {
            return infeasibleTogether(space, limits.nodes());
        }
        boolean otherIsBetter = otherPlan.isPresent() && (plan.isEmpty() || cost(otherPlan.get()) < cost(plan.get()));
        double lowerBound = Math.max(other.lowerBound(), search.lowerBound());
        return new SearchResult.Found(
                assemble(space, placeability, otherIsBetter ? otherPlan.get() : plan.orElseGet(List::of), lowerBound),
                search.effort());
    }

    /** The problems whose optimum is promised get the whole budget, larger ones a part of it. */
    private long nodes(ChoiceSpace space) {
        boolean promised =
                space.models() <= PROMISED_MODELS && problem.cluster().gpus() <= PROMISED_GPUS;
        return promised ? limits.nodes() : Math.max(1, limits.nodes() / 50);
    }

    private SearchResult wellEnough(ChoiceSpace space, Placeability placeability) {
        Anytime search = new Anytime(space, placeability, limits);
        Optional<List<Choice>> plan = search.solve();
        return plan.isEmpty()
                ? infeasibleTogether(space, LARGE_FEASIBILITY_NODES)
                : new SearchResult.Found(
                        assemble(space, placeability, plan.get(), search.lowerBound()), search.effort());
    }

    private static double cost(List<Choice> plan) {
        return plan.stream().mapToDouble(Choice::cost).sum();
    }

    private Plan assemble(ChoiceSpace space, Placeability placeability, List<Choice> choices, double lowerBound) {
        List<LlmAllocation> allocations = new ArrayList<>();
        long compute = 0;
        for (int model = 0; model < choices.size(); model++) {
            Choice choice = choices.get(model);
            Placeability.Shape shape = choice.shape().shape();
            allocations.add(new LlmAllocation(
                    space.model(model).name(),
                    shape.gpu(),
                    shape.gpuFraction(),
                    shape.tensorParallel(),
                    choice.replicas(),
                    shape.memoryGiBPerGpu()));
            compute += choice.compute();
        }
        Arrangement arrangement = placeability
                .place(allocations)
                .orElseThrow(
                        () -> new IllegalStateException("The plan was found placeable but not placed: " + allocations));
        List<WorkflowPrediction> predictions = Predictions.of(space, choices);
        double objective = Predictions.objective(problem, predictions);
        // an optimum's bound is its own objective, to the last digit
        double bound = lowerBound >= objective * (1 - 2 * TIE_TOLERANCE) ? objective : lowerBound;
        return new Plan(
                objective,
                bound,
                objective > 0 ? (objective - bound) / objective : 0,
                allocations,
                arrangement.placements(),
                predictions,
                (double) compute / space.units().computePerGpu(),
                arrangement.largestFreeGroup());
    }

    private SearchResult infeasibleTogether(ChoiceSpace space, long nodes) {
        return infeasible(sayWhyNot ? Infeasibility.ofAllModels(space, placement, nodes) : List.of());
    }

    private SearchResult infeasible(List<InfeasibleReason> reasons) {
        if (!sayWhyNot) {
            return new SearchResult.Infeasible(reasons, OptionalDouble.empty());
        }
        return new SearchResult.Infeasible(
                reasons, HighestScale.of(problem, placement, Math.min(limits.nodes(), FEASIBILITY_NODES)));
    }
}
