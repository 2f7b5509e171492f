package dev.scepsy.planner.placement;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Whether so many replicas of each shape fit onto the GPUs of one node, whatever they take of it beside them. Not thread-safe. */
final class NodeGpus extends RememberedFit {

    private static final long PLACING_STEPS = 1_000_000_000;

    private final int domainKind;
    private final @Nullable DomainFit single;
    private final DomainPacking domains;

    /**
     * @param counts the node's domains of each kind
     * @param items shapes; counts are asked in their order
     */
    NodeGpus(Shapes shapes, DomainKinds kinds, int[] counts, int[] items) {
        this.domainKind = IntStream.range(0, counts.length)
                .filter(domain -> counts[domain] > 0)
                .findFirst()
                .orElse(0);
        this.single = Arrays.stream(counts).sum() == 1 ? new DomainFit(shapes, kinds, domainKind, items) : null;
        this.domains = new DomainPacking(shapes, kinds.only(counts), items);
    }

    @Override
    public int alone(int item) {
        return domains.alone(item);
    }

    @Override
    boolean sumsFit(int[] replicas) {
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
