package dev.scepsy.planner.placement;

import dev.scepsy.planner.placement.Board.Standing;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Spreads the replicas of each model over nodes, then racks, by swapping replicas of equal shape: every GPU keeps its
 * load to the last unit, so nothing is paid for it. Repeats until no swap lowers Σ (replicas of a model on a node)², or
 * that of racks at equal nodes; plans of more than {@value #MOST_REPLICAS} replicas are left as the policy spread them.
 */
final class Spreading {

    private static final int MOST_REPLICAS = 400;

    private final Board board;
    private final Map<Long, Integer> onNode = new HashMap<>();
    private final Map<Long, Integer> inRack = new HashMap<>();

    Spreading(Board board) {
        this.board = board;
    }

    void improve() {
        List<Standing> all = board.standing();
        if (all.size() > MOST_REPLICAS) {
            return;
        }
        for (Standing one : all) {
            count(one, 1);
        }
        boolean improved = true;
        while (improved) {
            improved = false;
            for (int i = 0; i < all.size(); i++) {
                for (int j = i + 1; j < all.size(); j++) {
                    improved |= swapIfBetter(all.get(i), all.get(j));
                }
            }
        }
    }

    private boolean swapIfBetter(Standing a, Standing b) {
        if (a.kept
                || b.kept
                || a.model == b.model
                || a.shape != b.shape
                || board.node(a.domain) == board.node(b.domain)) {
            return false;
        }
        long before = cost(a) + cost(b);
        swap(a, b);
        if (cost(a) + cost(b) < before) {
            return true;
        }
        swap(a, b);
        return false;
    }

    /** Crowding around one replica; nodes weigh more than any number of racks. Both ends are counted in their own place. */
    private long cost(Standing one) {
        long node = onNode.getOrDefault(key(one.model, board.node(one.domain)), 0);
        long rack = inRack.getOrDefault(key(one.model, board.rack(one.domain)), 0);
        return node * 1_000_000L + rack;
    }

    private void swap(Standing a, Standing b) {
        count(a, -1);
        count(b, -1);
        int domain = a.domain;
        int[] gpus = a.gpus;
        a.domain = b.domain;
        a.gpus = b.gpus;
        b.domain = domain;
        b.gpus = gpus;
        count(a, 1);
        count(b, 1);
    }

    private void count(Standing one, int by) {
        onNode.merge(key(one.model, board.node(one.domain)), by, Integer::sum);
        inRack.merge(key(one.model, board.rack(one.domain)), by, Integer::sum);
    }

    private static long key(int model, int place) {
        return (long) model << 32 | place;
    }
}
