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
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Random;

/** Random problems with the traps of real ones, from a seed. */
public final class GeneratedProblem {

    /** What a generated problem stresses. */
    public enum Flavour {
        PLAIN,
        MEMORY_BOUND,
        FRAGMENTED,
        TIES,
        TIGHT,
        MIXED_NODES,
        SHARED_GROUPS,
        /** Groups of up to eight GPUs, on any tenth of each. */
        WIDE_SHARED_GROUPS,
        TWO_TYPES,
        OCCUPIED,
        /** What is needed at the least fills every GPU: one plan, or none where it does not go into the domains. */
        SINGLE_SOLUTION,
        /** The same with one GPU too few. */
        ONE_GPU_SHORT
    }

    /** Size of what is generated. */
    public record Size(int models, int gpus, int workflows) {}

    private final Random random;
    private final Flavour flavour;
    private final Size size;

    private GeneratedProblem(long seed, Flavour flavour, Size size) {
        this.random = new Random(seed);
        this.flavour = flavour;
        this.size = size;
    }

    public static AllocationProblem of(long seed, Flavour flavour, Size size) {
        return new GeneratedProblem(seed, flavour, size).problem();
    }

    private AllocationProblem problem() {
        Cluster cluster = cluster();
        List<ModelOptions> models = new ArrayList<>();
        boolean filled = flavour == Flavour.SINGLE_SOLUTION || flavour == Flavour.ONE_GPU_SHORT;
        int left = size.gpus() + (flavour == Flavour.ONE_GPU_SHORT ? 1 : 0);
        for (int i = 0; i < size.models(); i++) {
            if (filled) {
                boolean last = i == size.models() - 1;
                int gpus = last ? left : Math.min(left - (size.models() - 1 - i), 1 + random.nextInt(left));
                models.add(rigid("m" + i, gpus));
                left -= gpus;
            } else {
                models.add(model("m" + i));
            }
        }
        List<WorkflowDemand> workflows = new ArrayList<>();
        for (int w = 0; w < size.workflows(); w++) {
            workflows.add(workflow("w" + w));
        }
        double utilisation = new double[] {1, 0.85, 0.7}[random.nextInt(3)];
        return new AllocationProblem(cluster, models, workflows, utilisation);
    }

    private Cluster cluster() {
        List<Node> nodes = new ArrayList<>();
        int left = size.gpus();
        int index = 0;
        while (left > 0) {
            int gpus =
                    Math.min(left, pick(flavour == Flavour.FRAGMENTED ? new int[] {2, 3, 3, 4} : new int[] {2, 4, 8}));
            int domain = switch (flavour) {
                case FRAGMENTED -> Math.min(gpus, pick(new int[] {2, 3}));
                default -> random.nextInt(3) == 0 ? Math.max(1, gpus / 2) : gpus;
            };
            String type = flavour == Flavour.TWO_TYPES && index % 2 == 1 ? "B" : "A";
            double memory = type.equals("A") ? 80 : 48;
            GpuType gpu = new GpuType(type, memory, OptionalDouble.of(type.equals("A") ? 4 : 1.5));
            nodes.add(new Node("node-" + index, gpu, gpus, domain, sharing(index), occupied(gpu, gpus)));
            left -= gpus;
            index++;
        }
        int half = (nodes.size() + 1) / 2;
        List<Rack> racks = new ArrayList<>();
        racks.add(new Rack("rack-0", nodes.subList(0, half)));
        if (half < nodes.size()) {
            racks.add(new Rack("rack-1", nodes.subList(half, nodes.size())));
        }
        return new Cluster(racks);
    }

    /** Of every third GPU others hold all, or half with much or little memory. */
    private List<Occupied> occupied(GpuType type, int gpus) {
        List<Occupied> occupied = new ArrayList<>();
        for (int gpu = 0; flavour == Flavour.OCCUPIED && gpu < gpus; gpu++) {
            switch (random.nextInt(9)) {
                case 0 -> occupied.add(Occupied.wholly(gpu, type));
                case 1 -> occupied.add(new Occupied(gpu, GpuFraction.of(0.5), 40));
                case 2 -> occupied.add(new Occupied(gpu, GpuFraction.of(0.5), 65.5));
                default -> {}
            }
        }
        return occupied;
    }

    private Sharing sharing(int node) {
        boolean groups = flavour == Flavour.SHARED_GROUPS || flavour == Flavour.WIDE_SHARED_GROUPS;
        if (flavour == Flavour.MIXED_NODES) {
            return switch ((node + random.nextInt(2)) % 4) {
                case 0 -> new Sharing.Exclusive();
                case 1 -> new Sharing.Grid(Sharing.Mode.MPS, GpuFraction.of(0.25), false);
                case 2 -> new Sharing.EqualParts(Sharing.Mode.MPS, 2, false);
                default -> new Sharing.Grid(Sharing.Mode.HAMI, GpuFraction.of(0.5), true);
            };
        }
        boolean halves = flavour == Flavour.SINGLE_SOLUTION || flavour == Flavour.ONE_GPU_SHORT;
        double step = halves ? 0.5 : size.gpus() <= 6 ? 0.25 : 0.1;
        return new Sharing.Grid(Sharing.Mode.MPS, GpuFraction.of(step), groups);
    }

    /** A model that needs so many whole GPUs and gains nothing from more: pairs as far as they go, or shares of them. */
    private ModelOptions rigid(String name, int gpus) {
        boolean pairs = gpus % 2 == 0 && random.nextBoolean();
        boolean parts = !pairs && random.nextBoolean();
        int width = pairs ? 2 : 1;
        int replicas = parts ? 2 * gpus : gpus / width;
        Curve curve = Curve.flat(decimal(0.5 + random.nextDouble()), 1_000, parts ? 40 : 80);
        GpuFraction fraction = parts ? new GpuFraction(1, 2) : GpuFraction.whole();
        Candidate only = new Candidate("A", width, fraction, curve);
        return new ModelOptions(name, replicas, OptionalInt.of(replicas + 1), List.of(only));
    }

    private ModelOptions model(String name) {
        List<Candidate> candidates = new ArrayList<>();
        double base = decimal(0.2 + 4 * random.nextDouble());
        double saturation = decimal(0.5 + 4 * random.nextDouble());
        double weights = decimal(2 + 30 * random.nextDouble());
        if (flavour == Flavour.TIES) {
            base = pick(new int[] {1, 1, 2});
            saturation = pick(new int[] {2, 2, 4});
        }
        double steps = size.gpus() <= 6 || flavour == Flavour.MIXED_NODES ? 4 : 10;
        for (String gpu : flavour == Flavour.TWO_TYPES ? List.of("A", "B") : List.of("A")) {
            double speed = gpu.equals("A") ? 1 : 0.7;
            for (int width : new int[] {1, 2, 3, 4, 8}) {
                if ((width == 3 && flavour != Flavour.FRAGMENTED)
                        || (width == 8 && flavour != Flavour.WIDE_SHARED_GROUPS)) {
                    continue;
                }
                int widestShared = flavour == Flavour.SHARED_GROUPS ? 2 : flavour == Flavour.WIDE_SHARED_GROUPS ? 8 : 1;
                for (int k = 1; k <= steps; k++) {
                    GpuFraction f = new GpuFraction(k, (long) steps);
                    boolean odd =
                            flavour == Flavour.MIXED_NODES ? (k != 1 && k != 2 && k != 4) : random.nextInt(4) == 0;
                    if ((!f.isWhole() && width > widestShared) || odd) {
                        continue;
                    }
                    double memory = switch (flavour) {
                        case MEMORY_BOUND, FRAGMENTED, SHARED_GROUPS, WIDE_SHARED_GROUPS ->
                            decimal(Math.min(80, weights / width + 50 * random.nextDouble()));
                        default ->
                            BigDecimal.valueOf(gpu.equals("A") ? 80 : 48)
                                    .multiply(f.toDecimal())
                                    .doubleValue();
                    };
                    double power = speed * Math.pow(width, 0.8) * Math.pow(f.toDouble(), 0.7);
                    Curve curve = flavour == Flavour.TIES
                            ? Curve.flat(base, saturation, memory)
                            : Curve.rising(
                                    decimal(base / power),
                                    1.5 + random.nextInt(3),
                                    decimal(saturation * power),
                                    memory);
                    candidates.add(new Candidate(gpu, width, f, curve));
                }
            }
        }
        int min = random.nextInt(4) == 0 ? 2 : 1;
        return new ModelOptions(
                name,
                min,
                random.nextInt(3) == 0 ? OptionalInt.of(min + random.nextInt(4)) : OptionalInt.empty(),
                candidates);
    }

    private WorkflowDemand workflow(String name) {
        List<ModelCalls> calls = new ArrayList<>();
        for (int i = 0; i < size.models(); i++) {
            if (random.nextInt(4) > 0 || i == 0) {
                double n = decimal(0.3 + 3 * random.nextDouble());
                calls.add(new ModelCalls("m" + i, n, decimal(n / (1 + random.nextDouble()))));
            }
        }
        double pressure = flavour == Flavour.TIGHT ? 0.9 : 0.35;
        double target = decimal(pressure * size.gpus() * random.nextDouble() / size.workflows() / 2);
        double weight = pick(new int[] {0, 1, 1, 2, 3});
        return new WorkflowDemand(
                name, random.nextInt(8) == 0 ? 0 : target, weight, decimal(random.nextDouble()), 0, calls);
    }

    private int pick(int[] values) {
        return values[random.nextInt(values.length)];
    }

    private static double decimal(double value) {
        return Math.round(value * 1000) / 1000.0;
    }
}
