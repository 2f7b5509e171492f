package dev.scepsy.planner.placement;

import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.allocation.ReplicaPlacement;
import dev.scepsy.planner.placement.PolicyPlacing.Want;
import dev.scepsy.planner.search.choice.Placeability.Verdict;
import dev.scepsy.planner.topology.Cluster;
import dev.scepsy.planner.topology.ReplicaShape;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which replicas of a plan that serves already may stay while others find a place around them: as many as can.
 *
 * <p>Only a replica whose model keeps its (GPU type, t, f, memory) can stay; on its GPUs nothing changes then. Sets of
 * such replicas are tried by how many they leave out, fewest first, each asked of the exact packing; so the first that
 * fits is a largest one. Too many sets end the search, and the plan's replicas are then kept half by half, quarter by
 * quarter, as they fit: a set to which none can be added, not proven to be a largest one.
 */
final class LeastMovement {

    /** Sets tried for each GPU type on up to this many GPUs; fewer in proportion on more. */
    private static final int SETS = 4_000;

    private static final int SETS_GPUS = 64;
    private static final int LEAST_SETS = 50;

    private final Cluster cluster;
    private final Shapes shapes;
    private final Packer packer;
    private final String gpu;
    private final List<Want> wants;
    private final List<List<Board.Standing>> candidates = new ArrayList<>();
    private long setsLeft;

    /** @param wants what every model of GPU type {@code gpu} is to have */
    LeastMovement(Cluster cluster, Shapes shapes, Packer packer, String gpu, List<Want> wants) {
        this.cluster = cluster;
        this.shapes = shapes;
        this.packer = packer;
        this.gpu = gpu;
        this.wants = wants;
        this.setsLeft = Math.max(LEAST_SETS, (long) SETS * SETS_GPUS / Math.max(SETS_GPUS, cluster.gpus()));
    }

    /**
     * The replicas that stay.
     *
     * @param left what is still to be placed around them
     * @param proven whether no arrangement keeps more
     */
    record Kept(List<Board.Standing> replicas, List<Want> left, boolean proven) {

        /** Puts them on the board; returns what is left to place. */
        List<Want> keepOn(Board board) {
            replicas.forEach(board::put);
            return left;
        }
    }

    /** @param models names by position, as the wants say them */
    Kept of(Plan current, List<String> models) {
        Board empty = new Board(cluster, shapes);
        for (Want want : wants) {
            candidates.add(staying(current, models.get(want.model()), want, empty));
        }
        int most = 0;
        for (int i = 0; i < wants.size(); i++) {
            most += Math.min(wants.get(i).replicas(), candidates.get(i).size());
        }
        for (int extra = 0; extra <= most && setsLeft > 0; extra++) {
            List<Board.Standing> kept = new ArrayList<>();
            if (choose(0, extra, kept)) {
                return kept(kept, true);
            }
        }
        List<Board.Standing> kept = new ArrayList<>();
        grow(within(wants, candidates), kept);
        return kept(kept, false);
    }

    private Kept kept(List<Board.Standing> kept, boolean proven) {
        return new Kept(List.copyOf(kept), left(kept), proven);
    }

    private List<Want> left(List<Board.Standing> kept) {
        Map<Integer, Integer> standing = new HashMap<>();
        kept.forEach(one -> standing.merge(one.model, 1, Integer::sum));
        return wants.stream()
                .map(want ->
                        new Want(want.model(), want.shape(), want.replicas() - standing.getOrDefault(want.model(), 0)))
                .filter(want -> want.replicas() > 0)
                .toList();
    }

    /** The replicas of one model that could stay were they alone; those on the least used domains last. */
    private List<Board.Standing> staying(Plan current, String model, Want want, Board empty) {
        ReplicaShape shape = shapes.get(want.shape());
        boolean sameShape = current.allocations().stream()
                .anyMatch(allocation -> allocation.model().equals(model)
                        && ReplicaShape.of(allocation).withNeed(shape.need()).equals(shape));
        List<Board.Standing> staying = new ArrayList<>();
        if (!sameShape) {
            return staying;
        }
        Map<String, Integer> used = new HashMap<>();
        current.placements().forEach(at -> used.merge(at.node(), at.gpus().size(), Integer::sum));
        List<ReplicaPlacement> mine = current.placements().stream()
                .filter(at -> at.model().equals(model) && at.gpus().size() == shape.tensorParallel())
                .sorted(Comparator.comparingInt((ReplicaPlacement at) -> -used.getOrDefault(at.node(), 0))
                        .thenComparing(ReplicaPlacement::node)
                        .thenComparing(at -> at.gpus().get(0))
                        .thenComparingInt(ReplicaPlacement::replica))
                .toList();
        for (ReplicaPlacement at : mine) {
            empty.standing(want.model(), want.shape(), at).filter(empty::holds).ifPresent(staying::add);
        }
        return staying;
    }

    /** Leaves out {@code extra} more replicas than there must be, of the wants from {@code index} on. */
    private boolean choose(int index, int extra, List<Board.Standing> kept) {
        if (index == wants.size()) {
            return extra == 0 && fits(kept);
        }
        List<Board.Standing> own = candidates.get(index);
        int most = Math.min(wants.get(index).replicas(), own.size());
        for (int less = Math.min(extra, most); less >= 0; less--) {
            if (subsets(own, 0, most - less, index, extra - less, kept)) {
                return true;
            }
        }
        return false;
    }

    /** Every way of keeping {@code count} of one model's replicas from {@code from} on, the first ones first. */
    private boolean subsets(
            List<Board.Standing> own, int from, int count, int index, int extra, List<Board.Standing> kept) {
        if (count == 0) {
            return choose(index + 1, extra, kept);
        }
        for (int i = from; i + count <= own.size() && setsLeft > 0; i++) {
            kept.add(own.get(i));
            if (subsets(own, i + 1, count - 1, index, extra, kept)) {
                return true;
            }
            kept.remove(kept.size() - 1);
        }
        return false;
    }

    private boolean fits(List<Board.Standing> kept) {
        setsLeft--;
        Board board = new Board(cluster, shapes);
        for (Board.Standing one : kept) {
            if (!board.holds(one)) {
                return false;
            }
            board.put(one);
        }
        List<Want> left = left(kept);
        return packer.decide(
                        gpu,
                        new DomainKinds(board, gpu),
                        left.stream().mapToInt(Want::shape).toArray(),
                        left.stream().mapToInt(Want::replicas).toArray())
                == Verdict.PLACEABLE;
    }

    private static List<Board.Standing> within(List<Want> wants, List<List<Board.Standing>> candidates) {
        List<Board.Standing> within = new ArrayList<>();
        for (int i = 0; i < wants.size(); i++) {
            List<Board.Standing> own = candidates.get(i);
            within.addAll(own.subList(0, Math.min(wants.get(i).replicas(), own.size())));
        }
        return within;
    }

    /** Keeps all of {@code more} if they fit, else of each half what fits. */
    private void grow(List<Board.Standing> more, List<Board.Standing> kept) {
        if (more.isEmpty()) {
            return;
        }
        List<Board.Standing> all = new ArrayList<>(kept);
        all.addAll(more);
        if (fits(all)) {
            kept.addAll(more);
        } else if (more.size() > 1) {
            int half = more.size() / 2;
            grow(more.subList(0, half), kept);
            grow(more.subList(half, more.size()), kept);
        }
    }
}
