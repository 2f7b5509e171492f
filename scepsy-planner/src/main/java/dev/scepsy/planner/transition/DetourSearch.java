package dev.scepsy.planner.transition;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * Best-first search (A*) over all states, detours included: engines started for a while in a shape that is known to
 * work, or stopped and started again. A start costs a model load, a stop next to nothing, so the path has the fewest
 * starts, then the fewest stops. The bound (missing engines, surplus engines) never overestimates: every missing engine
 * needs a start and every surplus engine a stop.
 */
final class DetourSearch {

    private static final int START_COST = 1000;
    private static final int STOP_COST = 1;

    private final ServingSpace space;
    private final long stateBudget;
    private long expanded;

    DetourSearch(ServingSpace space, long stateBudget) {
        this.space = space;
        this.stateBudget = stateBudget;
    }

    /** The moves in order; null when there are none, or none within the budget. */
    @Nullable
    List<Move> find() {
        Map<ServingSpace.Key, Arrival> best = new HashMap<>();
        PriorityQueue<Open> queue = new PriorityQueue<>(Open.ORDER);
        ServingSpace.Key start = ServingSpace.key(space.initial);
        best.put(start, new Arrival(0, null, null));
        long serial = 0;
        queue.add(new Open(start, 0, bound(start.counts()), serial));
        while (!queue.isEmpty() && expanded < stateBudget) {
            Open open = queue.remove();
            int[] counts = open.state.counts();
            if (open.cost > arrival(best, open.state).cost) {
                continue;
            }
            if (open.bound == 0) {
                return path(best, open.state);
            }
            expanded++;
            for (Move move : moves(counts)) {
                int[] next = counts.clone();
                next[move.kind()] += move.change();
                ServingSpace.Key key = new ServingSpace.Key(next);
                long cost = open.cost + (move.change() > 0 ? START_COST : STOP_COST);
                Arrival known = best.get(key);
                if (known == null || cost < known.cost) {
                    best.put(key, new Arrival(cost, open.state, move));
                    queue.add(new Open(key, cost, bound(next), --serial));
                }
            }
        }
        return null;
    }

    /** Whether every reachable state was visited. */
    boolean exhausted() {
        return expanded < stateBudget;
    }

    private List<Move> moves(int[] counts) {
        List<Move> moves = new ArrayList<>();
        for (int kind = 0; kind < counts.length; kind++) {
            if (space.fits(counts, kind)) {
                moves.add(new Move(kind, 1));
            }
            if (space.mayStop(counts, kind)) {
                moves.add(new Move(kind, -1));
            }
        }
        return moves;
    }

    private long bound(int[] counts) {
        return (long) START_COST * space.missing(counts) + (long) STOP_COST * space.surplus(counts);
    }

    private static Arrival arrival(Map<ServingSpace.Key, Arrival> best, ServingSpace.Key state) {
        return java.util.Objects.requireNonNull(best.get(state));
    }

    private static List<Move> path(Map<ServingSpace.Key, Arrival> best, ServingSpace.Key goal) {
        Deque<Move> moves = new ArrayDeque<>();
        ServingSpace.Key state = goal;
        for (Arrival arrival = arrival(best, state); arrival.move != null && arrival.from != null; ) {
            moves.addFirst(arrival.move);
            state = arrival.from;
            arrival = arrival(best, state);
        }
        return List.copyOf(moves);
    }

    private record Arrival(
            long cost,
            ServingSpace.@Nullable Key from,
            @Nullable Move move) {}

    /** Least total first; among equals the deeper, then the one found last, so that ties are dived into. */
    private record Open(ServingSpace.Key state, long cost, long bound, long serial) {
        static final Comparator<Open> ORDER = Comparator.<Open>comparingLong(open -> open.cost + open.bound)
                .thenComparingLong(Open::bound)
                .thenComparingLong(Open::serial);
    }
}
