package dev.scepsy.planner.placement;

import dev.scepsy.planner.allocation.LlmAllocation;
import dev.scepsy.planner.search.Placeability;
import dev.scepsy.planner.topology.Cluster;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Placeability of one cluster: a quick packing that may say yes, exact packing that decides, and the policy that chooses
 * among the arrangements there are. GPU types are independent of each other, because a model's replicas share one.
 *
 * <p>Not thread-safe: it remembers answers.
 */
public final class Placement implements Placeability {

    /** Steps of exact packing for one question, beyond what nearly all problems of up to 32 GPUs take. */
    private static final long EXACT_STEPS = 20_000;

    /** Steps for all questions together; after that only the quick packing answers. */
    private static final long ALL_STEPS = 600_000;

    /** Above this many GPUs of one type only the quick packing is tried. */
    private static final int EXACT_GPUS = 512;

    private final Cluster cluster;
    private final Shapes shapes;
    private final Map<String, DomainKinds> kindsByGpu = new HashMap<>();
    private final Map<String, Integer> gpusByType = new HashMap<>();
    private final Map<Question, Verdict> answers = new HashMap<>();
    private long stepsLeft = ALL_STEPS;

    private Placement(Cluster cluster, List<Shape> shapes) {
        this.cluster = cluster;
        this.shapes = new Shapes(cluster, shapes);
        cluster.nodes().forEach(node -> {
            kindsByGpu.computeIfAbsent(node.gpu().name(), gpu -> new DomainKinds(cluster, gpu));
            gpusByType.merge(node.gpu().name(), node.gpus(), Integer::sum);
        });
    }

    /** The placeability of {@code shapes} on {@code cluster}; fits {@link Placeability.Factory}. */
    public static Placement on(Cluster cluster, List<Shape> shapes) {
        return new Placement(cluster, shapes);
    }

    @Override
    public Verdict check(int[] shapesAsked, int[] replicas) {
        Map<String, List<Integer>> byGpu = new TreeMap<>();
        for (int i = 0; i < shapesAsked.length; i++) {
            if (replicas[i] > 0) {
                byGpu.computeIfAbsent(shapes.get(shapesAsked[i]).gpu(), gpu -> new ArrayList<>())
                        .add(i);
            }
        }
        Verdict all = Verdict.PLACEABLE;
        for (Map.Entry<String, List<Integer>> type : byGpu.entrySet()) {
            int[] items = type.getValue().stream().mapToInt(i -> shapesAsked[i]).toArray();
            int[] counts = type.getValue().stream().mapToInt(i -> replicas[i]).toArray();
            Verdict verdict = ofType(type.getKey(), items, counts);
            if (verdict == Verdict.UNPLACEABLE) {
                return verdict;
            }
            all = verdict == Verdict.UNDECIDED ? verdict : all;
        }
        return all;
    }

    private Verdict ofType(String gpu, int[] items, int[] replicas) {
        long[] question = new long[items.length];
        for (int i = 0; i < items.length; i++) {
            question[i] = (long) items[i] << 32 | replicas[i];
        }
        Arrays.sort(question);
        Question key = new Question(question);
        Verdict known = answers.get(key);
        if (known == null) {
            known = decide(gpu, items, replicas);
            answers.put(key, known);
        }
        return known;
    }

    private Verdict decide(String gpu, int[] items, int[] replicas) {
        DomainKinds kinds = kinds(gpu);
        long memoryPerGpu = shapes.memoryPerGpu(gpu);
        if (new GreedyPacking(shapes, kinds, memoryPerGpu).fits(items, replicas)) {
            return Verdict.PLACEABLE;
        }
        int gpus = gpusByType.getOrDefault(gpu, 0);
        long compute = 0;
        long memory = 0;
        for (int i = 0; i < items.length; i++) {
            long shards = (long) replicas[i] * shapes.tensorParallel(items[i]);
            compute += shards * shapes.compute(items[i]);
            memory += shards * shapes.memory(items[i]);
        }
        if (compute > gpus * shapes.computePerGpu() || memory > gpus * memoryPerGpu) {
            return Verdict.UNPLACEABLE;
        }
        if (gpus > EXACT_GPUS || stepsLeft <= 0) {
            return Verdict.UNDECIDED;
        }
        WorkBudget relaxedWork = new WorkBudget(EXACT_STEPS);
        boolean fitsApart = asSingleShards(kinds, items, replicas, memoryPerGpu, relaxedWork);
        stepsLeft -= relaxedWork.spent();
        if (!fitsApart && !relaxedWork.exhausted()) {
            return Verdict.UNPLACEABLE;
        }
        WorkBudget work = new WorkBudget(EXACT_STEPS);
        boolean fits = new ExactPacking(shapes, kinds, items, replicas, work).solve(memoryPerGpu);
        stepsLeft -= work.spent();
        return fits ? Verdict.PLACEABLE : work.exhausted() ? Verdict.UNDECIDED : Verdict.UNPLACEABLE;
    }

    /** Whether all would fit if the shards of a group could stand anywhere, even together: a quick and often final no. */
    private boolean asSingleShards(DomainKinds kinds, int[] items, int[] replicas, long memoryPerGpu, WorkBudget work) {
        int sharings = kinds.sharingKinds();
        int[] gpus = new int[sharings];
        boolean[][] allowed = new boolean[items.length][sharings];
        int[] shards = new int[items.length];
        for (int i = 0; i < items.length; i++) {
            shards[i] = replicas[i] * shapes.tensorParallel(items[i]);
        }
        for (int kind = 0; kind < kinds.size(); kind++) {
            gpus[kinds.sharingKind(kind)] += kinds.count(kind) * kinds.gpus(kind);
            for (int i = 0; i < items.length; i++) {
                allowed[i][kinds.sharingKind(kind)] |= shapes.fits(items[i], kinds.example(kind));
            }
        }
        long[] computePerBin = new long[sharings];
        long[] memoryPerBin = new long[sharings];
        Arrays.fill(computePerBin, shapes.computePerGpu());
        Arrays.fill(memoryPerBin, memoryPerGpu);
        return new ShardPacking(
                        Arrays.stream(items).mapToLong(shapes::compute).toArray(),
                        Arrays.stream(items).mapToLong(shapes::memory).toArray(),
                        shards,
                        computePerBin,
                        memoryPerBin,
                        gpus,
                        allowed,
                        work)
                .solve();
    }

    @Override
    public Optional<Arrangement> place(List<LlmAllocation> allocations) {
        List<String> models = new ArrayList<>();
        Map<String, List<PolicyPlacing.Want>> byGpu = new TreeMap<>();
        for (LlmAllocation allocation : allocations) {
            int shape = shapes.position(new Shape(
                    allocation.gpu(),
                    allocation.tensorParallel(),
                    allocation.gpuFraction(),
                    allocation.memoryGiBPerGpu()));
            byGpu.computeIfAbsent(allocation.gpu(), gpu -> new ArrayList<>())
                    .add(new PolicyPlacing.Want(models.size(), shape, allocation.replicas()));
            models.add(allocation.model());
        }
        Board board = new Board(cluster, shapes);
        for (Map.Entry<String, List<PolicyPlacing.Want>> type : byGpu.entrySet()) {
            List<PolicyPlacing.Want> wants = type.getValue();
            // tried on a board of its own: a policy that gets stuck leaves nothing behind
            boolean byPolicy = new PolicyPlacing(new Board(cluster, shapes), shapes).place(wants);
            if (byPolicy) {
                new PolicyPlacing(board, shapes).place(wants);
                continue;
            }
            if (!pack(type.getKey(), wants, board)) {
                return Optional.empty();
            }
        }
        new Spreading(board).improve();
        return Optional.of(board.arrangement(models));
    }

    private boolean pack(String gpu, List<PolicyPlacing.Want> wants, Board board) {
        DomainKinds kinds = kinds(gpu);
        int[] items = wants.stream().mapToInt(PolicyPlacing.Want::shape).toArray();
        int[] replicas = wants.stream().mapToInt(PolicyPlacing.Want::replicas).toArray();
        Replay replay = new Replay(board, shapes, kinds, wants);
        GreedyPacking greedy = new GreedyPacking(shapes, kinds, shapes.memoryPerGpu(gpu));
        if (greedy.fits(items, replicas)) {
            replay.replay(greedy.steps());
            return true;
        }
        ExactPacking exact = new ExactPacking(shapes, kinds, items, replicas, new WorkBudget(EXACT_STEPS));
        boolean fits = exact.solve(shapes.memoryPerGpu(gpu));
        if (fits) {
            replay.replay(exact.packing());
        }
        return fits;
    }

    private DomainKinds kinds(String gpu) {
        DomainKinds kinds = kindsByGpu.get(gpu);
        if (kinds == null) {
            throw new IllegalArgumentException("The cluster has no GPU (" + gpu + ").");
        }
        return kinds;
    }

    private record Question(long[] items) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Question that && Arrays.equals(items, that.items);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(items);
        }
    }
}
