package dev.scepsy.planner.search.infeasible;

import dev.scepsy.planner.predict.WorkflowDemand;
import dev.scepsy.planner.search.choice.AllocationProblem;
import dev.scepsy.planner.search.choice.AllocationProblem.ModelOptions;
import dev.scepsy.planner.search.choice.ChoiceConstants;
import dev.scepsy.planner.search.choice.ChoiceSpace;
import dev.scepsy.planner.search.choice.Load;
import dev.scepsy.planner.search.choice.Measure;
import dev.scepsy.planner.search.choice.Placeability;
import dev.scepsy.planner.search.choice.SearchLimits;
import dev.scepsy.planner.search.choice.SpaceShape;
import dev.scepsy.planner.search.infeasible.InfeasibleReason.LatencyLimitOutOfReach;
import dev.scepsy.planner.search.infeasible.InfeasibleReason.LatencyLimitsTogether;
import dev.scepsy.planner.search.infeasible.InfeasibleReason.MinReplicas;
import dev.scepsy.planner.search.infeasible.InfeasibleReason.NoUsableProfile;
import dev.scepsy.planner.search.infeasible.InfeasibleReason.NotEnoughCompute;
import dev.scepsy.planner.search.infeasible.InfeasibleReason.NotEnoughMemory;
import dev.scepsy.planner.search.infeasible.InfeasibleReason.ThroughputOutOfReach;
import dev.scepsy.planner.search.infeasible.InfeasibleReason.Unplaceable;
import dev.scepsy.planner.search.solver.Feasibility;
import dev.scepsy.planner.search.solver.Solver;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;

/**
 * Why there is no plan: first what stops single models, each on its own; else what the models' least needs exceed
 * together; else the smallest set of models that cannot stand side by side although the sums would do. Where nodes limit what
 * engines take beside GPUs, and the GPUs alone would do, it says that first.
 */
public final class Infeasibility {

    private Infeasibility() {}

    /** What stops single models even with the cluster to themselves; empty when nothing does. */
    public static List<InfeasibleReason> ofSingleModels(ChoiceSpace space) {
        List<InfeasibleReason> reasons = new ArrayList<>();
        for (int model = 0; model < space.models(); model++) {
            ModelOptions options = space.model(model);
            List<SpaceShape> shapes = space.shapes(model);
            if (shapes.isEmpty()) {
                reasons.add(
                        new NoUsableProfile(options.name(), options.candidates().size()));
            } else if (shapes.stream().noneMatch(SpaceShape::feasible)) {
                int at = model;
                reasons.add(HostShortage.ofSingleModel(space, model).orElseGet(() -> tooMuch(space, at)));
            }
        }
        return reasons;
    }

    private static InfeasibleReason tooMuch(ChoiceSpace space, int model) {
        ModelOptions options = space.model(model);
        long alone = space.shapes(model).stream()
                .mapToLong(SpaceShape::aloneMost)
                .max()
                .orElse(0);
        return alone < options.minReplicas()
                ? new MinReplicas(options.name(), options.minReplicas(), alone)
                : outOfReach(space, model);
    }

    private static InfeasibleReason outOfReach(ChoiceSpace space, int model) {
        BigDecimal best = BigDecimal.ZERO;
        long replicas = 0;
        for (SpaceShape shape : space.shapes(model)) {
            BigDecimal reach = Load.usable(shape.profile(), space.problem().maxUtilisation())
                    .multiply(BigDecimal.valueOf(shape.most()));
            if (reach.compareTo(best) > 0) {
                best = reach;
                replicas = shape.most();
            }
        }
        Load load = space.load(model);
        return new ThroughputOutOfReach(
                space.model(model).name(),
                load.requestsPerSecond().doubleValue(),
                best.doubleValue(),
                (int) replicas,
                load.workflows());
    }

    /**
     * What stops all models together; at least one reason.
     *
     * @param decided that there is no plan is proven
     */
    public static List<InfeasibleReason> ofAllModels(
            ChoiceSpace space, Placeability.Factory placement, SearchLimits limits, long nodes, boolean decided) {
        Optional<InfeasibleReason> onHosts = HostShortage.ofAllModels(space, placement, limits, nodes, decided);
        if (onHosts.isPresent()) {
            return List.of(onHosts.get());
        }
        List<InfeasibleReason> reasons = new ArrayList<>(sums(space));
        if (!reasons.isEmpty()) {
            return reasons;
        }
        if (!space.latencyLimits().isEmpty()) {
            AllocationProblem unlimited = space.problem()
                    .withWorkflows(space.problem().workflows().stream()
                            .map(workflow -> workflow.withLatencyLimit(OptionalDouble.empty()))
                            .toList());
            ChoiceSpace free = ChoiceSpace.of(unlimited, 1);
            Placeability placeability = placement.on(unlimited.cluster(), free.placementShapes());
            if (Feasibility.of(free, placeability, nodes, limits.stop()).holds()) {
                return latencyLimits(space, placement, limits, decided);
            }
        }
        return List.of(new Unplaceable(SmallestConflict.of(space.problem(), placement, limits, nodes), decided));
    }

    /** Limits that cannot be kept even when nothing else counts; else all of them together. */
    private static List<InfeasibleReason> latencyLimits(
            ChoiceSpace space, Placeability.Factory placement, SearchLimits limits, boolean decided) {
        AllocationProblem problem = space.problem();
        List<InfeasibleReason> reasons = new ArrayList<>();
        List<String> limited = new ArrayList<>();
        for (WorkflowDemand workflow : problem.workflows()) {
            if (workflow.latencyLimitSeconds().isEmpty()) {
                continue;
            }
            limited.add(workflow.name());
            AllocationProblem alone = problem.withWorkflows(problem.workflows().stream()
                    .map(other -> other.withLatencyLimit(OptionalDouble.empty())
                            .withWeight(other.name().equals(workflow.name()) ? 1 : 0))
                    .toList());
            ChoiceSpace only = ChoiceSpace.of(alone, 1);
            Solver.Solved best = new Solver(only, placement, limits).best(Measure.latency(only), List.of());
            double limit = workflow.latencyLimitSeconds().getAsDouble();
            if (best.plan().isPresent() && best.value() > limit) {
                reasons.add(new LatencyLimitOutOfReach(
                        workflow.name(), limit, best.value(), best.decided() || best.lowerBound() > limit));
            }
        }
        return reasons.isEmpty() ? List.of(new LatencyLimitsTogether(limited, decided)) : reasons;
    }

    private static List<InfeasibleReason> sums(ChoiceSpace space) {
        double gpu = space.units().computePerGpu();
        List<Need> compute = needs(space, shape -> shape.fewest() * shape.replicaCompute() / gpu, shape -> true);
        List<Need> memoryGiB = needs(
                space,
                shape -> shape.fewest() * shape.tensorParallel() * shape.shape().memoryGiBPerGpu(),
                shape -> true);
        List<InfeasibleReason> reasons = new ArrayList<>();
        double gpus = space.compute() / gpu;
        double clusterGiB = space.problem().cluster().freeMemoryGiB();
        if (sum(compute) > gpus * (1 + ChoiceConstants.SUM_ROUNDING)) {
            reasons.add(new NotEnoughCompute(
                    sum(compute), gpus, fewestBeyond(compute, gpus * (1 + ChoiceConstants.SUM_ROUNDING))));
        }
        // where memory goes with compute, saying so twice helps nobody
        boolean memoryBinds = space.shapes().stream().anyMatch(shape -> shape.memory() > 0);
        if (memoryBinds && sum(memoryGiB) > clusterGiB * (1 + InfeasibleConstants.MEMORY_ROUNDING)) {
            reasons.add(new NotEnoughMemory(
                    sum(memoryGiB),
                    clusterGiB,
                    fewestBeyond(memoryGiB, clusterGiB * (1 + InfeasibleConstants.MEMORY_ROUNDING))));
        }
        return reasons.isEmpty() ? sumsByType(space) : reasons;
    }

    /** What one model takes at least. */
    private record Need(String model, double amount) {}

    /** Of the models all of whose feasible shapes pass {@code bound}. */
    private static List<Need> needs(
            ChoiceSpace space, ToDoubleFunction<SpaceShape> amount, Predicate<SpaceShape> bound) {
        List<Need> needs = new ArrayList<>();
        for (int model = 0; model < space.models(); model++) {
            List<SpaceShape> shapes =
                    space.shapes(model).stream().filter(SpaceShape::feasible).toList();
            if (!shapes.isEmpty() && shapes.stream().allMatch(bound)) {
                needs.add(new Need(
                        space.model(model).name(),
                        shapes.stream().mapToDouble(amount).min().orElse(0)));
            }
        }
        return needs;
    }

    private static double sum(List<Need> needs) {
        return needs.stream().mapToDouble(Need::amount).sum();
    }

    /** The smallest set of models whose needs alone exceed {@code available}, in name order. */
    private static List<String> fewestBeyond(List<Need> needs, double available) {
        List<Need> largestFirst = new ArrayList<>(needs);
        largestFirst.sort(Comparator.comparingDouble(Need::amount).reversed().thenComparing(Need::model));
        List<String> models = new ArrayList<>();
        double taken = 0;
        for (Need need : largestFirst) {
            if (taken <= available) {
                models.add(need.model());
                taken += need.amount();
            }
        }
        models.sort(Comparator.naturalOrder());
        return models;
    }

    /** Models bound to one GPU type may exceed that type while others stand idle. */
    private static List<InfeasibleReason> sumsByType(ChoiceSpace space) {
        Set<String> types = new TreeSet<>();
        space.kinds().forEach(kind -> types.add(kind.gpu()));
        if (types.size() < 2) {
            return List.of();
        }
        double gpu = space.units().computePerGpu();
        List<InfeasibleReason> reasons = new ArrayList<>();
        for (String type : types) {
            List<Need> compute = needs(
                    space,
                    shape -> shape.fewest() * shape.replicaCompute() / gpu,
                    shape -> shape.shape().gpu().equals(type));
            double gpus = space.kinds().stream()
                    .filter(kind -> kind.gpu().equals(type))
                    .mapToDouble(kind -> (double) kind.count() * kind.gpus())
                    .sum();
            if (sum(compute) > gpus * (1 + ChoiceConstants.SUM_ROUNDING)) {
                reasons.add(new NotEnoughCompute(
                        sum(compute), gpus, fewestBeyond(compute, gpus * (1 + ChoiceConstants.SUM_ROUNDING))));
            }
        }
        return reasons;
    }
}
