package dev.scepsy.planner.transition;

import static dev.scepsy.planner.transition.Situations.MPS;
import static dev.scepsy.planner.transition.Situations.cluster;
import static dev.scepsy.planner.transition.Situations.engine;
import static dev.scepsy.planner.transition.Situations.problem;
import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.topology.Cluster;
import dev.scepsy.planner.topology.Sharing;
import dev.scepsy.planner.transition.Step.Start;
import dev.scepsy.planner.transition.Step.Stop;
import dev.scepsy.planner.transition.TransitionResult.NoPath;
import dev.scepsy.planner.transition.TransitionResult.Path;
import dev.scepsy.planner.transition.TransitionResult.Remedy;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TransitionTest {

    private static Path path(TransitionProblem problem) {
        assertThat(Transition.find(problem)).isInstanceOf(Path.class);
        Path path = (Path) Transition.find(problem);
        Replay.check(problem, path.steps());
        Replay.checkWaves(problem, path, new java.util.Random(1));
        return path;
    }

    @Test
    void nothingChangesWhereThePlanRunsAlready() {
        List<Engine> engines = List.of(engine("a", 0.5, "n0:0"), engine("b", 0.5, "n0:0"));
        assertThat(path(problem(cluster(MPS, 1), engines, engines)).steps()).isEmpty();
    }

    @Test
    void anEmptyClusterOnlyStartsOneAfterAnotherOnACommonGpu() {
        List<Engine> target = List.of(engine("a", 0.5, "n0:0"), engine("b", 0.5, "n0:0"), engine("c", 1, "n0:1"));
        Path path = path(problem(cluster(MPS, 2), List.of(), target));

        assertThat(path.steps()).hasSize(3).allMatch(Start.class::isInstance);
        assertThat(path.waves()).hasSize(2);
        assertThat(path.waves().get(0))
                .extracting(step -> step.engine().model())
                .containsExactly("a", "c");
        assertThat(path.waves().get(1))
                .extracting(step -> step.engine().model())
                .containsExactly("b");
    }

    @Test
    void startsOnDifferentGpusFormOneWave() {
        List<Engine> target = List.of(engine("a", 1, "n0:0"), engine("b", 1, "n0:1"), engine("c", 1, "n0:2"));
        assertThat(path(problem(cluster(MPS, 3), List.of(), target)).waves()).hasSize(1);
    }

    @Test
    void withRoomTheNewEngineStartsBeforeTheOldOneStops() {
        Path path =
                path(problem(cluster(MPS, 2), List.of(engine("a", 0.5, "n0:0")), List.of(engine("a", 0.7, "n0:1"))));
        assertThat(path.steps())
                .satisfiesExactly(
                        first -> assertThat(first).isInstanceOf(Start.class),
                        second -> assertThat(second).isInstanceOf(Stop.class));
    }

    @Test
    void aFullClusterWithTwoReplicasShrinksThenGrows() {
        List<Engine> now = List.of(
                engine("a", 0.5, "n0:0"), engine("a", 0.5, "n0:1"), engine("b", 0.5, "n0:0"), engine("b", 0.5, "n0:1"));
        List<Engine> target = List.of(
                engine("a", 0.8, "n0:0"), engine("b", 0.2, "n0:0"), engine("b", 0.8, "n0:1"), engine("a", 0.2, "n0:1"));
        // Each GPU has to be emptied once, so both models shrink to one replica on the way, and never below.
        TransitionResult result = Transition.find(problem(cluster(MPS, 2), now, target));
        if (result instanceof Path path) {
            Replay.check(problem(cluster(MPS, 2), now, target), path.steps());
        } else {
            assertThat(((NoPath) result).proven()).isTrue();
        }
    }

    @Test
    void aSwapGoesThroughTheFreeGpu() {
        List<Engine> now = List.of(engine("a", 1, "n0:0"), engine("b", 1, "n0:1"));
        List<Engine> target = List.of(engine("a", 1, "n0:1"), engine("b", 1, "n0:0"));
        Path path = path(problem(cluster(MPS, 3), now, target));

        assertThat(path.steps()).filteredOn(Start.class::isInstance).hasSize(3);
        assertThat(path.steps()).anySatisfy(step -> assertThat(step.why()).contains("stands in"));
    }

    @Test
    void aSwapWithoutAFreeGpuIsRefusedAndBothRemediesAreNamed() {
        List<Engine> now = List.of(engine("a", 1, "n0:0"), engine("b", 1, "n0:1"));
        List<Engine> target = List.of(engine("a", 1, "n0:1"), engine("b", 1, "n0:0"));
        NoPath refused = (NoPath) Transition.find(problem(cluster(MPS, 2), now, target));

        assertThat(refused.proven()).isTrue();
        assertThat(refused.reasons()).anyMatch(reason -> reason.contains("below its floor of 1"));
        assertThat(refused.remedies())
                .containsExactly(new Remedy.AllowGap(Set.of("a")), new Remedy.SpareGpus(1, "G", "n0"));
        assertThat(refused.remedies().get(0)).hasToString("--allow-gap a");
    }

    @Test
    void anAllowedGapOpensTheWay() {
        List<Engine> now = List.of(engine("a", 1, "n0:0"), engine("b", 1, "n0:1"));
        List<Engine> target = List.of(engine("a", 1, "n0:1"), engine("b", 1, "n0:0"));
        TransitionProblem allowed = problem(cluster(MPS, 2), now, target).allowingGaps(Set.of("a"));
        assertThat(path(allowed).steps()).hasSize(4);
    }

    @Test
    void minReplicasAreKeptWhereTheyRunAlready() {
        List<Engine> now = List.of(engine("a", 0.5, "n0:0"), engine("a", 0.5, "n0:1"), engine("a", 0.5, "n0:2"));
        List<Engine> target = List.of(engine("a", 0.6, "n0:0"), engine("a", 0.6, "n0:1"), engine("a", 0.6, "n0:2"));
        TransitionProblem two = new TransitionProblem(
                now.stream().map(e -> new RunningEngine(e, true)).toList(),
                target,
                cluster(MPS, 3),
                Map.of("a", 2),
                Set.of());
        assertThat(two.floor("a")).isEqualTo(2);
        assertThat(path(two).steps()).hasSize(6);
    }

    @Test
    void aNewModelHasNoFloorAndALeavingOneMayGo() {
        Path path =
                path(problem(cluster(MPS, 1), List.of(engine("old", 1, "n0:0")), List.of(engine("new", 1, "n0:0"))));
        assertThat(path.steps()).extracting(step -> step.engine().model()).containsExactly("old", "new");
    }

    @Test
    void engineThatIsNotReadyIsAwaitedWhenWantedAndStoppedWhenNot() {
        Engine wanted = engine("a", 0.5, "n0:0");
        Engine leftOver = engine("a", 0.5, "n0:1");
        TransitionProblem resumed = new TransitionProblem(
                List.of(new RunningEngine(wanted, false), new RunningEngine(leftOver, false)),
                List.of(wanted),
                cluster(MPS, 2),
                Map.of(),
                Set.of());
        assertThat(path(resumed).steps())
                .containsExactly(
                        new Stop(leftOver, "it serves no request and is not in the plan"),
                        new Start(wanted, "it exists and is not ready yet"));
    }

    @Test
    void wherePicksAreTheKubeletsGpusOfANodeAreOnePool() {
        Cluster whole = cluster(new Sharing.Exclusive(), 3);
        Path path = path(problem(
                whole,
                List.of(engine("a", 1, "n0"), engine("a", 1, "n0")),
                List.of(engine("a", 1, "n0"), engine("b", 1, "n0"), engine("c", 1, "n0"))));
        assertThat(path.steps()).hasSize(3);
    }

    @Test
    void aPlanThatDoesNotFitIsRefusedAsSuch() {
        List<Engine> target = List.of(engine("a", 0.6, "n0:0"), engine("b", 0.6, "n0:0"));
        NoPath refused = (NoPath) Transition.find(problem(cluster(MPS, 1), List.of(), target));
        assertThat(refused.reasons()).singleElement().asString().contains("does not fit");
        assertThat(refused.remedies()).isEmpty();
    }

    @Test
    void tenTenthsAndThreeThirdsFillAGpu() {
        List<Engine> tenths = java.util.stream.IntStream.range(0, 10)
                .mapToObj(number -> engine("m" + number, 0.1, "n0:0"))
                .toList();
        assertThat(path(problem(cluster(MPS, 1), List.of(), tenths)).steps()).hasSize(10);
    }

    @Test
    void enginesOnNodesThatAreGoneAreStoppedOnceTheirModelServesElsewhere() {
        Path path = path(problem(cluster(MPS, 1), List.of(engine("a", 1, "gone:0")), List.of(engine("a", 1, "n0:0"))));
        assertThat(path.steps()).hasSize(2);
    }

    @Test
    void aLargeClusterIsOrderedWithoutVisitingMuch() {
        List<Engine> now = new java.util.ArrayList<>();
        List<Engine> target = new java.util.ArrayList<>();
        for (int gpu = 0; gpu < 64; gpu++) {
            now.add(engine("m" + gpu % 8, 0.5, "n0:" + gpu));
            now.add(engine("m" + (gpu + 3) % 8, 0.5, "n0:" + gpu));
            target.add(engine("m" + gpu % 8, 0.6, "n0:" + gpu));
            target.add(engine("m" + (gpu + 5) % 8, 0.4, "n0:" + gpu));
        }
        assertThat(path(problem(cluster(MPS, 64), now, target)).steps()).hasSize(256);
    }

    @Test
    void modelsChangeSideBySideAndEachKeepsItsPace() {
        List<Engine> now = List.of(
                engine("a", 0.5, "n0:0"), engine("a", 0.5, "n0:1"), engine("b", 0.5, "n0:2"), engine("b", 0.5, "n0:3"));
        List<Engine> target = List.of(
                engine("a", 0.8, "n0:0"), engine("a", 0.8, "n0:1"), engine("b", 0.8, "n0:2"), engine("b", 0.8, "n0:3"));
        Path path = path(problem(cluster(MPS, 4), now, target));

        assertThat(path.waves()).hasSize(4);
        assertThat(path.waves())
                .allSatisfy(wave -> assertThat(wave)
                        .extracting(step -> step.engine().model())
                        .containsExactlyInAnyOrder("a", "b"));
    }

    @Test
    void thatAnEngineCanNeverStartIsProvenWithoutLookingAtEveryState() {
        // the demo without its caps: six models on eight halves; the plan gives one both GPUs of a node and fills the
        // other node with the rest, so that no state has its old engine beside them all
        Cluster cluster = cluster(MPS, 2, 2);
        List<Engine> running = List.of(
                engine("critic", 0.5, "n0:0"),
                engine("embedder", 0.5, "n0:0"),
                engine("executor", 0.5, "n0:1"),
                engine("planner", 0.5, "n0:1"),
                engine("reranker", 0.5, "n1:0"),
                engine("summariser", 0.5, "n1:0"),
                engine("critic", 0.5, "n1:1"),
                engine("embedder", 0.5, "n1:1"));
        List<Engine> target = List.of(
                engine("executor", 1, "n0:0,1"),
                engine("embedder", 0.1, "n1:0"),
                engine("reranker", 0.1, "n1:0"),
                engine("summariser", 0.8, "n1:0"),
                engine("critic", 0.4, "n1:1"),
                engine("planner", 0.6, "n1:1"));

        TransitionResult result = Transition.find(problem(cluster, running, target));

        assertThat(result).isInstanceOfSatisfying(NoPath.class, none -> {
            assertThat(none.proven()).isTrue();
            assertThat(none.reasons().get(0)).contains("never room to start executor");
            assertThat(none.remedies().toString()).contains("--allow-gap executor", "1 spare GPU");
        });
    }
}
