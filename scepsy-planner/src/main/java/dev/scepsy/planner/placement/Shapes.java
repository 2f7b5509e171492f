package dev.scepsy.planner.placement;

import dev.scepsy.planner.search.Placeability.Shape;
import dev.scepsy.planner.topology.Cluster;
import dev.scepsy.planner.topology.Domain;
import dev.scepsy.planner.topology.Node;
import dev.scepsy.planner.topology.Occupied;
import dev.scepsy.planner.topology.ResourceUnits;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The shapes of one problem in whole units, and which domains may host them. Immutable. */
final class Shapes {

    private final List<Shape> shapes;
    private final Map<Shape, Integer> positions = new HashMap<>();
    private final ResourceUnits units;
    private final long[] compute;
    private final long[] memory;

    Shapes(Cluster cluster, List<Shape> shapes) {
        this.shapes = List.copyOf(shapes);
        this.units =
                ResourceUnits.of(cluster, shapes.stream().map(Shapes::shard).toList());
        this.compute = new long[shapes.size()];
        this.memory = new long[shapes.size()];
        for (int i = 0; i < compute.length; i++) {
            positions.putIfAbsent(shapes.get(i), i);
            compute[i] = units.compute(shapes.get(i).gpuFraction());
            memory[i] = units.memory(shard(shapes.get(i)));
        }
    }

    /** What one shard of the shape takes. */
    static ResourceUnits.Shard shard(Shape shape) {
        return new ResourceUnits.Shard(shape.gpu(), shape.gpuFraction(), shape.memoryGiBPerGpu());
    }

    Shape get(int shape) {
        return shapes.get(shape);
    }

    int position(Shape shape) {
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

    long compute(Occupied part) {
        return units.compute(part.gpuFraction());
    }

    long memory(Node node, Occupied part) {
        return units.memory(ResourceUnits.shard(node, part));
    }

    long computePerGpu() {
        return units.computePerGpu();
    }

    long memoryPerGpu(String gpu) {
        return units.memoryPerGpu(gpu);
    }

    /** Whether one replica may stand in an empty domain of this kind. */
    boolean fits(int shape, Domain domain) {
        Shape wanted = shapes.get(shape);
        return domain.node().gpu().name().equals(wanted.gpu())
                && domain.allows(wanted.tensorParallel(), wanted.gpuFraction())
                && memory[shape] <= units.memoryPerGpu(wanted.gpu());
    }
}
