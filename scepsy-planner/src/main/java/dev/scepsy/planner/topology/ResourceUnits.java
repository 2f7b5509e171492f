package dev.scepsy.planner.topology;

import dev.scepsy.planner.allocation.GpuFraction;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Whole-number units in which all shards of one problem, and the GPUs they stand on, are measured exactly: sums of
 * fractions and of memory are then compared as integers, on the decimals as written.
 *
 * <p>Compute: one GPU is the least common multiple of the fractions' denominators. Memory, per GPU type: decimals are
 * scaled to integers; a shard whose memory is its fraction of the GPU's (to nine digits, as a product in floating point
 * leaves it) counts as exactly that fraction. Where no shard of a type takes more of the memory than of the compute,
 * memory can never be what does not fit, and counts as 0 throughout.
 *
 * <p>Immutable.
 */
public final class ResourceUnits {

    private static final int MOST_DECIMALS = 9;
    private static final double COUPLED_RELATIVE_TOLERANCE = 1e-9;
    private static final BigInteger LARGEST_UNIT = BigInteger.ONE.shiftLeft(50);

    private final long computePerGpu;
    private final Map<String, MemoryScale> memory;

    private ResourceUnits(long computePerGpu, Map<String, MemoryScale> memory) {
        this.computePerGpu = computePerGpu;
        this.memory = memory;
    }

    /**
     * The units of a problem. What others hold of the GPUs is measured in them too.
     *
     * @throws ArithmeticException if the fractions have no common denominator below 2^50
     */
    public static ResourceUnits of(Cluster cluster, Collection<ReplicaShape> planned) {
        List<ReplicaShape> shards = new ArrayList<>(planned);
        for (Node node : cluster.nodes()) {
            node.occupied().forEach(part -> shards.add(held(node, part)));
        }
        BigInteger denominator = BigInteger.ONE;
        for (ReplicaShape shard : shards) {
            denominator =
                    lcm(denominator, BigInteger.valueOf(shard.gpuFraction().denominator()));
        }
        if (denominator.compareTo(LARGEST_UNIT) > 0) {
            throw new ArithmeticException("The GPU fractions have no common grid; write them with fewer decimals.");
        }
        Map<String, MemoryScale> memory = new HashMap<>();
        for (Node node : cluster.nodes()) {
            memory.computeIfAbsent(
                    node.gpu().name(),
                    name -> MemoryScale.of(
                            node.gpu().memoryGiB(),
                            shards.stream()
                                    .filter(shard -> shard.gpu().equals(name))
                                    .toList()));
        }
        return new ResourceUnits(denominator.longValueExact(), memory);
    }

    /** What others hold of a GPU of {@code node}, as if it were a replica's shard. */
    private static ReplicaShape held(Node node, Occupied part) {
        return new ReplicaShape(node.gpu().name(), 1, part.gpuFraction(), part.memoryGiB());
    }

    /** Compute units of one whole GPU. */
    public long computePerGpu() {
        return computePerGpu;
    }

    /** Compute units of a fraction of a GPU. */
    public long compute(GpuFraction fraction) {
        return computePerGpu / fraction.denominator() * fraction.numerator();
    }

    /** Memory units of one GPU of the type; 0 where memory never binds. The type must be in the cluster. */
    public long memoryPerGpu(String gpu) {
        return scale(gpu).capacity;
    }

    /** Memory units that each shard of the shape takes; the GPU type must be in the cluster. */
    public long memory(ReplicaShape shape) {
        return scale(shape.gpu()).units(shape);
    }

    /** Memory units that others hold so of a GPU of the node, which is in the cluster. */
    public long memory(Node node, Occupied part) {
        return memory(held(node, part));
    }

    private MemoryScale scale(String gpu) {
        MemoryScale scale = memory.get(gpu);
        if (scale == null) {
            throw new IllegalArgumentException("The cluster has no GPU (" + gpu + ").");
        }
        return scale;
    }

    private static BigInteger lcm(BigInteger a, BigInteger b) {
        return a.divide(a.gcd(b)).multiply(b);
    }

    private record MemoryScale(double memoryGiB, BigInteger unitsPerGiB, long capacity) {

        static MemoryScale of(double memoryGiB, List<ReplicaShape> shards) {
            boolean binds = shards.stream()
                    .anyMatch(shard -> !coupled(shard, memoryGiB)
                            && shard.memoryGiBPerGpu() > shard.gpuFraction().toDouble() * memoryGiB);
            if (!binds) {
                return new MemoryScale(memoryGiB, BigInteger.ZERO, 0);
            }
            int decimals = decimals(memoryGiB);
            BigInteger denominators = BigInteger.ONE;
            for (ReplicaShape shard : shards) {
                if (coupled(shard, memoryGiB)) {
                    denominators = lcm(
                            denominators, BigInteger.valueOf(shard.gpuFraction().denominator()));
                } else {
                    decimals = Math.max(decimals, decimals(shard.memoryGiBPerGpu()));
                }
            }
            BigDecimal capacity;
            BigInteger unitsPerGiB;
            do {
                unitsPerGiB = BigInteger.TEN.pow(decimals).multiply(denominators);
                capacity = BigDecimal.valueOf(memoryGiB).multiply(new BigDecimal(unitsPerGiB));
                decimals--;
            } while (decimals >= 0 && capacity.toBigInteger().compareTo(LARGEST_UNIT) > 0);
            return new MemoryScale(
                    memoryGiB, unitsPerGiB, capacity.toBigInteger().longValueExact());
        }

        long units(ReplicaShape shard) {
            if (unitsPerGiB.signum() == 0) {
                return 0;
            }
            if (coupled(shard, memoryGiB)) {
                // rounding down cannot overfill: parts of one capacity, each rounded down, stay within it
                return BigInteger.valueOf(capacity)
                        .multiply(BigInteger.valueOf(shard.gpuFraction().numerator()))
                        .divide(BigInteger.valueOf(shard.gpuFraction().denominator()))
                        .longValueExact();
            }
            return BigDecimal.valueOf(shard.memoryGiBPerGpu())
                    .multiply(new BigDecimal(unitsPerGiB))
                    .setScale(0, RoundingMode.CEILING)
                    .longValueExact();
        }

        private static boolean coupled(ReplicaShape shard, double memoryGiB) {
            double share = shard.gpuFraction().toDouble() * memoryGiB;
            return Math.abs(shard.memoryGiBPerGpu() - share) <= COUPLED_RELATIVE_TOLERANCE * share;
        }

        private static int decimals(double value) {
            return Math.min(
                    MOST_DECIMALS,
                    Math.max(0, BigDecimal.valueOf(value).stripTrailingZeros().scale()));
        }
    }
}
