package dev.scepsy.planner.transition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.topology.HostResource;
import dev.scepsy.planner.topology.Node;
import dev.scepsy.planner.transition.Step.Start;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** Carries steps out on paper and checks the rules of every state between: the one place where tests state them. */
final class Replay {

    private Replay() {}

    /** Fails unless every prefix of {@code steps} is legal and the end is the target. */
    static void check(TransitionProblem problem, List<Step> steps) {
        List<Engine> occupying = new ArrayList<>();
        List<Engine> ready = new ArrayList<>();
        problem.running().forEach(found -> {
            occupying.add(found.engine());
            if (found.ready()) {
                ready.add(found.engine());
            }
        });
        Map<String, Integer> floors = floors(problem);
        for (Step step : steps) {
            if (step instanceof Start) {
                boolean awaited = count(occupying, step.engine()) > count(ready, step.engine());
                if (!awaited) {
                    occupying.add(step.engine());
                    checkCapacity(problem, occupying, step);
                }
                ready.add(step.engine());
            } else {
                assertThat(occupying.remove(step.engine()))
                        .as("runs before %s", step)
                        .isTrue();
                if (count(ready, step.engine()) > count(occupying, step.engine())) {
                    ready.remove(step.engine());
                }
            }
            floors.forEach((model, floor) -> assertThat(ready.stream()
                            .filter(engine -> engine.model().equals(model))
                            .count())
                    .as("ready replicas of %s after %s", model, step)
                    .isGreaterThanOrEqualTo(floor));
        }
        assertThat(occupying).containsExactlyInAnyOrderElementsOf(problem.target());
        assertThat(ready).containsExactlyInAnyOrderElementsOf(problem.target());
    }

    /** Fails unless every order that the waves allow is legal too; tries a few, drawn with {@code random}. */
    static void checkWaves(TransitionProblem problem, TransitionResult.Path path, Random random) {
        assertThat(path.waves().stream().flatMap(List::stream).toList())
                .containsExactlyInAnyOrderElementsOf(path.steps());
        for (int attempt = 0; attempt < 3; attempt++) {
            List<Step> steps = new ArrayList<>();
            for (List<Step> wave : path.waves()) {
                List<Step> shuffled = new ArrayList<>(wave);
                Collections.shuffle(shuffled, random);
                steps.addAll(shuffled);
            }
            check(problem, steps);
        }
        for (List<Step> wave : path.waves()) {
            List<String> starting = wave.stream()
                    .filter(Start.class::isInstance)
                    .flatMap(step -> step.engine().gpus().stream()
                            .map(gpu -> step.engine().node() + "/" + gpu))
                    .toList();
            assertThat(starting).as("one start per GPU in %s", wave).doesNotHaveDuplicates();
        }
    }

    private static Map<String, Integer> floors(TransitionProblem problem) {
        Map<String, Integer> floors = new HashMap<>();
        Set<String> models = new HashSet<>();
        problem.target().forEach(engine -> models.add(engine.model()));
        for (String model : models) {
            long now = problem.running().stream()
                    .filter(found -> found.ready() && found.engine().model().equals(model))
                    .count();
            long wanted = problem.target().stream()
                    .filter(engine -> engine.model().equals(model))
                    .count();
            long floor = Math.min(problem.minReplicas().getOrDefault(model, 1), Math.min(now, wanted));
            floors.put(model, problem.allowGap().contains(model) ? 0 : (int) floor);
        }
        return floors;
    }

    static void checkCapacity(TransitionProblem problem, List<Engine> engines, Object when) {
        for (Node node : problem.cluster().nodes()) {
            for (HostResource resource : HostResource.values()) {
                double taken = engines.stream()
                        .filter(engine -> engine.node().equals(node.name()))
                        .mapToDouble(engine -> problem.need(engine).of(resource))
                        .sum();
                assertThat(taken)
                        .as("%s of %s at %s", resource.words(), node.name(), when)
                        .isLessThanOrEqualTo(node.host().of(resource).orElse(Double.POSITIVE_INFINITY) + 1e-6);
            }
            boolean picked = Engine.gpusArePicked(node);
            for (int gpu = 0; gpu < (picked ? 1 : node.gpus()); gpu++) {
                double compute = 0;
                double memory = 0;
                for (Engine engine : engines) {
                    boolean here = engine.node().equals(node.name())
                            && (picked || engine.gpus().contains(gpu));
                    if (here) {
                        int shards = picked ? engine.shape().tensorParallel() : 1;
                        compute += shards * engine.shape().gpuFraction().toDouble();
                        memory += shards * engine.shape().memoryGiBPerGpu();
                    }
                }
                int gpus = picked ? node.gpus() : 1;
                assertThat(compute)
                        .as("compute of %s GPU %d at %s", node.name(), gpu, when)
                        .isLessThanOrEqualTo(gpus + 1e-7);
                assertThat(memory)
                        .as("memory of %s GPU %d at %s", node.name(), gpu, when)
                        .isLessThanOrEqualTo(gpus * node.gpu().memoryGiB() + 1e-4);
            }
        }
    }

    private static long count(List<Engine> engines, Engine engine) {
        return engines.stream().filter(engine::equals).count();
    }
}
