package dev.scepsy.planner.transition;

import dev.scepsy.planner.transition.Step.Start;
import dev.scepsy.planner.transition.Step.Stop;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Groups of steps that may run at the same time, so that models change side by side instead of one after the other.
 *
 * <p>A step may be taken before earlier ones that it commutes with; exchanging two neighbours keeps every prefix legal
 * when
 *
 * <ul>
 *   <li>a start overtakes a stop that shares no GPU with it (the room it needs is there already), and no node whose
 *       processors or memory are limited, or another start;
 *   <li>a stop overtakes another stop, or a start of another model (a floor is one model's own matter).
 * </ul>
 *
 * <p>A stop never overtakes a start of its own model, so a model is never further down than the steps in their order take
 * it. Stops are taken early only for a start that can then go ahead. Two engines that share a GPU never start at once: they
 * take each other's memory for their own while they profile it (vLLM issues 9198, 10643).
 */
final class Waves {

    private final Set<String> limited;

    private Waves(Set<String> limited) {
        this.limited = limited;
    }

    /** @param limited nodes on which starts may wait for processors or memory that stops give back */
    static List<List<Step>> of(List<Step> steps, Set<String> limited) {
        Waves grouping = new Waves(limited);
        List<List<Step>> waves = new ArrayList<>();
        List<Step> left = new ArrayList<>(steps);
        while (!left.isEmpty()) {
            List<Step> wave = left.get(0) instanceof Start ? grouping.starts(left) : grouping.stops(left);
            waves.add(wave);
            wave.forEach(left::remove);
        }
        return List.copyOf(waves);
    }

    /** Starts that need no room which a stop has yet to make, one per GPU. */
    private List<Step> starts(List<Step> left) {
        List<Step> taken = new ArrayList<>();
        Set<String> roomToCome = new HashSet<>();
        Set<String> busy = new HashSet<>();
        for (Step step : left) {
            if (step instanceof Stop) {
                roomToCome.addAll(rooms(step.engine()));
            } else {
                if (disjoint(rooms(step.engine()), roomToCome) && disjoint(startPlaces(step.engine()), busy)) {
                    taken.add(step);
                }
                busy.addAll(startPlaces(step.engine()));
            }
        }
        return taken;
    }

    /** The first stop, and all others that together make the room of a start; all, where nothing starts any more. */
    private List<Step> stops(List<Step> left) {
        if (left.stream().allMatch(Stop.class::isInstance)) {
            return List.copyOf(left); // nothing starts any more: none of them waits for another
        }
        Set<Step> free = new HashSet<>();
        Set<String> startingModels = new HashSet<>();
        for (Step step : left) {
            if (step instanceof Start) {
                startingModels.add(step.engine().model());
            } else if (!startingModels.contains(step.engine().model())) {
                free.add(step);
            }
        }
        Set<Step> taken = new LinkedHashSet<>(List.of(left.get(0)));
        Map<String, List<Step>> stopsOfRoom = new HashMap<>();
        Set<String> busy = new HashSet<>();
        for (Step step : left) {
            if (step instanceof Stop) {
                rooms(step.engine())
                        .forEach(room -> stopsOfRoom
                                .computeIfAbsent(room, key -> new ArrayList<>())
                                .add(step));
            } else {
                List<Step> needed = rooms(step.engine()).stream()
                        .flatMap(room -> stopsOfRoom.getOrDefault(room, List.of()).stream())
                        .toList();
                if (free.containsAll(needed) && disjoint(startPlaces(step.engine()), busy)) {
                    taken.addAll(needed);
                }
                busy.addAll(startPlaces(step.engine()));
            }
        }
        return List.copyOf(taken);
    }

    private static boolean disjoint(Collection<String> first, Set<String> second) {
        return first.stream().noneMatch(second::contains);
    }

    /** What the engine takes room of: its GPUs, or the node where something else picks them or where more than GPUs is short. */
    private List<String> rooms(Engine engine) {
        List<String> gpus = gpus(engine);
        if (engine.gpus().isEmpty() || !limited.contains(engine.node())) {
            return gpus;
        }
        List<String> rooms = new ArrayList<>(gpus);
        rooms.add(engine.node());
        return rooms;
    }

    /** Each GPU, or the node whose GPUs something else picks. */
    private static List<String> gpus(Engine engine) {
        return engine.gpus().isEmpty()
                ? List.of(engine.node())
                : engine.gpus().stream().map(gpu -> engine.node() + "/" + gpu).toList();
    }

    /** Where no two engines may start at once; whole GPUs that something else picks are never shared. */
    private static List<String> startPlaces(Engine engine) {
        return engine.gpus().isEmpty() && engine.shape().gpuFraction().isWhole() ? List.of() : gpus(engine);
    }
}
