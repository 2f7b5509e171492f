package dev.scepsy.planner.placement;

import dev.scepsy.planner.allocation.LlmAllocation;
import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.search.choice.Placeability;
import dev.scepsy.planner.topology.Cluster;
import dev.scepsy.planner.topology.ReplicaShape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Placeability of one cluster: a quick packing that may say yes, exact packing that decides, and the policy that chooses
 * among the arrangements there are. GPU types are independent of each other, because a model's replicas share one.
 *
 * <p>Beside a plan that serves already, {@link #keeping} first leaves as many of its replicas where they are as any
 * arrangement of the same allocations can ({@link LeastMovement}), and places the others around them.
 *
 * <p>Not thread-safe: it remembers answers.
 */
public final class Placement implements Placeability {

    private final Cluster cluster;
    private final Shapes shapes;
    private final Packer packer;
    private final Board empty;
    private final @Nullable Plan current;
    private final Map<String, DomainKinds> kindsByGpu = new HashMap<>();
    private final Map<Question, Verdict> answers = new HashMap<>();

    private Placement(Cluster cluster, List<ReplicaShape> shapes, @Nullable Plan current) {
        this.cluster = cluster;
        this.shapes = new Shapes(cluster, shapes);
        this.packer = new Packer(this.shapes);
        this.empty = new Board(cluster, this.shapes);
        this.current = current;
        cluster.nodes()
                .forEach(node -> kindsByGpu.computeIfAbsent(node.gpu().name(), gpu -> new DomainKinds(empty, gpu)));
    }

    /** The placeability of {@code shapes} on {@code cluster}; fits {@link Placeability.Factory}. */
    public static Placement on(Cluster cluster, List<ReplicaShape> shapes) {
        return new Placement(cluster, shapes, null);
    }

    /** Placements that move as few replicas of {@code current} as they can. */
    public static Placeability.Factory keeping(Plan current) {
        return (cluster, shapes) -> new Placement(cluster, shapes, current);
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
            known = packer.decide(gpu, kinds(gpu), items, replicas);
            answers.put(key, known);
        }
        return known;
    }

    @Override
    public Optional<Arrangement> place(List<LlmAllocation> allocations, int[] shapesOf) {
        List<String> models = new ArrayList<>();
        Map<String, List<PolicyPlacing.Want>> byGpu = new TreeMap<>();
        for (LlmAllocation allocation : allocations) {
            // models of one shape are alike to placement, whichever positions they ask by
            int shape = shapes.position(shapes.get(shapesOf[models.size()]));
            byGpu.computeIfAbsent(allocation.gpu(), gpu -> new ArrayList<>())
                    .add(new PolicyPlacing.Want(models.size(), shape, allocation.replicas()));
            models.add(allocation.model());
        }
        Board board = new Board(cluster, shapes);
        for (Map.Entry<String, List<PolicyPlacing.Want>> type : byGpu.entrySet()) {
            List<PolicyPlacing.Want> wants = type.getValue();
            if (current != null) {
                wants = new LeastMovement(cluster, shapes, packer, type.getKey(), wants)
                        .of(current, models)
                        .keepOn(board);
            }
            if (!placeAll(type.getKey(), wants, board)) {
                return Optional.empty();
            }
        }
        new Spreading(board).improve();
        return Optional.of(board.arrangement(models));
    }

    private boolean placeAll(String gpu, List<PolicyPlacing.Want> wants, Board board) {
        // tried on a board of its own: a policy that gets stuck leaves nothing behind
        if (new PolicyPlacing(board.copy(), shapes).place(wants)) {
            return new PolicyPlacing(board, shapes).place(wants);
        }
        return packer.pack(gpu, new DomainKinds(board, gpu), wants, board);
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
