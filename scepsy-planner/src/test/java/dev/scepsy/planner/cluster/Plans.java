package dev.scepsy.planner.cluster;

import dev.scepsy.planner.allocation.GpuFraction;
import dev.scepsy.planner.allocation.LlmAllocation;
import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.allocation.ReplicaPlacement;
import dev.scepsy.planner.profile.ServedModel;
import dev.scepsy.planner.topology.Cluster;
import dev.scepsy.planner.topology.GpuType;
import dev.scepsy.planner.topology.Node;
import dev.scepsy.planner.topology.Rack;
import dev.scepsy.planner.topology.Sharing;
import java.util.ArrayList;
import java.util.List;

/** Small plans for tests, written as people would say them. */
final class Plans {

    static final GpuType A100 = new GpuType("A100-SXM-80GB", 80);
    static final Sharing MPS = new Sharing.Grid(Sharing.Mode.MPS, GpuFraction.of(0.1), false);

    private final List<LlmAllocation> allocations = new ArrayList<>();
    private final List<ReplicaPlacement> placements = new ArrayList<>();

    static Cluster cluster(int nodes, int gpus, Sharing sharing) {
        List<Node> all = new ArrayList<>();
        for (int node = 1; node <= nodes; node++) {
            all.add(new Node("node-" + node, A100, gpus, gpus, sharing));
        }
        return new Cluster(List.of(new Rack("rack-1", all)));
    }

    static ServedModel model(String name) {
        return model(name, 1);
    }

    static ServedModel model(String name, int minReplicas) {
        return ServedModel.named(name).toBuilder()
                .architecture("Qwen3-8B")
                .maxModelLength(8192)
                .minReplicas(minReplicas)
                .build();
    }

    /** Places are written {@code node-1:0} or {@code node-1:0,1}, one per replica. */
    Plans with(String model, double fraction, int tensorParallel, String... places) {
        allocations.add(new LlmAllocation(
                model, A100.name(), GpuFraction.of(fraction), tensorParallel, places.length, fraction * 80));
        for (int replica = 0; replica < places.length; replica++) {
            String[] parts = places[replica].split(":");
            List<Integer> gpus = java.util.Arrays.stream(parts[1].split(","))
                    .map(Integer::valueOf)
                    .toList();
            placements.add(new ReplicaPlacement(model, replica, parts[0], gpus));
        }
        return this;
    }

    Plan plan() {
        double used = allocations.stream().mapToDouble(LlmAllocation::gpus).sum();
        return new Plan(1, 1, 0, allocations, placements, List.of(), used, 0);
    }

    List<ServedModel> models() {
        return allocations.stream().map(allocation -> model(allocation.model())).toList();
    }
}
