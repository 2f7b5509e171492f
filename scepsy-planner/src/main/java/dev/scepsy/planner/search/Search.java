package dev.scepsy.planner.search;

import dev.scepsy.planner.allocation.Goal;
import dev.scepsy.planner.allocation.LlmAllocation;
import dev.scepsy.planner.allocation.Objective;
import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.allocation.WorkflowPrediction;
import dev.scepsy.planner.search.choice.AllocationProblem;
import dev.scepsy.planner.search.choice.Choice;
import dev.scepsy.planner.search.choice.ChoiceConstants;
import dev.scepsy.planner.search.choice.ChoiceSpace;
import dev.scepsy.planner.search.choice.Limit;
import dev.scepsy.planner.search.choice.Measure;
import dev.scepsy.planner.search.choice.Placeability;
import dev.scepsy.planner.search.choice.Placeability.Arrangement;
import dev.scepsy.planner.search.choice.SearchLimits;
import dev.scepsy.planner.search.infeasible.Infeasibility;
import dev.scepsy.planner.search.infeasible.InfeasibleReason;
import dev.scepsy.planner.search.solver.HighestScale;
import dev.scepsy.planner.search.solver.Solver;
import dev.scepsy.planner.search.solver.Solver.Solved;
import dev.scepsy.planner.search.solver.SolverConstants;
import dev.scepsy.planner.topology.ReplicaShape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Finds the plan of least weighted workflow latency that sustains every target and can be placed.
 *
 * <pre>
 * minimise  Σ_w weight_w · (o_w + Σ_m κ_wm · L_m(f_m, t_m, λ_m / r_m)) / Σ_w weight_w
 *         = constant + Σ_m cost_m(f_m, t_m, r_m)
 * </pre>
 *
 * Given the loads λ_m the objective is a sum over models, which is what everything here rests on: choices that another
 * always replaces are dropped ({@code Dominance}), inequalities that every placed plan obeys bound the rest
 * ({@code KnapsackRelaxation}), and {@code BranchAndBound} decides, in the steps of {@code ExactSearch}, the winner of a tie included.
 * Beyond their reach {@code LagrangianHeuristic} takes over. Every {@link Objective} is such a sum: the fewest GPUs or the least cost
 * are found first, then the least latency among the plans that need no more; the largest common factor on the targets
 * ({@link HighestScale}) first, then the least latency at it.
 *
 * <p>A pure function: same problem and limits, same result.
 */
public final class Search {

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
    public static SearchResult tryPlan(AllocationProblem problem, Placeability.Factory placement) {
        SearchLimits little = new SearchLimits(SearchConstants.LITTLE_NODES, 0);
        Search search = new Search(problem, placement, little, false);
        return search.run();
    }

    private SearchResult run() {
        return problem.objective() == Objective.THROUGHPUT ? mostThroughput() : cheapest();
    }

    private SearchResult cheapest() {
        ChoiceSpace space = ChoiceSpace.of(problem, 1);
        List<InfeasibleReason> single = Infeasibility.ofSingleModels(space);
        if (!single.isEmpty()) {
            return infeasible(single);
        }
        Solver solver = new Solver(space, placement, limits);
        Measure latency = Measure.latency(space);
        List<Limit> within = space.latencyLimits();
        Measure first = measure(space);
        Solved solved = problem.objective() == Objective.LATENCY
                ? solver.bestByTieRules(latency, within, Optional.empty())
                : solver.best(first, within);
        if (solved.plan().isEmpty()) {
            return infeasibleTogether(space, solved.decided());
        }
        if (problem.objective() == Objective.LATENCY) {
            return found(space, solver, solved.plan().get(), solved.lowerBound(), Optional.empty());
        }
        List<Limit> enough = new ArrayList<>(within);
        enough.add(new Limit(first.of(), solved.value() * (1 + ChoiceConstants.TIE_TOLERANCE)));
        Solved fastest = solver.bestByTieRules(latency, enough, solved.plan());
        List<Choice> plan = fastest.plan().orElseThrow();
        double unit = problem.objective() == Objective.GPUS ? space.units().computePerGpu() : 1;
        double value = plan.stream().mapToDouble(first.of()).sum();
        double bound = solved.decided() ? value : Math.min(solved.lowerBound(), value);
        Goal goal = new Goal(problem.objective(), value / unit, bound / unit, value > 0 ? (value - bound) / value : 0);
        return found(space, solver, plan, fastest.lowerBound(), Optional.of(goal));
    }

    private Measure measure(ChoiceSpace space) {
        return switch (problem.objective()) {
            case GPUS -> Measure.compute();
            case COST -> Measure.price(space);
            case LATENCY, THROUGHPUT -> Measure.latency(space);
        };
    }

    /** The targets times the largest factor that fits, then the least latency there. */
    private SearchResult mostThroughput() {
        ChoiceSpace space = ChoiceSpace.of(problem, 1);
        HighestScale.Reach reach = highestScale();
        if (reach.scale().isEmpty()) {
            List<InfeasibleReason> single = Infeasibility.ofSingleModels(space);
            return sayWhyNot && single.isEmpty()
                    ? infeasibleTogether(space, true)
                    : new SearchResult.Infeasible(single, OptionalDouble.empty());
        }
        double scale = reach.scale().getAsDouble() * SolverConstants.JUST_BELOW;
        AllocationProblem scaled = problem.withTargetsTimes(scale).withObjective(Objective.LATENCY);
        Search atScale = new Search(scaled, placement, limits, sayWhyNot);
        SearchResult result = atScale.cheapest();
        if (!(result instanceof SearchResult.Found found)) {
            return result;
        }
        boolean proven = reach.bound() <= reach.scale().getAsDouble() * (1 + SearchConstants.FACTOR_PROVEN);
        double bound = proven ? scale : reach.bound();
        Goal goal = new Goal(Objective.THROUGHPUT, scale, bound, (bound - scale) / scale);
        return new SearchResult.Found(found.plan().withGoal(goal), found.effort());
    }

    private SearchResult found(
            ChoiceSpace space, Solver solver, List<Choice> choices, double lowerBound, Optional<Goal> goal) {
        Placeability placeability = placement.on(problem.cluster(), space.placementShapes());
        Plan plan = assemble(space, placeability, choices, lowerBound);
        return new SearchResult.Found(goal.map(plan::withGoal).orElse(plan), solver.effort());
    }

    private Plan assemble(ChoiceSpace space, Placeability placeability, List<Choice> choices, double lowerBound) {
        List<LlmAllocation> allocations = new ArrayList<>();
        long compute = 0;
        for (int model = 0; model < choices.size(); model++) {
            Choice choice = choices.get(model);
            ReplicaShape shape = choice.shape().shape();
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
                .place(
                        allocations,
                        choices.stream()
                                .mapToInt(choice -> choice.shape().index())
                                .toArray())
                .orElseThrow(
                        () -> new IllegalStateException("The plan was found placeable but not placed: " + allocations));
        List<WorkflowPrediction> predictions = Predictions.of(space, choices);
        double objective = Predictions.objective(problem, predictions);
        // an optimum's bound is its own objective, to the last digit
        double bound = lowerBound >= objective * (1 - 2 * ChoiceConstants.TIE_TOLERANCE) ? objective : lowerBound;
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

    private SearchResult infeasibleTogether(ChoiceSpace space, boolean decided) {
        long nodes =
                space.models() <= SearchConstants.REASON_MODELS ? limits.nodes() : SearchConstants.LARGE_REASON_NODES;
        return infeasible(sayWhyNot ? Infeasibility.ofAllModels(space, placement, limits, nodes, decided) : List.of());
    }

    private SearchResult infeasible(List<InfeasibleReason> reasons) {
        return new SearchResult.Infeasible(reasons, sayWhyNot ? highestScale().scale() : OptionalDouble.empty());
    }

    private HighestScale.Reach highestScale() {
        boolean promised = Solver.promised(ChoiceSpace.of(problem, 1));
        long nodes = promised ? limits.nodes() : Math.min(limits.nodes(), SearchConstants.FACTOR_NODES);
        return HighestScale.of(problem, placement, nodes, limits.stop());
    }
}
