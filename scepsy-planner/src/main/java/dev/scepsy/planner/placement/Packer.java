package dev.scepsy.planner.placement;

import dev.scepsy.planner.search.choice.Placeability.Verdict;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * Whether replicas of one GPU type fit into what is left of the domains, and how: first a quick packing that may say yes,
 * then a relaxation that may say no, then exact packing that decides: by whole domains where groups share their GPUs, else
 * group by group. Where processors or memory of nodes may be what does not fit, what GPUs allow is packed by whole nodes.
 */
final class Packer {

    /** Steps of exact packing for one question, beyond what nearly all problems of up to 32 GPUs take. */
    private static final long EXACT_STEPS = 20_000;

    /** Steps for all questions together; after that only the quick packing answers. */
    private static final long ALL_STEPS = 600_000;

    /** Steps by whole domains for one question, where groups share their GPUs. */
    private static final long DOMAIN_STEPS = 4_000_000;

    /** The same for all questions together. */
    private static final long ALL_DOMAIN_STEPS = 1_000_000_000;

    /** Above this many GPUs of one type groups that share are packed one by one, not by whole domains. */
    private static final int DOMAIN_GPUS = 64;

    private static final int MOST_PACKINGS = 64;

    /** Steps by whole nodes for one question, where nodes limit more than their GPUs. */
    private static final long NODE_STEPS = 200_000;

    /** The same for all questions together. */
    private static final long ALL_NODE_STEPS = 20_000_000;

    /** Above this many GPUs of one type only the quick packing is tried. */
    private static final int EXACT_GPUS = 512;

    /** Above this product of GPUs and shapes exact packing would descend too deep for a thread's stack. */
    private static final int EXACT_DEPTH = 4_096;

    private record Asked(DomainKinds kinds, List<Integer> items) {}

    private final Shapes shapes;
    private final Map<Asked, DomainPacking> domainPackings = new HashMap<>();
    private final Map<Asked, NodePacking> nodePackings = new HashMap<>();
    private long stepsLeft = ALL_STEPS;
    private long domainStepsLeft = ALL_DOMAIN_STEPS;
    private long nodeStepsLeft = ALL_NODE_STEPS;

    Packer(Shapes shapes) {
        this.shapes = shapes;
    }

    /** Whether {@code replicas} of each of {@code items}, shapes of the type {@code gpu}, fit together. */
    Verdict decide(String gpu, DomainKinds kinds, int[] items, int[] replicas) {
        Verdict onGpus = onGpus(gpu, kinds, items, replicas);
        Optional<NodePacking> nodes =
                onGpus == Verdict.UNPLACEABLE ? Optional.empty() : byNodes(kinds, items, replicas);
        return nodes.map(packing -> onNodes(packing, kinds, replicas)).orElse(onGpus);
    }

    private Verdict onNodes(NodePacking packing, DomainKinds kinds, int[] replicas) {
        if (packing.quick(replicas)) {
            return Verdict.PLACEABLE;
        }
        if (packing.refuted(replicas)) {
            return Verdict.UNPLACEABLE;
        }
        if (gpus(kinds) > EXACT_GPUS || gpus(kinds) * replicas.length > EXACT_DEPTH || nodeStepsLeft <= 0) {
            return Verdict.UNDECIDED;
        }
        WorkBudget work = new WorkBudget(NODE_STEPS);
        boolean fits = packing.solve(replicas, work);
        nodeStepsLeft -= work.spent();
        return fits ? Verdict.PLACEABLE : work.exhausted() ? Verdict.UNDECIDED : Verdict.UNPLACEABLE;
    }

    /** Packing by whole nodes, where processors or memory of one may be what does not fit; else GPUs say all. */
    private Optional<NodePacking> byNodes(DomainKinds kinds, int[] items, int[] replicas) {
        return kinds.nodes()
                .filter(nodes -> nodes.bind(shapes, items, replicas))
                .map(nodes -> known(nodePackings, kinds, items, () -> new NodePacking(shapes, kinds, nodes, items)));
    }

    private Verdict onGpus(String gpu, DomainKinds kinds, int[] items, int[] replicas) {
        long memoryPerGpu = shapes.memoryPerGpu(gpu);
        if (new GreedyPacking(shapes, kinds, memoryPerGpu).fits(items, replicas)) {
            return Verdict.PLACEABLE;
        }
        long compute = 0;
        long memory = 0;
        for (int i = 0; i < items.length; i++) {
            long shards = (long) replicas[i] * shapes.tensorParallel(items[i]);
            compute += shards * shapes.compute(items[i]);
            memory += shards * shapes.memory(items[i]);
        }
        int gpus = gpus(kinds);
        for (int kind = 0; kind < kinds.size(); kind++) {
            DomainState state = kinds.state(kind);
            compute -= kinds.count(kind) * Arrays.stream(state.compute()).sum();
            memory -= kinds.count(kind) * Arrays.stream(state.memory()).sum();
        }
        if (compute > 0 || memory > 0) {
            return Verdict.UNPLACEABLE;
        }
        boolean byDomains = domainStepsLeft > 0 && gpus <= DOMAIN_GPUS && sharedGroups(items);
        if (gpus > EXACT_GPUS || gpus * items.length > EXACT_DEPTH || (stepsLeft <= 0 && !byDomains)) {
            return Verdict.UNDECIDED;
        }
        if (byDomains) {
            WorkBudget domainWork = new WorkBudget(DOMAIN_STEPS);
            boolean fits = domains(kinds, items).solve(replicas, domainWork);
            domainStepsLeft -= domainWork.spent();
            if (fits || !domainWork.exhausted()) {
                return fits ? Verdict.PLACEABLE : Verdict.UNPLACEABLE;
            }
            return Verdict.UNDECIDED;
        }
        WorkBudget relaxedWork = new WorkBudget(EXACT_STEPS);
        boolean fitsApart = asSingleShards(kinds, items, replicas, relaxedWork);
        stepsLeft -= relaxedWork.spent();
        if (!fitsApart && !relaxedWork.exhausted()) {
            return Verdict.UNPLACEABLE;
        }
        if (stepsLeft <= 0) {
            return Verdict.UNDECIDED;
        }
        WorkBudget work = new WorkBudget(EXACT_STEPS);
        boolean fits = new ExactPacking(shapes, kinds, items, replicas, work).solve();
        stepsLeft -= work.spent();
        return fits ? Verdict.PLACEABLE : work.exhausted() ? Verdict.UNDECIDED : Verdict.UNPLACEABLE;
    }

    private DomainPacking domains(DomainKinds kinds, int[] items) {
        return known(domainPackings, kinds, items, () -> new DomainPacking(shapes, kinds, items));
    }

    private static <P> P known(Map<Asked, P> packings, DomainKinds kinds, int[] items, Supplier<P> made) {
        Asked asked = new Asked(kinds, Arrays.stream(items).boxed().toList());
        P known = packings.get(asked);
        if (known == null) {
            if (packings.size() == MOST_PACKINGS) {
                packings.clear();
            }
            known = made.get();
            packings.put(asked, known);
        }
        return known;
    }

    private static int gpus(DomainKinds kinds) {
        return IntStream.range(0, kinds.size())
                .map(kind -> kinds.count(kind) * kinds.gpus(kind))
                .sum();
    }

    /** Whether some group may share its GPUs with other shards. */
    private boolean sharedGroups(int[] items) {
        return Arrays.stream(items)
                .anyMatch(item -> shapes.tensorParallel(item) > 1 && shapes.compute(item) < shapes.computePerGpu());
    }

    /** Whether all would fit if the shards of a group could stand anywhere, even together: a quick and often final no. */
    private boolean asSingleShards(DomainKinds kinds, int[] items, int[] replicas, WorkBudget work) {
        GpuBins bins = new GpuBins(shapes, kinds, items);
        boolean[][] allowed = new boolean[items.length][bins.size()];
        long[] compute = new long[bins.size()];
        long[] memory = new long[bins.size()];
        int[] shards = new int[items.length];
        for (int bin = 0; bin < bins.size(); bin++) {
            compute[bin] = bins.compute(bin);
            memory[bin] = bins.memory(bin);
            for (int i = 0; i < items.length; i++) {
                allowed[i][bin] = bins.allows(i, bin);
            }
        }
        for (int i = 0; i < items.length; i++) {
            shards[i] = replicas[i] * shapes.tensorParallel(items[i]);
        }
        return new ShardPacking(
                        Arrays.stream(items).mapToLong(shapes::compute).toArray(),
                        Arrays.stream(items).mapToLong(shapes::memory).toArray(),
                        shards,
                        compute,
                        memory,
                        bins.inAll(IntStream.range(0, kinds.size())
                                .map(kinds::count)
                                .toArray()),
                        allowed,
                        work)
                .solve();
    }

    /** Puts all wanted on the board, which stands as {@code kinds} says; false, and the board as it was, when it cannot. */
    boolean pack(String gpu, DomainKinds kinds, List<PolicyPlacing.Want> wants, Board board) {
        int[] items = wants.stream().mapToInt(PolicyPlacing.Want::shape).toArray();
        int[] replicas = wants.stream().mapToInt(PolicyPlacing.Want::replicas).toArray();
        Replay replay = new Replay(board, shapes, kinds, wants);
        Optional<NodePacking> nodes = byNodes(kinds, items, replicas);
        if (nodes.isPresent()) {
            NodePacking packing = nodes.get();
            // what was decided may rest on what earlier questions left in memory
            boolean found = packing.quick(replicas) || packing.solve(replicas, new WorkBudget(ALL_NODE_STEPS));
            if (found) {
                replay.replayNodes(packing.packing());
            }
            return found;
        }
        GreedyPacking greedy = new GreedyPacking(shapes, kinds, shapes.memoryPerGpu(gpu));
        if (greedy.fits(items, replicas)) {
            replay.replay(greedy.steps());
            return true;
        }
        ExactPacking exact = new ExactPacking(shapes, kinds, items, replicas, new WorkBudget(EXACT_STEPS));
        boolean fits = exact.solve();
        if (fits) {
            replay.replay(exact.packing());
        } else if (gpus(kinds) <= DOMAIN_GPUS && sharedGroups(items)) {
            DomainPacking domains = domains(kinds, items);
            // what was decided may rest on what earlier questions left in memory
            fits = domains.solve(replicas, new WorkBudget(ALL_DOMAIN_STEPS));
            if (fits) {
                replay.replay(domains.packing());
            }
        }
        return fits;
    }
}
