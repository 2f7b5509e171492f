package dev.scepsy.planner.serve.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.scepsy.planner.allocation.GpuFraction;
import dev.scepsy.planner.allocation.LlmAllocation;
import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.allocation.ReplicaPlacement;
import dev.scepsy.planner.file.ClusterFile;
import dev.scepsy.planner.file.ModelsFile;
import dev.scepsy.planner.file.Reading;
import dev.scepsy.planner.planning.PinnedShape;
import dev.scepsy.planner.profile.Catalogue;
import dev.scepsy.planner.search.choice.SearchLimits;
import dev.scepsy.planner.serve.journal.Suspect;
import dev.scepsy.planner.serve.journal.Trigger;
import dev.scepsy.planner.serve.loop.ClusterPort.Rehearsal;
import dev.scepsy.planner.serve.loop.ClusterPort.RehearsedStep;
import dev.scepsy.planner.serve.settings.ServeSettings;
import dev.scepsy.planner.serve.settings.ServeSettings.Mode;
import dev.scepsy.planner.share.WorkflowShares;
import dev.scepsy.planner.share.WorkflowStatistics;
import dev.scepsy.planner.topology.Cluster;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three models on six whole cards, each engine taking 2/s: 1 s empty, 3 s full. Rehearsals count starts and stops, 60 s each.
 */
class ProposingTest {

    @TempDir
    private Path folder;

    private Path models;
    private Path profiles;
    private double stepSeconds = 60;
    private List<Suspect> suspects = List.of();

    @BeforeEach
    void write() throws Exception {
        models = Files.writeString(folder.resolve("models.yaml"), "models: [{name: a}, {name: b}, {name: c}]");
        StringBuilder text = new StringBuilder("profiles:\n");
        for (String model : List.of("a", "b", "c")) {
            text.append("  - {model: ")
                    .append(model)
                    .append(", gpu: X, saturationRequestsPerSecond: 2, curve: ")
                    .append(
                            "[{requestsPerSecond: 0, meanLatencySeconds: 1}, {requestsPerSecond: 2, meanLatencySeconds: 3}]}\n");
        }
        profiles = Files.writeString(folder.resolve("profiles.yaml"), text);
    }

    private ServeSettings settings(int maximumMoves) {
        return Examples.settings(models, Optional.of(profiles), Mode.PROPOSE, maximumMoves, List.of());
    }

    private static Reading<ClusterFile.Described> hardware() {
        return ClusterFile.parse(
                "cluster.yaml",
                "racks: [{name: r, nodes: [{name: n1, gpu: X, gpus: 6, memoryGiB: 80}]}]",
                Catalogue.builtIn());
    }

    /** So many engines of a, b, c, one card each. */
    private static ClusterPort.Served served(int... counts) {
        List<LlmAllocation> allocations = new ArrayList<>();
        List<ReplicaPlacement> placements = new ArrayList<>();
        int gpu = 0;
        for (int m = 0; m < counts.length; m++) {
            String model = "abc".substring(m, m + 1);
            allocations.add(new LlmAllocation(model, "X", GpuFraction.whole(), 1, counts[m], 80));
            for (int replica = 0; replica < counts[m]; replica++) {
                placements.add(new ReplicaPlacement(model, replica, "n1", List.of(gpu++)));
            }
        }
        return new ClusterPort.Served(allocations, placements);
    }

    private Proposing.Outcome propose(
            int maximumMoves,
            ClusterPort.Served served,
            boolean asked,
            List<PinnedShape> pins,
            Optional<String> previous,
            double a,
            double b,
            double c)
            throws Exception {
        WorkflowStatistics workflow =
                Examples.workflow("w", OptionalDouble.of(1), 5, 100, Map.of("a", a, "b", b, "c", c));
        Problems problems = new Problems(settings(maximumMoves), Map::of);
        Situation situation = new Situation(
                List.of(new Trigger("drift", "w", "a", Examples.BEGIN, "More calls.", Map.of())),
                problems.assembly(SuspectGpus.without(hardware(), suspects), List.of(workflow), Map.of("w", 1.0)),
                problems.assembly(
                        hardware(),
                        SuspectGpus.slowed(
                                List.of(workflow),
                                SuspectGpus.paces(Optional.of(served), suspects),
                                problems::described),
                        Map.of("w", 1.0)),
                suspects,
                (Reading.Legal<ModelsFile.Described>) problems.models(),
                hardware().legalValue().orElseThrow().cluster(),
                new WorkflowShares(List.of(workflow), Map.of()),
                new Targets(Map.of("w", 1.0), Map.of(), Map.of("w", "configured"), List.of()),
                Optional.of(served),
                Optional.of("base"),
                previous,
                pins,
                Duration.ofHours(24),
                List.of());
        return new Proposing(new Counting(served), settings(maximumMoves).replan(), SearchLimits.Stop.NEVER)
                .of(situation, asked, List.of());
    }

    /** Rehearses by comparing places. */
    private final class Counting implements ClusterPort {
        private final Served served;

        Counting(Served served) {
            this.served = served;
        }

        @Override
        public boolean applies() {
            return true;
        }

        @Override
        public Look look() {
            throw new UnsupportedOperationException();
        }

        @Override
        public Pushed pushed() {
            return Pushed.NOTHING;
        }

        @Override
        public String planId(Plan plan, Reading.Legal<ModelsFile.Described> models, Cluster cluster) {
            return plan.allocations().stream()
                    .map(each -> each.model() + each.replicas())
                    .toList()
                    .toString();
        }

        @Override
        public Rehearsal rehearse(Plan plan, Reading.Legal<ModelsFile.Described> models, Cluster cluster) {
            Set<String> before = places(served.placements());
            Set<String> after = places(plan.placements());
            List<List<RehearsedStep>> waves = new ArrayList<>();
            before.stream()
                    .filter(place -> !after.contains(place))
                    .forEach(place -> waves.add(
                            List.of(new RehearsedStep(place.substring(0, 1), false, stepSeconds, 1, "stop " + place))));
            after.stream()
                    .filter(place -> !before.contains(place))
                    .forEach(place -> waves.add(
                            List.of(new RehearsedStep(place.substring(0, 1), true, stepSeconds, 1, "start " + place))));
            return new Rehearsal(List.of(), waves);
        }

        private Set<String> places(List<ReplicaPlacement> placements) {
            Set<String> places = new HashSet<>();
            placements.forEach(placement -> places.add(placement.model() + placement.node() + placement.gpus()));
            return places;
        }

        @Override
        public PushEnd push(
                Plan plan, Reading.Legal<ModelsFile.Described> models, Cluster cluster, Consumer<String> steps) {
            throw new UnsupportedOperationException();
        }

        @Override
        public PushEnd resume(Consumer<String> steps) {
            throw new UnsupportedOperationException();
        }

        @Override
        public PushEnd goBack(Consumer<String> steps) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void stop(String reason) {}

        @Override
        public void close() {}
    }

    private static Draft draft(Proposing.Outcome outcome) {
        assertThat(outcome).isInstanceOf(Proposing.Outcome.Better.class);
        return ((Proposing.Outcome.Better) outcome).draft();
    }

    @Test
    void whatCannotHoldTheTargetsIsAGainOfOneAndCostsWhatItsStepsTake() throws Exception {
        // a: 3 calls/s on one engine that takes 2
        Draft draft = draft(propose(8, served(1, 1, 1), false, List.of(), Optional.empty(), 3, 1, 1));
        assertThat(draft.gain().relative()).isEqualTo(1);
        assertThat(draft.gain().latencySecondsBefore()).isNull();
        assertThat(draft.cost().gpuSeconds()).isEqualTo(60.0 * draft.cost().moves());
        assertThat(draft.cost().worthSeconds()).isPositive();
        assertThat(draft.explanation()).anyMatch(line -> line.contains("a is at its limit"));
        assertThat(draft.basePlanId()).isEqualTo("base");
    }

    @Test
    void aPlanWithTooManyMovesIsCutDownToTheModelsThatGainMostAndTheRestIsSaid() throws Exception {
        // all six cards: best is 4 + 1 + 1 for a 5 / 0.4 / 0.3 load; from 1 + 2 + 3 that is 3 stops and 3 starts
        Draft all = draft(propose(8, served(1, 2, 3), false, List.of(), Optional.empty(), 5, 0.4, 0.3));
        assertThat(all.cost().moves()).isEqualTo(6);
        Draft few = draft(propose(4, served(1, 2, 3), false, List.of(), Optional.empty(), 3, 0.4, 0.3));
        assertThat(few.cost().moves()).isLessThanOrEqualTo(4);
        assertThat(few.explanation()).anyMatch(line -> line.startsWith("Left as now, for later: "));
        assertThat(few.explanation()).anyMatch(line -> line.contains("more than 4 at a time"));
    }

    @Test
    void belowTheLeastGainNothingIsProposedUnlessAPersonAsks() throws Exception {
        // 1/s each: 2 + 2 + 2 is the best; 3 + 2 + 1 is some 6 % slower
        assertThat(propose(8, served(3, 2, 1), false, List.of(), Optional.empty(), 1.0, 1, 0.7))
                .isInstanceOf(Proposing.Outcome.Stay.class);
        assertThat(propose(8, served(3, 2, 1), true, List.of(), Optional.empty(), 1.0, 1, 0.7))
                .isInstanceOf(Proposing.Outcome.Better.class);
        assertThat(propose(8, served(2, 2, 2), true, List.of(), Optional.empty(), 1, 1, 1))
                .isInstanceOf(Proposing.Outcome.Stay.class);
    }

    @Test
    void aMoveThatLastsLongerThanItsGainIsNotMade() throws Exception {
        Proposing.Outcome quick = propose(8, served(1, 4, 1), false, List.of(), Optional.empty(), 1.6, 0.5, 0.2);
        assertThat(quick).isInstanceOf(Proposing.Outcome.Better.class);
        stepSeconds = 1e6;
        assertThat(propose(8, served(1, 4, 1), false, List.of(), Optional.empty(), 1.6, 0.5, 0.2))
                .isInstanceOf(Proposing.Outcome.Stay.class);
    }

    @Test
    void aPinIsKeptAndOneThatLeavesNoPlanIsNamed() throws Exception {
        PinnedShape one = new PinnedShape(
                "a", Optional.empty(), Optional.empty(), OptionalInt.empty(), OptionalInt.of(2), "pinned by ann");
        Draft draft = draft(propose(8, served(1, 4, 1), false, List.of(one), Optional.empty(), 1.6, 0.5, 0.2));
        assertThat(draft.plan().toString()).contains("\"replicas\":2");
        assertThat(draft.explanation()).anyMatch(line -> line.contains("Pinned: a to 2 replicas"));
        PinnedShape many = new PinnedShape(
                "a", Optional.empty(), Optional.empty(), OptionalInt.empty(), OptionalInt.of(6), "pinned by ann");
        Proposing.Outcome none = propose(8, served(1, 4, 1), true, List.of(many), Optional.empty(), 1, 1, 1);
        assertThat(((Proposing.Outcome.NoPlan) none).why())
                .anyMatch(
                        line -> line.contains("Without the pins there is a plan") && line.contains("a to 6 replicas"));
    }

    @Test
    void goingBackToThePlanBeforeHasToBringTwiceAsMuch() throws Exception {
        Draft draft = draft(propose(8, served(1, 4, 1), false, List.of(), Optional.empty(), 1.6, 0.5, 0.2));
        assertThat(draft.gain().relative()).isGreaterThan(0.2);
        Proposing.Outcome forth = propose(8, served(2, 3, 1), false, List.of(), Optional.empty(), 1.6, 0.5, 0.2);
        assertThat(forth).isInstanceOf(Proposing.Outcome.Better.class);
        double gain = draft(forth).gain().relative();
        assertThat(gain).isBetween(0.1, 0.2);
        String id = draft(forth).evidenceKey().replaceAll("-[0-9a-f]*$", "");
        assertThat(propose(8, served(2, 3, 1), false, List.of(), Optional.of(id), 1.6, 0.5, 0.2))
                .isInstanceOf(Proposing.Outcome.Stay.class);
    }

    /** An engine of {@code a} on GPU 0 that takes {@code times} as long as it should. */
    private static Suspect slow(double times) {
        return new Suspect("n1", List.of(0), "a", "Pod a-1", 0.02 * times, 0.02, 240, Examples.BEGIN, null, null);
    }

    @Test
    void anEngineThatIsSlowMovesToASpareGpuAndTheOthersStay() throws Exception {
        // a: 1/s on 2 engines, of which one takes 4 times as long: e = 1.25, L = 2 / 1.25 * (1 + 1 / 1.25) = 2.88 s,
        // instead of 1.5 s
        suspects = List.of(slow(4));
        Draft draft = draft(propose(8, served(2, 1, 1), false, List.of(), Optional.empty(), 1, 0.2, 0.2));
        assertThat(draft.explanation())
                .anyMatch(line -> line.contains("Pod a-1")
                        && line.contains("4 times as long")
                        && line.contains("0.08 s, expected 0.02 s; 240 requests")
                        && line.contains("GPU 0 of n1 is left out"));
        assertThat(draft.gain().latencySecondsBefore()).isCloseTo(2.88 + 2 * 0.2 * 1.2, within(1e-9));
        // everybody on what is left of the six: GPU 0 alone is empty
        assertThat(draft.plan().get("placements"))
                .noneMatch(place -> place.get("gpus").get(0).intValue() == 0);
        assertThat(draft.steps()).contains("stop an1[0]").noneMatch(step -> step.startsWith("stop b"));
    }

    @Test
    void whereNoPlanFitsWithoutTheSlowGpuItIsPlannedWithAtItsMeasuredSpeed() throws Exception {
        // six cards at 1.6 of 2/s each (0.85 is the most): five cards cannot hold 9.6/s
        suspects = List.of(slow(1.05));
        Proposing.Outcome outcome = propose(8, served(2, 2, 2), true, List.of(), Optional.empty(), 3.2, 3.2, 3.2);
        assertThat(outcome).isInstanceOf(Proposing.Outcome.Stay.class);
        // c has too few: a can give one away, though one of what is left takes 1.3 times as long
        suspects = List.of(slow(1.3));
        Draft draft = draft(propose(8, served(3, 2, 1), false, List.of(), Optional.empty(), 3.0, 3.2, 3.2));
        assertThat(draft.explanation())
                .anyMatch(line -> line.contains("is planned with all the same") && line.contains("there is no plan"));
        assertThat(draft.gain().latencySecondsBefore()).isNull();
        assertThat(PlanText.plan(draft.plan()).orElseThrow().allocations())
                .extracting(LlmAllocation::replicas)
                .containsExactly(2, 2, 2);
    }

    @Test
    void aSlowEngineThatNothingIsBetterThanIsSaidInASentence() throws Exception {
        suspects = List.of(slow(1.3));
        // 0.05/s: leaving the card empty costs more than it brings
        stepSeconds = 1e6;
        Proposing.Outcome outcome = propose(8, served(2, 2, 1), false, List.of(), Optional.empty(), 0.5, 0.5, 0.1);
        assertThat(outcome)
                .isInstanceOfSatisfying(
                        Proposing.Outcome.Stay.class,
                        stay -> assertThat(stay.why())
                                .singleElement()
                                .asString()
                                .isNotBlank());
    }

    @Test
    void wherePlansMoveTooMuchWhateverTheyKeepTheLeastIsForAPersonToApprove() throws Exception {
        // nothing serves: six engines to start, at most four by itself
        Draft first = draft(propose(4, served(), false, List.of(), Optional.empty(), 2, 2, 2));
        assertThat(first.cost().moves()).isGreaterThan(4);
        assertThat(first.explanation())
                .anyMatch(
                        line -> line.contains("starts or stops " + first.cost().moves() + " engines, more than 4"))
                .anyMatch(line -> line.contains("applied when a person approves it, and not otherwise"));
    }
}
