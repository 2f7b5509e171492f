package dev.scepsy.planner.placement;

import dev.scepsy.planner.topology.Cluster;
import dev.scepsy.planner.topology.Domain;
import dev.scepsy.planner.topology.HostResource;
import dev.scepsy.planner.topology.HostUnits;
import dev.scepsy.planner.topology.Node;
import dev.scepsy.planner.topology.Occupied;
import dev.scepsy.planner.topology.ReplicaShape;
import dev.scepsy.planner.topology.ResourceUnits;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The shapes of one problem in whole units, and which domains may host them. Immutable. */
final class Shapes {

    private final List<ReplicaShape> shapes;
    private final Map<ReplicaShape, Integer> positions = new HashMap<>();
    private final ResourceUnits units;
    private final long[] compute;
    private final long[] memory;
    private final HostUnits hostUnits;
    private final long[][] host;

    Shapes(Cluster cluster, List<ReplicaShape> shapes) {
        this.shapes = List.copyOf(shapes);
        this.units = ResourceUnits.of(cluster, shapes);
        this.hostUnits = HostUnits.of(cluster, shapes);
        this.compute = new long[shapes.size()];
        this.memory = new long[shapes.size()];
        this.host = new long[shapes.size()][];
        for (int i = 0; i < compute.length; i++) {
            positions.putIfAbsent(shapes.get(i), i);
            compute[i] = units.compute(shapes.get(i).gpuFraction());
            memory[i] = units.memory(shapes.get(i));
            host[i] = hostUnits.needed(shapes.get(i).need());
        }
    }

    ReplicaShape get(int shape) {
        return shapes.get(shape);
    }

    int position(ReplicaShape shape) {
        Integer position = positions.get(shape);
        if (position == null) {
            throw new IllegalArgumentException("The shape (" + shape + ") is not one of this problem's.");
        }
        return position;
    }

    int tensorParallel(int shape) {
        return shapes.get(shape).tensorParallel();
    }

    long compute(int shape) {
        return compute[shape];
    }

    long memory(int shape) {
        return memory[shape];
    }

    /** What one replica fills of GPUs, in compute or in memory, whichever is more. */
    double gpus(int shape) {
        return (double) tensorParallel(shape)
                * Math.max(
                        (double) compute[shape] / computePerGpu(),
                        (double) memory[shape]
                                / Math.max(1, memoryPerGpu(shapes.get(shape).gpu())));
    }

    long compute(Occupied part) {
        return units.compute(part.gpuFraction());
    }

    long memory(Node node, Occupied part) {
        return units.memory(node, part);
    }

    long computePerGpu() {
        return units.computePerGpu();
    }

    long memoryPerGpu(String gpu) {
        return units.memoryPerGpu(gpu);
    }

    /** Whether processors or memory of some node could be what does not fit. */
    boolean hostBinds() {
        return hostUnits.bind();
    }

    /** Units per resource that one replica takes of its node beside GPUs. */
    long[] host(int shape) {
        return host[shape];
    }

    /** How many such resources there are. */
    int resources() {
        return HostResource.values().length;
    }

    /** Units per resource that the node gives. */
    long[] host(Node node) {
        return hostUnits.given(node.host());
    }

    /** Whether one replica may stand in an empty domain of this kind, as far as its GPUs go. */
    boolean fits(int shape, Domain domain) {
        ReplicaShape wanted = shapes.get(shape);
        return domain.node().gpu().name().equals(wanted.gpu())
                && domain.allows(wanted.tensorParallel(), wanted.gpuFraction())
                && memory[shape] <= units.memoryPerGpu(wanted.gpu());
    }
}
