package dev.scepsy.planner.placement;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Whether so many replicas of each shape fit onto one node: their processors and memory into what it gives, and their shards
 * onto the GPUs of its domains. Not thread-safe.
 */
final class NodeFit extends BinFit {

    private static final long PLACING_STEPS = 1_000_000_000;

    private final long[][] needed;
    private final long[] left;
    private final int domainKind;
    private final @Nullable DomainFit single;
    private final DomainPacking domains;

    /** @param items shapes; counts are asked in their order */
    NodeFit(Shapes shapes, DomainKinds kinds, NodeKinds nodes, int kind, int[] items) {
        this.needed = Arrays.stream(items).mapToObj(shapes::host).toArray(long[][]::new);
        this.left = nodes.hostLeft(kind);
        int[] counts = nodes.domains(kind);
        this.domainKind = IntStream.range(0, counts.length)
                .filter(domain -> counts[domain] > 0)
                .findFirst()
                .orElse(0);
        this.single = Arrays.stream(counts).sum() == 1 ? new DomainFit(shapes, kinds, domainKind, items) : null;
        this.domains = new DomainPacking(shapes, kinds.only(counts), items);
    }

    @Override
    int alone(int item) {
        long most = domains.alone(item);
        for (int resource = 0; resource < left.length; resource++) {
            if (needed[item][resource] > 0) {
                most = Math.min(most, left[resource] / needed[item][resource]);
            }
        }
        return Math.toIntExact(most);
    }

    @Override
    boolean sumsFit(int[] replicas) {
        for (int resource = 0; resource < left.length; resource++) {
            long sum = 0;
            for (int i = 0; i < replicas.length; i++) {
                sum += replicas[i] * needed[i][resource];
            }
            if (sum > left[resource]) {
                return false;
            }
        }
        return single == null || single.sumsFit(replicas);
    }

    @Override
    boolean decide(int[] replicas, WorkBudget work) {
        return single == null ? domains.solvePlainly(replicas, work) : single.decide(replicas, work);
    }

    /** Where the counts stand, which fit. */
    List<DomainPacking.Filled> packing(int[] replicas) {
        if (single != null) {
            return List.of(new DomainPacking.Filled(domainKind, single.groups(replicas)));
        }
        if (!domains.solvePlainly(replicas, new WorkBudget(PLACING_STEPS))) {
            throw new IllegalStateException(
                    "The counts were found to fit and do not: " + Arrays.toString(replicas) + ".");
        }
        return domains.packing();
    }
}
