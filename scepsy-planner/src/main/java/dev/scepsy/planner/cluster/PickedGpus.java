package dev.scepsy.planner.cluster;

import dev.scepsy.planner.allocation.GpuFraction;
import dev.scepsy.planner.allocation.ReplicaPlacement;
import dev.scepsy.planner.topology.Node;
import dev.scepsy.planner.transition.EngineShape;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Gives numbers to GPUs that something else picked: the widest groups first, then the largest shares, first fit. */
final class PickedGpus {

    private static final double MEMORY_TOLERANCE = 1e-9;

    private final Map<String, List<Engine>> byNode = new TreeMap<>();

    /** @param placement its position in the list that gets the numbers */
    private record Engine(EngineShape shape, int placement) {}

    void add(String node, EngineShape shape, int placement) {
        byNode.computeIfAbsent(node, name -> new ArrayList<>()).add(new Engine(shape, placement));
    }

    /** Writes the numbers into {@code placements}; into {@code reasons} where none fit. */
    void number(Map<String, Node> nodes, List<ReplicaPlacement> placements, List<String> reasons) {
        byNode.forEach((name, engines) -> {
            Node node = nodes.get(name);
            if (node == null) {
                return; // said already
            }
            Use use = new Use(node, engines);
            engines.stream()
                    .sorted(Comparator.comparingInt(
                                    (Engine engine) -> -engine.shape().tensorParallel())
                            .thenComparingDouble(
                                    engine -> -engine.shape().gpuFraction().toDouble()))
                    .forEach(engine -> {
                        ReplicaPlacement old = placements.get(engine.placement());
                        Optional<List<Integer>> gpus = use.take(engine.shape());
                        if (gpus.isPresent()) {
                            placements.set(
                                    engine.placement(),
                                    new ReplicaPlacement(old.model(), old.replica(), name, gpus.get()));
                        } else {
                            reasons.add("Replica " + old.replica() + " of model (" + old.model() + ") on node (" + name
                                    + ") finds no GPUs beside the others there as the applied plan's cluster file"
                                    + " describes the node. Give the plan that was applied as --current.");
                        }
                    });
        });
    }

    /** How full the GPUs of one node are. */
    private static final class Use {

        private final Node node;
        private final long whole;
        private final long[] compute;
        private final double[] memoryGiB;

        Use(Node node, List<Engine> engines) {
            this.node = node;
            List<GpuFraction> fractions = new ArrayList<>();
            engines.forEach(engine -> fractions.add(engine.shape().gpuFraction()));
            node.occupied().forEach(part -> fractions.add(part.gpuFraction()));
            long common = 1;
            for (GpuFraction fraction : fractions) {
                common = Math.multiplyExact(common / gcd(common, fraction.denominator()), fraction.denominator());
            }
            this.whole = common;
            this.compute = new long[node.gpus()];
            this.memoryGiB = new double[node.gpus()];
            node.occupied().forEach(part -> add(part.gpu(), part.gpuFraction(), part.memoryGiB()));
        }

        Optional<List<Integer>> take(EngineShape shape) {
            for (int domain = 0; domain < node.domains(); domain++) {
                List<Integer> gpus = new ArrayList<>();
                int first = domain * node.domainSize();
                for (int gpu = first;
                        gpu < first + node.domainGpus(domain) && gpus.size() < shape.tensorParallel();
                        gpu++) {
                    if (fits(gpu, shape)) {
                        gpus.add(gpu);
                    }
                }
                if (gpus.size() == shape.tensorParallel()) {
                    gpus.forEach(gpu -> add(gpu, shape.gpuFraction(), shape.memoryGiBPerGpu()));
                    return Optional.of(gpus);
                }
            }
            return Optional.empty();
        }

        private boolean fits(int gpu, EngineShape shape) {
            double most = node.gpu().memoryGiB() * (1 + MEMORY_TOLERANCE);
            return compute[gpu] + units(shape.gpuFraction()) <= whole
                    && memoryGiB[gpu] + shape.memoryGiBPerGpu() <= most;
        }

        private void add(int gpu, GpuFraction fraction, double moreGiB) {
            compute[gpu] += units(fraction);
            memoryGiB[gpu] += moreGiB;
        }

        private long units(GpuFraction fraction) {
            return fraction.numerator() * (whole / fraction.denominator());
        }

        private static long gcd(long a, long b) {
            return b == 0 ? a : gcd(b, a % b);
        }
    }
}
