package dev.scepsy.planner.platform;

import dev.scepsy.planner.allocation.GpuFraction;
import dev.scepsy.planner.allocation.LlmAllocation;
import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.allocation.ReplicaPlacement;
import dev.scepsy.planner.cluster.EngineSettings;
import dev.scepsy.planner.cluster.Intent;
import dev.scepsy.planner.cluster.ServingOptions;
import dev.scepsy.planner.profile.ServedModel;
import dev.scepsy.planner.topology.Cluster;
import dev.scepsy.planner.topology.GpuType;
import dev.scepsy.planner.topology.Node;
import dev.scepsy.planner.topology.Rack;
import dev.scepsy.planner.topology.Sharing;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;

/** Small placed plans, written as people would say them. */
final class PlacedPlans {

    static final Sharing MPS = grid(Sharing.Mode.MPS);

    private final Map<String, Sharing> nodes = new LinkedHashMap<>();
    private final Map<String, ServedModel> models = new LinkedHashMap<>();
    private final Map<String, EngineSettings> settings = new LinkedHashMap<>();
    private final List<LlmAllocation> allocations = new ArrayList<>();
    private final List<ReplicaPlacement> placements = new ArrayList<>();
    private ServingOptions options = ServingOptions.DEFAULT;
    private String gpu = "A100-SXM-80GB";

    static Sharing grid(Sharing.Mode mode) {
        return new Sharing.Grid(mode, GpuFraction.of(0.1), true);
    }

    static PlacedPlans onMps() {
        return new PlacedPlans().node("node-1", MPS);
    }

    PlacedPlans node(String name, Sharing sharing) {
        nodes.put(name, sharing);
        return this;
    }

    PlacedPlans gpu(String type) {
        gpu = type;
        return this;
    }

    PlacedPlans options(UnaryOperator<ServingOptions> change) {
        options = change.apply(options);
        return this;
    }

    /** Further arguments of the model's engines. */
    PlacedPlans arguments(String model, String... arguments) {
        settings.put(
                model,
                new EngineSettings(
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        List.of(arguments),
                        OptionalLong.empty(),
                        Optional.empty(),
                        OptionalDouble.empty(),
                        OptionalDouble.empty(),
                        List.of()));
        return this;
    }

    PlacedPlans model(ServedModel model) {
        models.put(model.name(), model);
        return this;
    }

    static ServedModel served(String name, String architecture) {
        return ServedModel.named(name).toBuilder()
                .architecture(architecture)
                .maxModelLength(8192)
                .build();
    }

    /** Places are written {@code node-1:0} or {@code node-1:0,1}, one per replica; a model that is not described is a Qwen3-8B. */
    PlacedPlans with(String model, double fraction, String... places) {
        return withMemory(model, fraction, fraction * 80, places);
    }

    PlacedPlans withMemory(String model, double fraction, double memoryGiBPerGpu, String... places) {
        models.putIfAbsent(model, served(model, "Qwen3-8B"));
        for (int replica = 0; replica < places.length; replica++) {
            String[] parts = places[replica].split(":");
            placements.add(new ReplicaPlacement(
                    model,
                    replica,
                    parts[0],
                    Arrays.stream(parts[1].split(",")).map(Integer::valueOf).toList()));
        }
        int degree = placements.get(placements.size() - 1).gpus().size();
        allocations.add(
                new LlmAllocation(model, gpu, GpuFraction.of(fraction), degree, places.length, memoryGiBPerGpu));
        return this;
    }

    PlacedPlan placed() {
        GpuType type = new GpuType(gpu, 80);
        List<Node> all = new ArrayList<>();
        nodes.forEach((name, sharing) -> all.add(new Node(name, type, 4, 4, sharing)));
        Cluster cluster = new Cluster(List.of(new Rack("rack-1", all)));
        double used = allocations.stream().mapToDouble(LlmAllocation::gpus).sum();
        Plan plan = new Plan(1, 1, 0, allocations, placements, List.of(), used, 0);
        return PlacedPlan.of(
                plan, Intent.of(plan, List.copyOf(models.values()), cluster, options.withEngines(settings)));
    }

    static Rendering.Files files(Rendering rendering) {
        if (rendering instanceof Rendering.Files files) {
            return files;
        }
        throw new AssertionError("refused: " + rendering);
    }

    static Rendering.Refused refused(Rendering rendering) {
        if (rendering instanceof Rendering.Refused refused) {
            return refused;
        }
        throw new AssertionError("not refused: " + rendering);
    }
}
