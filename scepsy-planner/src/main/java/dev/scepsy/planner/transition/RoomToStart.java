package dev.scepsy.planner.transition;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Whether some legal state has room for one more engine of a kind, which every way to a plan with that engine passes
 * through. In such a state every model has at least its floor; what it has beyond that can be left out. So it is enough
 * to try all ways of giving every model exactly its floor, in any shape and place that may be used, around the room that
 * the engine needs. If there is none, no way exists, however long it is looked for.
 */
final class RoomToStart {

    /** Partial arrangements looked at for one engine. */
    private static final int MOST_LOOKED_AT = 100_000;

    private final ServingSpace space;
    private final List<Integer> models = new ArrayList<>();
    private final List<int[]> kindsOfModel = new ArrayList<>();
    private final Set<ServingSpace.Key> failed = new HashSet<>();
    private int left;

    /** @param space all engines there may be on the way; it {@link ServingSpace#beginsLegally} */
    RoomToStart(ServingSpace space) {
        this.space = space;
        for (int model = 0; model < space.floorOf.length; model++) {
            if (space.floorOf[model] > 0) {
                models.add(model);
            }
        }
        // those that need most first; of each the smallest shapes first
        for (int model : models) {
            int of = model;
            kindsOfModel.add(IntStream.range(0, space.kinds.size())
                    .filter(kind -> space.modelOf[kind] == of)
                    .boxed()
                    .sorted(Comparator.comparingDouble(this::gpus))
                    .mapToInt(Integer::intValue)
                    .toArray());
        }
        List<Integer> order = new ArrayList<>(IntStream.range(0, models.size())
                .boxed()
                .sorted(Comparator.comparingDouble(
                        (Integer i) -> -gpus(kindsOfModel.get(i)[0])))
                .toList());
        List<Integer> sortedModels = order.stream().map(models::get).toList();
        List<int[]> sortedKinds = order.stream().map(kindsOfModel::get).toList();
        models.clear();
        models.addAll(sortedModels);
        kindsOfModel.clear();
        kindsOfModel.addAll(sortedKinds);
    }

    private double gpus(int kind) {
        EngineShape shape = space.kinds.get(kind).shape();
        return shape.tensorParallel() * shape.gpuFraction().toDouble();
    }

    /** The engines of the target that can never start, with proof; empty where there may be a way. */
    List<Engine> neverFor() {
        List<Engine> never = new ArrayList<>();
        for (int kind = 0; kind < space.kinds.size(); kind++) {
            if (space.goal[kind] > space.initial[kind] && isNever(kind)) {
                never.add(space.kinds.get(kind));
            }
        }
        return List.copyOf(never);
    }

    private boolean isNever(int kind) {
        failed.clear();
        left = MOST_LOOKED_AT;
        int[] counts = new int[space.kinds.size()];
        counts[kind] = 1;
        return !arrange(0, 0, 0, counts) && left > 0;
    }

    /** Gives the models from {@code index} on their floors, the first of them {@code given} already. */
    private boolean arrange(int index, int given, int from, int[] counts) {
        if (index == models.size()) {
            return true;
        }
        if (given == space.floorOf[models.get(index)]) {
            return arrange(index + 1, 0, 0, counts);
        }
        if (left-- <= 0) {
            return true;
        }
        ServingSpace.Key state = space.roomLeft(counts, index, given, from);
        if (failed.contains(state)) {
            return false;
        }
        int[] kinds = kindsOfModel.get(index);
        for (int i = from; i < kinds.length; i++) {
            if (space.fits(counts, kinds[i])) {
                counts[kinds[i]]++;
                boolean done = arrange(index, given + 1, i, counts);
                counts[kinds[i]]--;
                if (done) {
                    return true;
                }
            }
        }
        failed.add(state);
        return false;
    }
}
