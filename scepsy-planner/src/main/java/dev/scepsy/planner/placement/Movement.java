package dev.scepsy.planner.placement;

import dev.scepsy.planner.allocation.LlmAllocation;
import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.allocation.ReplicaPlacement;
import dev.scepsy.planner.topology.Cluster;
import dev.scepsy.planner.topology.HostNeed;
import dev.scepsy.planner.topology.ReplicaShape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;

/**
 * What it takes to get from one plan to another, in replicas. Immutable.
 *
 * @param models one per model of either plan, in name order
 * @param least whether no placement of the same allocations moves fewer; false: not known
 */
public record Movement(List<OfModel> models, boolean least) {

    public Movement {
        models = List.copyOf(models);
    }

    /**
     * One model's replicas.
     *
     * @param kept stand on the same GPUs in both, with the same shape
     * @param moved of the same shape, on other GPUs
     * @param restarted of another GPU type, fraction, tensor parallelism or memory
     * @param started beyond those there were
     * @param stopped without a successor
     */
    public record OfModel(String model, int kept, int moved, int restarted, int started, int stopped) {}

    /** Replicas of the later plan that were not where they are, as they are. */
    public int changed() {
        return sum(model -> model.moved() + model.restarted() + model.started());
    }

    /** Replicas that go on undisturbed. */
    public int kept() {
        return sum(OfModel::kept);
    }

    private int sum(ToIntFunction<OfModel> of) {
        return models.stream().mapToInt(of).sum();
    }

    /**
     * From {@code current} to {@code next}, which is a legal plan on {@code cluster}.
     *
     * @param needs what one replica of an allocation takes of its node beside GPUs
     */
    public static Movement between(Cluster cluster, Plan current, Plan next, Function<LlmAllocation, HostNeed> needs) {
        Map<String, LlmAllocation> before = byModel(current);
        Map<String, LlmAllocation> after = byModel(next);
        TreeSet<String> names = new TreeSet<>(before.keySet());
        names.addAll(after.keySet());
        List<OfModel> models = new ArrayList<>();
        int kept = 0;
        for (String name : names) {
            OfModel model = of(
                    name,
                    Optional.ofNullable(before.get(name)),
                    Optional.ofNullable(after.get(name)),
                    places(current, name),
                    places(next, name));
            models.add(model);
            kept += model.kept();
        }
        return new Movement(models, kept >= most(cluster, current, next, needs));
    }

    private static OfModel of(
            String name,
            Optional<LlmAllocation> before,
            Optional<LlmAllocation> after,
            Map<String, Integer> stood,
            Map<String, Integer> stands) {
        int had = stood.values().stream().mapToInt(Integer::intValue).sum();
        int has = stands.values().stream().mapToInt(Integer::intValue).sum();
        int both = Math.min(had, has);
        boolean sameShape = before.map(ReplicaShape::of).equals(after.map(ReplicaShape::of));
        int kept = !sameShape
                ? 0
                : stands.entrySet().stream()
                        .mapToInt(place -> Math.min(place.getValue(), stood.getOrDefault(place.getKey(), 0)))
                        .sum();
        return new OfModel(name, kept, sameShape ? both - kept : 0, sameShape ? 0 : both, has - both, had - both);
    }

    private static Map<String, LlmAllocation> byModel(Plan plan) {
        return plan.allocations().stream().collect(Collectors.toMap(LlmAllocation::model, allocation -> allocation));
    }

    private static Map<String, Integer> places(Plan plan, String model) {
        Map<String, Integer> places = new HashMap<>();
        for (ReplicaPlacement at : plan.placements()) {
            if (at.model().equals(model)) {
                places.merge(at.node() + at.gpus(), 1, Integer::sum);
            }
        }
        return places;
    }

    /** Replicas any placement can keep at most; all there are where it was not proven. */
    private static int most(Cluster cluster, Plan current, Plan next, Function<LlmAllocation, HostNeed> needs) {
        List<ReplicaShape> distinct = next.allocations().stream()
                .map(allocation -> ReplicaShape.of(allocation).withNeed(needs.apply(allocation)))
                .distinct()
                .toList();
        Shapes shapes = new Shapes(cluster, distinct);
        Map<String, List<PolicyPlacing.Want>> byGpu = new TreeMap<>();
        List<String> models = new ArrayList<>();
        for (LlmAllocation allocation : next.allocations()) {
            byGpu.computeIfAbsent(allocation.gpu(), gpu -> new ArrayList<>())
                    .add(new PolicyPlacing.Want(
                            models.size(),
                            shapes.position(ReplicaShape.of(allocation).withNeed(needs.apply(allocation))),
                            allocation.replicas()));
            models.add(allocation.model());
        }
        int most = 0;
        for (Map.Entry<String, List<PolicyPlacing.Want>> type : byGpu.entrySet()) {
            LeastMovement.Kept kept = new LeastMovement(
                            cluster, shapes, new Packer(shapes), type.getKey(), type.getValue())
                    .of(current, models);
            if (!kept.proven()) {
                return Integer.MAX_VALUE;
            }
            most += kept.replicas().size();
        }
        return most;
    }
}
