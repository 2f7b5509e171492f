package dev.scepsy.planner.search;

import dev.scepsy.planner.allocation.Goal;
import dev.scepsy.planner.allocation.LlmAllocation;
import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.search.choice.AllocationProblem;
import dev.scepsy.planner.search.choice.AllocationProblem.Candidate;
import dev.scepsy.planner.search.choice.AllocationProblem.ModelOptions;
import dev.scepsy.planner.search.choice.Choice;
import dev.scepsy.planner.search.choice.ChoiceSpace;
import dev.scepsy.planner.search.choice.Placeability;
import dev.scepsy.planner.search.choice.SpaceShape;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Predicate;

/**
 * Plans near the best, for a closer look than the closed form gives: the best one, then for every model its nearest other
 * choices, each with all other models planned anew around it. So a model the closed form sees no use for, because its
 * calls hide behind longer ones, is tried with more as well.
 *
 * <p>Pure; every plan is legal and placed. Objectives are the closed form's; bounds are those of the best plan.
 */
public final class Finalists {

    private Finalists() {}

    /**
     * The best plan first, then by closed form.
     *
     * @param best what a search of {@code problem} found
     * @param count plans wanted in all, at least 1; fewer come back where there are fewer
     */
    public static List<Plan> of(AllocationProblem problem, Plan best, Placeability.Factory placement, int count) {
        ChoiceSpace space = ChoiceSpace.of(problem, 1);
        Map<List<LlmAllocation>, Plan> plans = new LinkedHashMap<>();
        plans.put(best.allocations(), best);
        List<List<Choice>> nearest = new ArrayList<>();
        for (int model = 0; model < space.models(); model++) {
            nearest.add(nearest(space, model, best));
        }
        for (int rank = 0; plans.size() < count && nearest.stream().anyMatch(hasMoreThan(rank)); rank++) {
            for (int model = 0; model < space.models() && plans.size() < count; model++) {
                if (rank < nearest.get(model).size()) {
                    around(problem, space, nearest.get(model).get(rank), best, placement, plans);
                }
            }
        }
        List<Plan> others = new ArrayList<>(plans.values());
        others.remove(0);
        others.sort(Comparator.comparingDouble(Plan::objectiveSeconds));
        others.add(0, best);
        return List.copyOf(others);
    }

    private static Predicate<List<Choice>> hasMoreThan(int rank) {
        return choices -> rank < choices.size();
    }

    /** Other choices of one model, the most alike in compute first; of equal ones the cheaper. */
    private static List<Choice> nearest(ChoiceSpace space, int model, Plan best) {
        LlmAllocation mine = best.allocations().get(model);
        double compute = mine.gpus() * space.units().computePerGpu();
        List<Choice> choices = new ArrayList<>();
        for (SpaceShape shape : space.shapes(model)) {
            if (!shape.feasible()) {
                continue;
            }
            long like = Math.max(1, Math.round(compute / shape.replicaCompute()));
            for (long replicas = like - 1; replicas <= like + 1; replicas++) {
                boolean same = shape.shape().isOf(mine) && replicas == mine.replicas();
                if (replicas >= shape.fewest() && replicas <= shape.most() && !same) {
                    choices.add(space.choice(shape, replicas));
                }
            }
        }
        choices.sort(Comparator.<Choice>comparingDouble(choice -> Math.abs(Math.log(choice.compute() / compute)))
                .thenComparingDouble(Choice::cost)
                .thenComparingInt(choice -> choice.shape().index()));
        return choices;
    }

    private static void around(
            AllocationProblem problem,
            ChoiceSpace space,
            Choice fixed,
            Plan best,
            Placeability.Factory placement,
            Map<List<LlmAllocation>, Plan> plans) {
        String name = space.model(fixed.shape().model()).name();
        List<ModelOptions> models = problem.models().stream()
                .map(model -> model.name().equals(name) ? only(model, fixed) : model)
                .toList();
        AllocationProblem restricted = problem.withModels(models);
        // quick ones only: a neighbour need not be the best of its kind
        if (Search.tryPlan(restricted, placement) instanceof SearchResult.Found found) {
            Plan plan = found.plan();
            if (!reaches(plan.goal(), best.goal())) {
                return;
            }
            Plan finalist = new Plan(
                    plan.objectiveSeconds(),
                    best.lowerBoundSeconds(),
                    plan.objectiveSeconds() > 0
                            ? (plan.objectiveSeconds() - best.lowerBoundSeconds()) / plan.objectiveSeconds()
                            : 0,
                    plan.allocations(),
                    plan.placements(),
                    plan.predictions(),
                    plan.gpusUsed(),
                    plan.largestFreeGroup());
            plans.putIfAbsent(
                    plan.allocations(), best.goal().map(finalist::withGoal).orElse(finalist));
        }
    }

    /** What a plan was made for is not given up for a better simulated latency. */
    private static boolean reaches(Optional<Goal> other, Optional<Goal> best) {
        return best.isEmpty()
                || (other.isPresent()
                        && Math.abs(other.get().value() - best.get().value())
                                <= SearchConstants.GOAL_TOLERANCE
                                        * Math.abs(best.get().value()));
    }

    private static ModelOptions only(ModelOptions model, Choice fixed) {
        List<Candidate> shape = model.candidates().stream()
                .filter(candidate ->
                        candidate.shape().sameDivision(fixed.shape().shape()))
                .toList();
        return new ModelOptions(model.name(), fixed.replicas(), OptionalInt.of(fixed.replicas()), shape);
    }
}
