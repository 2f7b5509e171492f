package dev.scepsy.planner.search;

import dev.scepsy.planner.allocation.GpuFraction;
import dev.scepsy.planner.predict.ModelCalls;
import dev.scepsy.planner.predict.WorkflowDemand;
import dev.scepsy.planner.search.choice.AllocationProblem;
import dev.scepsy.planner.search.choice.AllocationProblem.Candidate;
import dev.scepsy.planner.search.choice.AllocationProblem.ModelOptions;
import dev.scepsy.planner.topology.Cluster;
import dev.scepsy.planner.topology.GpuType;
import dev.scepsy.planner.topology.Node;
import dev.scepsy.planner.topology.Occupied;
import dev.scepsy.planner.topology.Rack;
import dev.scepsy.planner.topology.Sharing;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Random;

/**
 * Six models on four nodes of eight GPUs, in groups of up to eight on any part of their GPUs, the memory of a shape
 * independent of its part: the hardest packings within what the exact search promises.
 */
final class WideGroups {

    private final Random random;
    private final int models;
    private final int nodes;

    private final boolean uneven;

    private WideGroups(long seed, int models, int nodes, boolean uneven) {
        this.random = new Random(seed * 7919 + 17);
        this.models = models;
        this.nodes = nodes;
        this.uneven = uneven;
    }

    static AllocationProblem of(long seed) {
        return of(seed, 6, 4);
    }

    /** The same with fewer models and nodes. */
    static AllocationProblem of(long seed, int models, int nodes) {
        return new WideGroups(seed, models, nodes, false).problem();
    }

    /** On nodes of two to eight GPUs, a third of which share without groups, some partly held by others. */
    static AllocationProblem uneven(long seed) {
        return new WideGroups(seed, 6, 8, true).problem();
    }

    private AllocationProblem problem() {
        int domain = random.nextBoolean() ? 8 : 4;
        int steps = new int[] {4, 4, 10}[random.nextInt(3)];
        GpuType gpu = new GpuType("A", 80, OptionalDouble.of(4));
        List<Node> all = new ArrayList<>();
        int left = 32;
        for (int node = 0; node < nodes; node++) {
            int gpus = uneven ? Math.min(left, 2 + random.nextInt(7)) : 8;
            left -= gpus;
            if (gpus == 0) {
                break;
            }
            boolean groups = !uneven || random.nextInt(3) > 0;
            Sharing sharing = new Sharing.Grid(Sharing.Mode.MPS, GpuFraction.of(1.0 / steps), groups);
            List<Occupied> occupied = uneven && random.nextInt(3) == 0
                    ? List.of(new Occupied(
                            random.nextInt(gpus), new GpuFraction(1, steps), decimal(5 + 20 * random.nextDouble())))
                    : List.of();
            all.add(new Node("node-" + node, gpu, gpus, Math.min(domain, gpus), sharing, occupied));
        }
        Cluster cluster = new Cluster(List.of(new Rack("rack-0", all)));
        List<ModelOptions> options = new ArrayList<>();
        for (int i = 0; i < models; i++) {
            options.add(model("m" + i, domain, steps));
        }
        List<WorkflowDemand> workflows = new ArrayList<>();
        for (int w = 0; w < 2; w++) {
            workflows.add(workflow("w" + w));
        }
        return new AllocationProblem(cluster, options, workflows, 0.85);
    }

    private ModelOptions model(String name, int domain, int steps) {
        List<Candidate> candidates = new ArrayList<>();
        double base = decimal(0.2 + 4 * random.nextDouble());
        double saturation = decimal(0.5 + 4 * random.nextDouble());
        double weights = decimal(10 + 60 * random.nextDouble());
        for (int width = 1; width <= domain; width *= 2) {
            for (int k = 1; k <= steps; k++) {
                double memory = decimal(Math.min(80, weights / width + 5 + 35 * random.nextDouble()));
                double power = Math.pow(width, 0.8) * Math.pow((double) k / steps, 0.7);
                double noise = 0.9 + 0.2 * random.nextDouble();
                candidates.add(new Candidate(
                        "A",
                        width,
                        new GpuFraction(k, steps),
                        Curve.rising(
                                decimal(base * noise / power),
                                1.5 + random.nextInt(3),
                                decimal(saturation * power),
                                memory)));
            }
        }
        return new ModelOptions(name, 1 + random.nextInt(4) / 3, OptionalInt.empty(), candidates);
    }

    private WorkflowDemand workflow(String name) {
        List<ModelCalls> calls = new ArrayList<>();
        for (int i = 0; i < models; i++) {
            if (random.nextInt(4) > 0 || i == 0) {
                double n = decimal(0.3 + 3 * random.nextDouble());
                calls.add(new ModelCalls("m" + i, n, decimal(n / (1 + random.nextDouble()))));
            }
        }
        double target = decimal(0.4 + 4.5 * random.nextDouble());
        return new WorkflowDemand(name, target, 1 + random.nextInt(3), 0.1, 0, calls);
    }

    private static double decimal(double value) {
        return Math.round(value * 1000) / 1000.0;
    }
}
