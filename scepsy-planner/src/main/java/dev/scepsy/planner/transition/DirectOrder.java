package dev.scepsy.planner.transition;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Orders the changes that are needed anyway (start what is missing, stop what is surplus) so that every prefix is legal,
 * if that can be done without a detour. Depth first, never visiting a state twice; starts are tried before stops so that
 * capacity is highest, and among stops the one that makes room for a start.
 *
 * <p>Any order found is of least cost: each of its steps is unavoidable.
 */
final class DirectOrder {

    private final ServingSpace space;
    private final long stateBudget;
    private final Set<ServingSpace.Key> visited = new HashSet<>();
    private final Deque<Move> moves = new ArrayDeque<>();

    DirectOrder(ServingSpace space, long stateBudget) {
        this.space = space;
        this.stateBudget = stateBudget;
    }

    /** The moves in order; null when there are none within the budget. */
    @org.jspecify.annotations.Nullable
    List<Move> find() {
        int[] counts = space.initial.clone();
        return reaches(counts) ? List.copyOf(moves) : null;
    }

    boolean exhausted() {
        return visited.size() < stateBudget;
    }

    Set<ServingSpace.Key> reached() {
        return visited;
    }

    private boolean reaches(int[] counts) {
        if (space.missing(counts) == 0 && space.surplus(counts) == 0) {
            return true;
        }
        if (visited.size() >= stateBudget || !visited.add(ServingSpace.key(counts))) {
            return false;
        }
        for (Move move : candidates(counts)) {
            counts[move.kind()] += move.change();
            moves.addLast(move);
            if (reaches(counts)) {
                return true;
            }
            moves.removeLast();
            counts[move.kind()] -= move.change();
        }
        return false;
    }

    private List<Move> candidates(int[] counts) {
        List<Move> candidates = new ArrayList<>();
        for (int kind = 0; kind < counts.length; kind++) {
            if (counts[kind] < space.goal[kind] && space.fits(counts, kind)) {
                candidates.add(new Move(kind, 1));
            }
        }
        List<RankedStop> stops = new ArrayList<>();
        for (int kind = 0; kind < counts.length; kind++) {
            if (counts[kind] > space.goal[kind] && space.mayStop(counts, kind)) {
                stops.add(new RankedStop(kind, startsAfterStopping(counts, kind)));
            }
        }
        stops.sort(Comparator.comparingInt(RankedStop::startsAfter).reversed());
        stops.forEach(stop -> candidates.add(new Move(stop.kind(), -1)));
        return candidates;
    }

    private int startsAfterStopping(int[] counts, int stopped) {
        counts[stopped]--;
        int starts = 0;
        for (int kind = 0; kind < counts.length; kind++) {
            if (counts[kind] < space.goal[kind] && space.fits(counts, kind)) {
                starts++;
            }
        }
        counts[stopped]++;
        return starts;
    }

    private record RankedStop(int kind, int startsAfter) {}
}
