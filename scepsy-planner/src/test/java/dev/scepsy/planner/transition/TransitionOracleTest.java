package dev.scepsy.planner.transition;

import static dev.scepsy.planner.transition.Situations.MPS;
import static dev.scepsy.planner.transition.Situations.cluster;
import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.allocation.GpuFraction;
import dev.scepsy.planner.topology.Cluster;
import dev.scepsy.planner.topology.HostNeed;
import dev.scepsy.planner.topology.HostRoom;
import dev.scepsy.planner.topology.Rack;
import dev.scepsy.planner.transition.Step.Start;
import dev.scepsy.planner.transition.TransitionResult.NoPath;
import dev.scepsy.planner.transition.TransitionResult.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;

/** Compares the search with a plain uniform-cost search over sorted lists of engines on small random problems. */
class TransitionOracleTest {

    private static final int PROBLEMS = Boolean.getBoolean("scepsy.full") ? 2000 : 150;

    private static final double[] FRACTIONS = {0.4, 0.5, 0.6, 1.0};

    @Test
    void findsAPathExactlyWhereOneExistsAndWithTheFewestStarts() {
        int[] found = compare((problem, random) -> problem);
        assertThat(found[0]).as("problems with a path").isGreaterThan(PROBLEMS / 4);
        assertThat(found[1]).as("problems with a detour").isGreaterThan(PROBLEMS / 100);
        assertThat(found[2]).as("problems without").isGreaterThan(PROBLEMS / 50);
    }

    @Test
    void waysKeepToTheProcessorsOfANodeAndNoOthersAreCheaper() {
        int[] found = compare(TransitionOracleTest::limited);
        assertThat(found[0]).as("problems with a path").isGreaterThan(PROBLEMS / 8);
        assertThat(found[2]).as("problems without").isGreaterThan(PROBLEMS / 20);
    }

    /** As many processors as the fuller of both ends needs, and at most one engine's more; each needs 2.5. */
    private static TransitionProblem limited(TransitionProblem problem, Random random) {
        int most = Math.max(problem.running().size(), problem.target().size()) + random.nextInt(2);
        HostRoom room = new HostRoom(OptionalDouble.of(2.5 * most), OptionalDouble.empty());
        Cluster cluster = new Cluster(List.of(new Rack(
                "r",
                problem.cluster().nodes().stream()
                        .map(node -> node.withHost(room))
                        .toList())));
        return new TransitionProblem(
                problem.running(),
                problem.target(),
                cluster,
                problem.minReplicas(),
                problem.allowGap(),
                Map.of("1", new HostNeed(2.5, 8)));
    }

    /** Problems with a path, with a detour, without a path. */
    private static int[] compare(BiFunction<TransitionProblem, Random, TransitionProblem> change) {
        int problems = PROBLEMS;
        int withPath = 0;
        int withDetour = 0;
        int without = 0;
        for (int seed = 0; seed < problems; seed++) {
            TransitionProblem problem = change.apply(random(new Random(seed)), new Random(seed));
            OptionalLong best = leastCost(problem);
            TransitionResult result = Transition.find(problem);
            if (result instanceof Path path) {
                Replay.check(problem, path.steps());
                Replay.checkWaves(problem, path, new Random(seed));
                long cost = path.steps().stream()
                        .mapToLong(step -> step instanceof Start ? 1000 : 1)
                        .sum();
                assertThat(best).as("seed %d", seed).hasValue(cost);
                withPath++;
                withDetour += path.steps().stream().anyMatch(step -> step.why().contains("stands in")) ? 1 : 0;
            } else {
                assertThat(best).as("seed %d", seed).isEmpty();
                assertThat(((NoPath) result).proven()).isTrue();
                assertThat(((NoPath) result).reasons()).isNotEmpty();
                without++;
            }
        }
        return new int[] {withPath, withDetour, without};
    }

    @Test
    void equalProblemsGiveEqualSteps() {
        for (int seed = 0; seed < 20; seed++) {
            assertThat(Transition.find(random(new Random(seed)))).isEqualTo(Transition.find(random(new Random(seed))));
        }
    }

    private static TransitionProblem random(Random random) {
        int gpus = 2 + (random.nextInt(4) == 0 ? 1 : 0);
        int models = 2 + random.nextInt(2);
        List<Engine> now = engines(random, gpus, models);
        List<Engine> target = engines(random, gpus, models);
        Map<String, Integer> minReplicas = new HashMap<>();
        for (int model = 0; model < models; model++) {
            minReplicas.put("m" + model, 1 + random.nextInt(2));
        }
        return new TransitionProblem(
                now.stream().map(engine -> new RunningEngine(engine, true)).toList(),
                target,
                cluster(MPS, gpus),
                minReplicas,
                Set.of());
    }

    /** Fills GPUs at random, one shape per model. */
    private static List<Engine> engines(Random random, int gpus, int models) {
        List<Engine> engines = new ArrayList<>();
        double[] used = new double[gpus];
        double[] shape = new double[models];
        for (int model = 0; model < models; model++) {
            shape[model] = FRACTIONS[random.nextInt(FRACTIONS.length)];
        }
        for (int attempt = 0; attempt < 9; attempt++) {
            int model = random.nextInt(models);
            int gpu = random.nextInt(gpus);
            if (used[gpu] + shape[model] <= 1 + 1e-9) {
                used[gpu] += shape[model];
                engines.add(Situations.engine("m" + model, shape[model], "n0:" + gpu));
            }
        }
        return engines;
    }

    /** Dijkstra over sorted engine lists; every staying model may run any of its shapes on any GPU. */
    private static OptionalLong leastCost(TransitionProblem problem) {
        List<Engine> start = problem.running().stream()
                .map(RunningEngine::engine)
                .sorted(Engine.ORDER)
                .toList();
        List<Engine> goal = problem.target().stream().sorted(Engine.ORDER).toList();
        Set<Engine> startable = new LinkedHashSet<>(goal);
        startable.addAll(start);
        Set<Engine> known = new LinkedHashSet<>(startable);
        for (Engine engine : known) {
            boolean stays = start.stream().anyMatch(other -> other.model().equals(engine.model()))
                    && goal.stream().anyMatch(other -> other.model().equals(engine.model()));
            for (int gpu = 0; stays && gpu < problem.cluster().gpus(); gpu++) {
                startable.add(new Engine(engine.model(), engine.shape(), "n0", List.of(gpu)));
            }
        }
        Map<List<Engine>, Long> settled = new HashMap<>();
        PriorityQueue<Map.Entry<List<Engine>, Long>> queue =
                new PriorityQueue<>(Comparator.comparingLong(Map.Entry::getValue));
        queue.add(Map.entry(start, 0L));
        while (!queue.isEmpty()) {
            Map.Entry<List<Engine>, Long> next = queue.remove();
            if (settled.putIfAbsent(next.getKey(), next.getValue()) != null) {
                continue;
            }
            if (next.getKey().equals(goal)) {
                return OptionalLong.of(next.getValue());
            }
            for (Engine engine : startable) {
                List<Engine> more = new ArrayList<>(next.getKey());
                more.add(engine);
                more.sort(Engine.ORDER);
                if (fits(more, engine.gpus().get(0)) && hosted(problem, more) && !settled.containsKey(more)) {
                    queue.add(Map.entry(List.copyOf(more), next.getValue() + 1000));
                }
            }
            for (Engine engine : new LinkedHashSet<>(next.getKey())) {
                List<Engine> less = new ArrayList<>(next.getKey());
                less.remove(engine);
                long left = less.stream()
                        .filter(other -> other.model().equals(engine.model()))
                        .count();
                if (left >= floor(problem, engine.model()) && !settled.containsKey(less)) {
                    queue.add(Map.entry(List.copyOf(less), next.getValue() + 1));
                }
            }
        }
        return OptionalLong.empty();
    }

    private static boolean hosted(TransitionProblem problem, List<Engine> engines) {
        double most = problem.cluster().nodes().get(0).host().cpuCores().orElse(Double.POSITIVE_INFINITY);
        return engines.stream()
                        .mapToDouble(engine -> problem.need(engine).cpuCores())
                        .sum()
                <= most + 1e-9;
    }

    private static boolean fits(List<Engine> engines, int gpu) {
        GpuFraction whole = GpuFraction.whole();
        double used = engines.stream()
                .filter(engine -> engine.gpus().contains(gpu))
                .mapToDouble(engine -> engine.shape().gpuFraction().toDouble())
                .sum();
        return used <= whole.toDouble() + 1e-9;
    }

    private static long floor(TransitionProblem problem, String model) {
        long now = problem.running().stream()
                .filter(found -> found.engine().model().equals(model))
                .count();
        long wanted = problem.target().stream()
                .filter(engine -> engine.model().equals(model))
                .count();
        return Math.min(problem.minReplicas().getOrDefault(model, 1), Math.min(now, wanted));
    }
}
