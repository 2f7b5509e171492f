package dev.scepsy.planner.search.infeasible;

import dev.scepsy.planner.search.choice.ChoiceSpace;
import dev.scepsy.planner.search.choice.HostChange;
import dev.scepsy.planner.search.choice.Placeability;
import dev.scepsy.planner.search.choice.SearchLimits;
import dev.scepsy.planner.search.choice.SpaceShape;
import dev.scepsy.planner.search.infeasible.InfeasibleReason.HostTooSmall;
import dev.scepsy.planner.search.infeasible.InfeasibleReason.HostTooSmall.Shortage;
import dev.scepsy.planner.search.solver.Feasibility;
import dev.scepsy.planner.topology.HostResource;
import dev.scepsy.planner.topology.Node;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/** Whether nodes' processors or memory are what is missing, and by how much they fall short. */
final class HostShortage {

    private HostShortage() {}

    /** Why one model that the GPUs would hold has no shape; empty where GPUs do not hold it either. */
    static Optional<InfeasibleReason> ofSingleModel(ChoiceSpace space, int model) {
        if (!space.hostUnits().bind()) {
            return Optional.empty();
        }
        ChoiceSpace free = ChoiceSpace.of(HostChange.lifted(space.problem()), 1);
        boolean fits = free.shapes(model).stream().anyMatch(SpaceShape::feasible);
        return fits ? Optional.of(reason(free, space, List.of(space.model(model).name()), true)) : Optional.empty();
    }

    /** Why models have no plan together though the GPUs would hold one; empty where they would not. */
    static Optional<InfeasibleReason> ofAllModels(
            ChoiceSpace space, Placeability.Factory placement, SearchLimits limits, long nodes, boolean decided) {
        if (!space.hostUnits().bind()) {
            return Optional.empty();
        }
        ChoiceSpace free = ChoiceSpace.of(HostChange.lifted(space.problem()), 1);
        Placeability placeability = placement.on(free.problem().cluster(), free.placementShapes());
        if (!Feasibility.of(free, placeability, nodes, limits.stop()).holds()) {
            return Optional.empty();
        }
        List<String> models = space.latencyLimits().isEmpty()
                ? SmallestConflict.of(space.problem(), placement, limits, nodes)
                : allNames(space);
        return Optional.of(reason(free, space, models, decided));
    }

    private static List<String> allNames(ChoiceSpace space) {
        List<String> names = new ArrayList<>();
        for (int model = 0; model < space.models(); model++) {
            names.add(space.model(model).name());
        }
        return names;
    }

    private static InfeasibleReason reason(ChoiceSpace free, ChoiceSpace space, List<String> models, boolean decided) {
        List<Shortage> shortages = new ArrayList<>();
        for (HostResource resource : HostResource.values()) {
            shortage(free, space, models, resource).ifPresent(shortages::add);
        }
        return new HostTooSmall(models, shortages, decided);
    }

    /** What the models' engines need at the very least, where that is more than all nodes that may hold them give. */
    private static Optional<Shortage> shortage(
            ChoiceSpace free, ChoiceSpace space, List<String> models, HostResource resource) {
        BigDecimal needed = BigDecimal.ZERO;
        long engines = 0;
        Set<String> types = new HashSet<>();
        for (int model = 0; model < free.models(); model++) {
            if (!models.contains(free.model(model).name())) {
                continue;
            }
            Optional<BigDecimal> least = Optional.empty();
            long replicas = 0;
            for (SpaceShape shape : free.shapes(model)) {
                if (shape.feasible()) {
                    types.add(shape.shape().gpu());
                    BigDecimal of = BigDecimal.valueOf(free.problem()
                                    .need(free.model(model).name(), shape.shape())
                                    .of(resource))
                            .multiply(BigDecimal.valueOf(shape.fewest()));
                    if (least.isEmpty() || of.compareTo(least.get()) < 0) {
                        least = Optional.of(of);
                        replicas = shape.fewest();
                    }
                }
            }
            needed = needed.add(least.orElse(BigDecimal.ZERO));
            engines += replicas;
        }
        BigDecimal given = BigDecimal.ZERO;
        List<String> names = new ArrayList<>();
        for (Node node : space.problem().cluster().nodes()) {
            if (types.contains(node.gpu().name())) {
                OptionalDouble limit = node.host().of(resource);
                if (limit.isEmpty()) {
                    return Optional.empty();
                }
                names.add(node.name());
                given = given.add(BigDecimal.valueOf(limit.getAsDouble()));
            }
        }
        return needed.compareTo(given) > 0
                ? Optional.of(new Shortage(resource, engines, needed.doubleValue(), given.doubleValue(), names))
                : Optional.empty();
    }
}
