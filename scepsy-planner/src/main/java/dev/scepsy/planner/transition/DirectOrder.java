package dev.scepsy.planner.transition;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

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

    DirectOrder(ServingSpace space, long stateBudget) {
        this.space = space;
        this.stateBudget = stateBudget;
    }

    /** The moves in order; null when there are none, or none within the budget. */
    @Nullable
    List<Move> find() {
        int[] counts = space.initial.clone();
        int left = space.missing(counts) + space.surplus(counts);
        Set<ServingSpace.Key> visited = new HashSet<>();
        visited.add(ServingSpace.key(counts));
        Deque<Move> moves = new ArrayDeque<>();
        Deque<Iterator<Move>> untried = new ArrayDeque<>();
        untried.push(candidates(counts));
        while (left > 0) {
            Iterator<Move> candidates = untried.element();
            if (candidates.hasNext()) {
                Move move = candidates.next();
                counts[move.kind()] += move.change();
                if (visited.size() < stateBudget && visited.add(ServingSpace.key(counts))) {
                    moves.addLast(move);
                    untried.push(candidates(counts));
                    left--;
                } else {
                    counts[move.kind()] -= move.change();
                }
            } else if (moves.isEmpty()) {
                return null;
            } else {
                untried.pop();
                Move undone = moves.removeLast();
                counts[undone.kind()] -= undone.change();
                left++;
            }
        }
        return List.copyOf(moves);
    }

    private Iterator<Move> candidates(int[] counts) {
        List<Move> candidates = new ArrayList<>();
        List<RankedStop> stops = new ArrayList<>();
        for (int kind = 0; kind < counts.length; kind++) {
            if (counts[kind] < space.goal[kind] && space.fits(counts, kind)) {
                candidates.add(new Move(kind, 1));
            }
            if (counts[kind] > space.goal[kind] && space.mayStop(counts, kind)) {
                stops.add(new RankedStop(kind, space.startsAfterStopping(counts, kind)));
            }
        }
        stops.sort(Comparator.comparingInt(RankedStop::startsAfter).reversed());
        stops.forEach(stop -> candidates.add(new Move(stop.kind(), -1)));
        return candidates.iterator();
    }

    private record RankedStop(int kind, int startsAfter) {}
}
