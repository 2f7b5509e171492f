package dev.scepsy.planner.transition;

import static dev.scepsy.planner.transition.Situations.MPS;
import static dev.scepsy.planner.transition.Situations.cluster;
import static dev.scepsy.planner.transition.Situations.engine;
import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.topology.Cluster;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class EquivalentPlacesTest {

    private static List<RunningEngine> serving(List<Engine> engines) {
        return engines.stream().map(engine -> new RunningEngine(engine, true)).toList();
    }

    @Test
    void exchangedGpusAreExchangedBack() {
        List<Engine> now = List.of(engine("a", 0.5, "n0:0"), engine("b", 1, "n0:1"));
        List<Engine> target = List.of(engine("a", 0.5, "n0:1"), engine("b", 1, "n0:0"));
        assertThat(EquivalentPlaces.closest(target, serving(now), cluster(MPS, 2)))
                .containsExactlyElementsOf(now);
    }

    @Test
    void exchangedNodesAreExchangedBack() {
        List<Engine> now = List.of(engine("a", 0.5, "n0:0"), engine("b", 1, "n1:1"));
        List<Engine> target = List.of(engine("a", 0.5, "n1:1"), engine("b", 1, "n0:0"));
        assertThat(EquivalentPlaces.closest(target, serving(now), cluster(MPS, 2, 2)))
                .containsExactlyElementsOf(now);
    }

    @Test
    void nodesThatAreNotAlikeKeepTheirEngines() {
        List<Engine> now = List.of(engine("a", 0.5, "n0:0"));
        List<Engine> target = List.of(engine("a", 0.5, "n1:0"));
        assertThat(EquivalentPlaces.closest(target, serving(now), cluster(MPS, 2, 3)))
                .isEqualTo(target);
    }

    @Test
    void aTargetThatKeepsAllIsReturnedAsItIs() {
        List<Engine> now = List.of(engine("b", 0.5, "n0:0"), engine("a", 0.5, "n0:0"));
        assertThat(EquivalentPlaces.closest(now, serving(now), cluster(MPS, 2))).isSameAs(now);
    }

    @Test
    void aGroupStaysInOneDomain() {
        List<Engine> now = List.of(engine("a", 1, "n0:2,3"), engine("b", 1, "n0:0"));
        List<Engine> target = List.of(engine("a", 1, "n0:0,1"), engine("b", 1, "n0:2"));
        assertThat(EquivalentPlaces.closest(target, serving(now), cluster(MPS, 4)))
                .contains(engine("a", 1, "n0:2,3"), engine("b", 1, "n0:0"));
    }

    @Test
    void neverKeepsFewerAndAlwaysKeepsGpuContents() {
        for (int seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            Cluster cluster = cluster(MPS, 3, 3);
            List<Engine> now = random(random);
            List<Engine> target = random(random);
            List<Engine> moved = EquivalentPlaces.closest(target, serving(now), cluster);
            assertThat(common(moved, now)).isGreaterThanOrEqualTo(common(target, now));
            assertThat(contents(moved)).isEqualTo(contents(target));
        }
    }

    private static List<Engine> random(Random random) {
        List<Engine> engines = new ArrayList<>();
        for (int gpu = 0; gpu < 6; gpu++) {
            for (int half = 0; half < 2; half++) {
                engines.add(engine("m" + random.nextInt(3), 0.5, "n" + gpu / 3 + ":" + gpu % 3));
            }
        }
        return engines;
    }

    private static int common(List<Engine> first, List<Engine> second) {
        Set<Engine> kinds = new HashSet<>(first);
        return kinds.stream()
                .mapToInt(kind -> Math.min(Collections.frequency(first, kind), Collections.frequency(second, kind)))
                .sum();
    }

    /** What shares a GPU, as a sorted list without the GPU's name. */
    private static List<String> contents(List<Engine> engines) {
        return IntStream.range(0, 6)
                .mapToObj(gpu -> engines.stream()
                        .filter(engine -> engine.node().equals("n" + gpu / 3)
                                && engine.gpus().contains(gpu % 3))
                        .map(Engine::model)
                        .sorted()
                        .toList()
                        .toString())
                .sorted()
                .toList();
    }
}
