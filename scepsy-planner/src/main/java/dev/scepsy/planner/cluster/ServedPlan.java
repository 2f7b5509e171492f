package dev.scepsy.planner.cluster;

import dev.scepsy.planner.allocation.LlmAllocation;
import dev.scepsy.planner.allocation.ReplicaPlacement;
import dev.scepsy.planner.cluster.ServingState.EngineState;
import dev.scepsy.planner.topology.Node;
import dev.scepsy.planner.transition.Engine;
import dev.scepsy.planner.transition.EngineShape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a cluster serves, put as a plan: every engine that runs or is starting, where it really is. That is the plan last
 * applied where nothing drifted, and the truth where something did. Where the kubelet or a scheduler picks the GPUs, the
 * numbers are ones that fit: there they are advice in plans too.
 */
public sealed interface ServedPlan {

    /** Sizes and places; what was predicted of them nobody recorded. Immutable. */
    record Known(List<LlmAllocation> allocations, List<ReplicaPlacement> placements) implements ServedPlan {
        public Known {
            allocations = List.copyOf(allocations);
            placements = List.copyOf(placements);
        }
    }

    /** No plan says it: why, each with a remedy. Immutable. */
    record Unknown(List<String> reasons) implements ServedPlan {
        public Unknown {
            reasons = List.copyOf(reasons);
        }
    }

    /** The plan that {@code state} amounts to. */
    static ServedPlan of(ServingState state) {
        Map<String, Node> nodes = new HashMap<>();
        state.hardware().forEach(cluster -> cluster.nodes().forEach(node -> nodes.putIfAbsent(node.name(), node)));
        Map<String, List<EngineState>> models = new TreeMap<>();
        state.engines().stream()
                .filter(engine -> engine.found() > 0)
                .forEach(engine -> models.computeIfAbsent(engine.engine().model(), model -> new ArrayList<>())
                        .add(engine));
        if (models.isEmpty()) {
            return new Unknown(List.of("No engine runs here: leave --current out where nothing serves yet, or give the"
                    + " --namespace it serves in."));
        }
        List<String> reasons = new ArrayList<>();
        List<LlmAllocation> allocations = new ArrayList<>();
        List<ReplicaPlacement> placements = new ArrayList<>();
        PickedGpus picked = new PickedGpus();
        models.forEach((model, engines) -> {
            Optional<String> gpu = oneKind(model, engines, nodes, reasons);
            if (gpu.isEmpty()) {
                return;
            }
            EngineShape shape = engines.get(0).engine().shape();
            List<Place> places =
                    engines.stream().flatMap(engine -> places(engine).stream()).toList();
            allocations.add(new LlmAllocation(
                    model,
                    gpu.get(),
                    shape.gpuFraction(),
                    shape.tensorParallel(),
                    places.size(),
                    shape.memoryGiBPerGpu()));
            for (int replica = 0; replica < places.size(); replica++) {
                Place place = places.get(replica);
                if (place.gpus().isEmpty()) {
                    picked.add(place.node(), shape, placements.size());
                }
                placements.add(new ReplicaPlacement(
                        model, replica, place.node(), place.gpus().isEmpty() ? List.of(0) : place.gpus()));
            }
        });
        picked.number(nodes, placements, reasons);
        return reasons.isEmpty() ? new Known(allocations, placements) : new Unknown(reasons);
    }

    /** Where one engine is; no GPUs where nothing says which. */
    record Place(String node, List<Integer> gpus) {}

    private static List<Place> places(EngineState state) {
        Engine engine = state.engine();
        List<Place> places = new ArrayList<>();
        for (int i = 0; i < state.found(); i++) {
            Optional<VerifiedPlacement> real = i < state.placements().size()
                    ? Optional.of(state.placements().get(i))
                            .filter(place -> !place.node().isEmpty())
                    : Optional.empty();
            List<Integer> gpus = real.map(VerifiedPlacement::gpus)
                    .filter(seen -> seen.size() == engine.shape().tensorParallel())
                    .orElse(engine.gpus());
            places.add(new Place(
                    real.map(VerifiedPlacement::node).orElse(engine.node()),
                    gpus.stream().sorted().toList()));
        }
        return places;
    }

    /** The GPU type of all engines of a model; empty, with a reason, where a plan cannot have them all. */
    private static Optional<String> oneKind(
            String model, List<EngineState> engines, Map<String, Node> nodes, List<String> reasons) {
        List<String> shapes = engines.stream()
                .map(state -> state.engine().shape() + " with "
                        + state.engine().shape().memoryGiBPerGpu() + " GiB")
                .distinct()
                .toList();
        if (shapes.size() > 1) {
            reasons.add("Model (" + model + ") runs in " + shapes.size() + " shapes (" + String.join("; ", shapes)
                    + "), and a plan has one per model. Finish the push (scepsy apply) or take it back (scepsy"
                    + " rollback) first.");
            return Optional.empty();
        }
        List<String> unknown = engines.stream()
                .flatMap(engine -> places(engine).stream())
                .map(Place::node)
                .filter(node -> !nodes.containsKey(node))
                .distinct()
                .toList();
        if (!unknown.isEmpty()) {
            reasons.add(
                    "Model (" + model + ") runs on " + unknown + ", of which the record of applied plans does not say"
                            + " what GPUs they have. Apply a plan first: the record comes with it.");
            return Optional.empty();
        }
        List<String> types = engines.stream()
                .flatMap(engine -> places(engine).stream())
                .map(place -> Objects.requireNonNull(nodes.get(place.node())))
                .map(node -> node.gpu().name())
                .distinct()
                .toList();
        if (types.size() > 1) {
            reasons.add("Model (" + model + ") runs on GPUs of the types " + types
                    + ", and a plan has one per model. Finish the push (scepsy apply) or take it back (scepsy rollback)"
                    + " first.");
            return Optional.empty();
        }
        return Optional.of(types.get(0));
    }
}
