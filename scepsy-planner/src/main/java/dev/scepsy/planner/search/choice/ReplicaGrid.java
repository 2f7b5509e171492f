package dev.scepsy.planner.search.choice;

import java.util.ArrayList;
import java.util.List;

/**
 * Replica counts worth looking at where a cluster could hold thousands: every count near the fewest, then counts one per
 * cent apart, and none beyond the point from which more replicas are no faster.
 *
 * <p>Bounds stay valid with a choice per gap: replicas as few as the gap begins with, at the latency it ends with.
 */
public final class ReplicaGrid {

    private ReplicaGrid() {}

    /** Choices that exist. */
    public static List<Choice> real(ChoiceSpace space, SpaceShape shape) {
        List<Choice> choices = new ArrayList<>();
        for (long replicas : counts(space, shape)) {
            choices.add(space.choice(shape, replicas));
        }
        return choices;
    }

    /** At least as good as every choice there is: for each gap its first count at its last count's latency. */
    public static List<Choice> optimistic(ChoiceSpace space, SpaceShape shape) {
        List<Choice> choices = new ArrayList<>();
        long previous = shape.fewest() - 1;
        for (long replicas : counts(space, shape)) {
            long first = previous + 1;
            double latency = space.choice(shape, replicas).latencySeconds();
            choices.add(space.choice(shape, first, latency));
            previous = replicas;
        }
        return choices;
    }

    private static long[] counts(ChoiceSpace space, SpaceShape shape) {
        long last = lastUseful(space, shape);
        List<Long> counts = new ArrayList<>();
        for (long replicas = shape.fewest(); replicas <= last; ) {
            counts.add(replicas);
            replicas = replicas < shape.fewest() + ChoiceConstants.GRID_DENSE
                    ? replicas + 1
                    : Math.max(replicas + 1, (long) (replicas * ChoiceConstants.GRID_GROWTH));
        }
        if (counts.get(counts.size() - 1) < last) {
            counts.add(last);
        }
        return counts.stream().mapToLong(Long::longValue).toArray();
    }

    /** The fewest replicas that are as fast as the most. */
    private static long lastUseful(ChoiceSpace space, SpaceShape shape) {
        double best = space.choice(shape, shape.most()).latencySeconds();
        long low = shape.fewest() - 1;
        long high = shape.most();
        while (high - low > 1) {
            long middle = (low + high) >>> 1;
            if (space.choice(shape, middle).latencySeconds() <= best) {
                high = middle;
            } else {
                low = middle;
            }
        }
        return high;
    }
}
