package dev.scepsy.planner.transition;

import dev.scepsy.planner.transition.Step.Start;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Groups of consecutive steps that may run at the same time. A start only adds replicas and every prefix of the starts
 * fits, so starts in a row commute, except on a common GPU: two engines that start on one GPU at once take each other's
 * memory for their own while they profile it (vLLM issues 9198, 10643). Stops in a row only free room, and the last of
 * them still keeps every floor.
 */
final class Waves {

    private Waves() {}

    static List<List<Step>> of(List<Step> steps) {
        List<List<Step>> waves = new ArrayList<>();
        List<Step> wave = new ArrayList<>();
        Set<String> busyPlaces = new HashSet<>();
        for (Step step : steps) {
            boolean sameKind = wave.isEmpty() || wave.get(0).getClass() == step.getClass();
            Set<String> places = step instanceof Start ? places(step.engine()) : Set.of();
            if (!sameKind || places.stream().anyMatch(busyPlaces::contains)) {
                waves.add(List.copyOf(wave));
                wave.clear();
                busyPlaces.clear();
            }
            wave.add(step);
            busyPlaces.addAll(places);
        }
        if (!wave.isEmpty()) {
            waves.add(List.copyOf(wave));
        }
        return List.copyOf(waves);
    }

    private static Set<String> places(Engine engine) {
        Set<String> places = new HashSet<>();
        engine.gpus().forEach(gpu -> places.add(engine.node() + "/" + gpu));
        if (engine.gpus().isEmpty() && !engine.shape().gpuFraction().isWhole()) {
            places.add(engine.node()); // the kubelet may put them on one GPU
        }
        return places;
    }
}
