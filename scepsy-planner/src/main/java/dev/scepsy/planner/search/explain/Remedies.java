package dev.scepsy.planner.search.explain;

import dev.scepsy.planner.search.SearchResult;
import dev.scepsy.planner.search.choice.AllocationProblem;
import dev.scepsy.planner.search.choice.AllocationProblem.ModelOptions;
import dev.scepsy.planner.search.choice.ChoiceConstants;
import dev.scepsy.planner.search.choice.ChoiceSpace;
import dev.scepsy.planner.search.choice.HostChange;
import dev.scepsy.planner.search.choice.Placeability;
import dev.scepsy.planner.search.choice.SearchLimits;
import dev.scepsy.planner.search.solver.Feasibility;
import dev.scepsy.planner.topology.Cluster;
import dev.scepsy.planner.topology.HostResource;
import dev.scepsy.planner.topology.Node;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * What would make a plan of a problem that has none: every single kind of change that is enough by itself, at its
 * smallest, each made and planned again. Beyond {@value ExplainConstants#LARGE_GPUS} GPUs with less work, and GPUs are then counted to half
 * a per cent where the sums do not say how many are missing. Pure.
 */
public final class Remedies {

    private final AllocationProblem problem;
    private final Placeability.Factory placement;

    private Remedies(AllocationProblem problem, Placeability.Factory placement) {
        this.problem = problem;
        this.placement = placement;
    }

    /**
     * All that help, cheapest to do first; empty when no single kind of change does.
     *
     * @param infeasible what the search said of {@code problem}
     */
    public static List<Remedy> of(
            AllocationProblem problem, SearchResult.Infeasible infeasible, Placeability.Factory placement) {
        Remedies remedies = new Remedies(problem, placement);
        List<Remedy> found = new ArrayList<>();
        remedies.utilisation().ifPresent(found::add);
        remedies.replicaBounds(true).ifPresent(found::add);
        remedies.replicaBounds(false).ifPresent(found::add);
        remedies.hostLimits().ifPresent(found::add);
        remedies.occupied().ifPresent(found::add);
        Set<String> types = new TreeSet<>();
        problem.cluster().nodes().forEach(node -> types.add(node.gpu().name()));
        types.forEach(type -> remedies.gpus(type).ifPresent(found::add));
        infeasible.highestCommonScale().stream()
                .mapToObj(Remedy.LowerTargets::new)
                .forEach(found::add);
        return List.copyOf(found);
    }

    /** Whether {@code changed} has a plan, by making one. */
    public static boolean plans(AllocationProblem changed, Placeability.Factory placement) {
        return new Remedies(changed, placement).answer(changed).holds();
    }

    private Feasibility.Answer answer(AllocationProblem changed) {
        ChoiceSpace space = ChoiceSpace.of(changed, 1);
        return Feasibility.of(
                space,
                placement.on(changed.cluster(), space.placementShapes()),
                large() ? ExplainConstants.LARGE_REMEDY_NODES : ExplainConstants.REMEDY_NODES,
                SearchLimits.Stop.NEVER);
    }

    private boolean holds(AllocationProblem changed) {
        return answer(changed).holds();
    }

    private Optional<Remedy> gpus(String type) {
        OptionalInt atLeast = shortBy();
        if (atLeast.isEmpty()) {
            return Optional.empty();
        }
        int tooFew = atLeast.getAsInt() - 1;
        int enough = tooFew + 1;
        int most = Math.max(
                ExplainConstants.MOST_ADDED_GPUS,
                ExplainConstants.MOST_ADDED_TIMES * problem.cluster().gpus());
        int step = large() ? problem.cluster().gpus() / ExplainConstants.FIRST_PARTS : 1;
        for (; !holds(with(enough, type)); step *= 2) {
            tooFew = enough;
            enough += step;
            if (enough > most) {
                return Optional.empty();
            }
        }
        while (enough - tooFew > (large() ? Math.max(1, enough / ExplainConstants.WITHIN_PARTS) : 1)) {
            int middle = (enough + tooFew) / 2;
            if (holds(with(middle, type))) {
                enough = middle;
            } else {
                tooFew = middle;
            }
        }
        boolean fewest = enough - tooFew == 1
                && (tooFew < atLeast.getAsInt() || answer(with(tooFew, type)).decided());
        return Optional.of(new Remedy.AddGpus(type, enough, fewest));
    }

    private boolean large() {
        return problem.cluster().gpus() > ExplainConstants.LARGE_GPUS;
    }

    /** GPUs that the least needs of all models exceed those there are by, at least 1; empty where no GPUs will do. */
    private OptionalInt shortBy() {
        ChoiceSpace space = ChoiceSpace.of(problem, 1);
        double needed = 0;
        for (int model = 0; model < space.models(); model++) {
            double most = space.model(model).maxReplicas().orElse(Integer.MAX_VALUE);
            double least = space.shapes(model).stream()
                    .filter(shape -> shape.fewest() <= most)
                    .mapToDouble(shape -> (double) shape.fewest() * shape.replicaCompute())
                    .min()
                    .orElse(Double.POSITIVE_INFINITY);
            needed += least;
        }
        double missing = (needed - space.compute()) / space.units().computePerGpu();
        return missing
                        > ExplainConstants.MOST_ADDED_TIMES
                                * (double) Math.max(
                                        ExplainConstants.MOST_ADDED_GPUS,
                                        problem.cluster().gpus())
                ? OptionalInt.empty()
                : OptionalInt.of((int) Math.max(
                        1, Math.ceil(missing * (1 - ChoiceConstants.SUM_ROUNDING) - ExplainConstants.STEP_ROUNDING)));
    }

    private AllocationProblem with(int gpus, String type) {
        return new WhatIf.MoreGpus(gpus, Optional.of(type)).apply(problem);
    }

    private Optional<Remedy> utilisation() {
        if (problem.maxUtilisation() >= 1 || !holds(at(1))) {
            return Optional.empty();
        }
        int tooLow = (int)
                Math.floor(problem.maxUtilisation() / ExplainConstants.HUNDREDTHS + ExplainConstants.STEP_ROUNDING);
        int enough = (int) Math.round(1 / ExplainConstants.HUNDREDTHS);
        while (enough - tooLow > 1) {
            int middle = (enough + tooLow) / 2;
            if (holds(at(middle * ExplainConstants.HUNDREDTHS))) {
                enough = middle;
            } else {
                tooLow = middle;
            }
        }
        return Optional.of(new Remedy.RaiseUtilisation(hundredths(enough)));
    }

    private AllocationProblem at(double maxUtilisation) {
        return new AllocationProblem(
                problem.cluster(),
                problem.models(),
                problem.workflows(),
                hundredths((int) Math.round(maxUtilisation / ExplainConstants.HUNDREDTHS)),
                problem.objective());
    }

    /** The decimal as it is written. */
    private static double hundredths(int count) {
        return count / 100.0;
    }

    /** The first of processors, memory, and both of which more is enough, and how much more, to a hundredth. */
    private Optional<Remedy> hostLimits() {
        if (!ChoiceSpace.of(problem, 1).hostUnits().bind()) {
            return Optional.empty();
        }
        for (Set<HostResource> resources : List.of(
                EnumSet.of(HostResource.PROCESSORS),
                EnumSet.of(HostResource.MEMORY),
                EnumSet.allOf(HostResource.class))) {
            if (holds(HostChange.lifted(problem, resources))) {
                return hostFactor(resources).map(factor -> new Remedy.RaiseHostLimits(resources, factor));
            }
        }
        return Optional.empty();
    }

    private Optional<Double> hostFactor(Set<HostResource> resources) {
        int tooLow = 100;
        int enough = 2 * tooLow;
        for (; !holds(HostChange.times(problem, resources, hundredths(enough))); enough *= 2) {
            tooLow = enough;
            if (enough > ExplainConstants.MOST_HOST_TIMES * 100) {
                return Optional.empty();
            }
        }
        while (enough - tooLow > 1) {
            int middle = (enough + tooLow) / 2;
            if (holds(HostChange.times(problem, resources, hundredths(middle)))) {
                enough = middle;
            } else {
                tooLow = middle;
            }
        }
        return Optional.of(hundredths(enough));
    }

    private Optional<Remedy> occupied() {
        double held = problem.cluster().gpus() - problem.cluster().freeGpus();
        Cluster freed = problem.cluster()
                .withNodes(node -> new Node(
                        node.name(),
                        node.gpu(),
                        node.gpus(),
                        node.domainSize(),
                        node.sharing(),
                        List.of(),
                        node.host()));
        return held > 0 && holds(problem.withCluster(freed))
                ? Optional.of(new Remedy.FreeOccupied(held))
                : Optional.empty();
    }

    /**
     * The models whose bound has to go: taken back one by one as long as the rest is enough. On large clusters many at a
     * time first, and no more than {@value ExplainConstants#LARGE_TAKINGS_BACK} times in all, so one may stay that need not.
     */
    private Optional<Remedy> replicaBounds(boolean minimum) {
        Predicate<ModelOptions> bound =
                model -> minimum ? model.minReplicas() > 1 : model.maxReplicas().isPresent();
        List<String> lifted = new ArrayList<>(problem.models().stream()
                .filter(bound)
                .map(ModelOptions::name)
                .sorted()
                .toList());
        if (lifted.isEmpty() || !holds(without(lifted, minimum))) {
            return Optional.empty();
        }
        int asked = 0;
        for (int block = large() ? Math.max(1, lifted.size() / 4) : 1; block > 0; block /= 2) {
            for (int i = 0; i < lifted.size(); ) {
                if (large() && asked++ >= ExplainConstants.LARGE_TAKINGS_BACK) {
                    return Optional.of(new Remedy.LiftReplicaBounds(lifted, minimum));
                }
                List<String> back = List.copyOf(lifted.subList(i, Math.min(i + block, lifted.size())));
                lifted.removeAll(back);
                if (!holds(without(lifted, minimum))) {
                    lifted.addAll(i, back);
                    i += back.size();
                }
            }
        }
        return Optional.of(new Remedy.LiftReplicaBounds(lifted, minimum));
    }

    private AllocationProblem without(List<String> lifted, boolean minimum) {
        Set<String> names = new HashSet<>(lifted);
        return problem.withModels(problem.models().stream()
                .map(model -> !names.contains(model.name())
                        ? model
                        : new ModelOptions(
                                model.name(),
                                minimum ? 1 : model.minReplicas(),
                                minimum ? model.maxReplicas() : OptionalInt.empty(),
                                model.candidates()))
                .toList());
    }
}
