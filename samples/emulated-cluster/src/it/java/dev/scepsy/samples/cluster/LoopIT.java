package dev.scepsy.samples.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.scepsy.planner.cluster.ApplyOptions;
import dev.scepsy.planner.cluster.ClusterClient;
import dev.scepsy.planner.cluster.ServingState;
import dev.scepsy.planner.router.RouterKind;
import dev.scepsy.planner.router.RouterSettings;
import dev.scepsy.planner.serve.journal.PlanEntry;
import dev.scepsy.planner.serve.journal.Proposal;
import dev.scepsy.planner.serve.journal.ProposalState;
import dev.scepsy.planner.serve.log.ServiceLog;
import dev.scepsy.planner.serve.loop.ChangeSource;
import dev.scepsy.planner.serve.loop.KubernetesPort;
import dev.scepsy.planner.serve.loop.Loop;
import dev.scepsy.planner.serve.loop.Operations.ConflictException;
import dev.scepsy.planner.serve.loop.Operations.WhatIfQuestion;
import dev.scepsy.planner.serve.loop.StageListener;
import dev.scepsy.planner.serve.settings.Actor;
import dev.scepsy.planner.serve.settings.ServeSettings;
import dev.scepsy.planner.serve.settings.ServiceTime;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The service's loop on a whole emulated cluster, through the client that {@code scepsy apply} uses. */
class LoopIT {

    private static final int LOAD_SECONDS = 15;

    @TempDir
    private Path folder;

    private final MemoryStore store = new MemoryStore();
    private final StatedObservations observations = new StatedObservations();
    private final Clock clock = new Clock();
    private final AtomicBoolean down = new AtomicBoolean();
    private EmulatedCluster cluster;
    private ClusterClient client;
    private Loop loop;

    /** Stands still until it is moved; the loop's rounds follow each other quickly. */
    private static final class Clock implements ServiceTime {
        private volatile Instant now = Instant.parse("2026-11-02T09:00:00Z");

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public Duration real(Duration serviceTime) {
            return Duration.ofMillis(50);
        }

        void forward(Duration time) {
            now = now.plus(time);
        }
    }

    @BeforeEach
    void start() throws Exception {
        LoopFolder.write(folder, "");
        cluster = TestClusters.start();
        client = ClusterClient.of(
                dev.scepsy.planner.cluster.ClusterAccess.server(java.net.URI.create(cluster.apiServerUrl())),
                "default");
        observations.window = List.of(LoopFolder.workflow(1, 1.0, 100));
        observations.between = List.of(LoopFolder.workflow(1, 1.0, 100));
        loop = startLoop();
    }

    @AfterEach
    void stop() {
        loop.close();
        client.close();
        cluster.close();
    }

    private Loop startLoop() {
        return Loop.start(
                LoopFolder.settings(
                        folder, Duration.ofMinutes(30), new ServeSettings.Verify(Duration.ofMinutes(10), 0.25, true)),
                observations,
                new LoopFolder.NoLoads(),
                store,
                clock,
                new ServiceLog(
                        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8), true, clock),
                Optional.of(KubernetesPort.of(
                        client,
                        Optional.of(folder.resolve("cluster.yaml")),
                        new ApplyOptions(Set.of(), false, false, "service", SmallPlans.QUICK),
                        plain -> plain.withDeadlines(LOAD_SECONDS, 30)
                                .withRouter(RouterSettings.DEFAULT.withKind(RouterKind.NONE)))),
                ChangeSource.NONE,
                StageListener.NONE);
    }

    private void await(String what, BooleanSupplier holds) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(90);
        while (!holds.getAsBoolean()) {
            assertThat(System.nanoTime())
                    .as("%s; proposals %s; plans %s; %s", what, store.proposals(3), store.plans(3), loop.loop())
                    .isLessThan(deadline);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }

    private ProposalState state(Proposal proposal) {
        return store.proposal(proposal.id()).orElseThrow().state();
    }

    private Proposal serve(double target) throws Exception {
        observations.window = List.of(LoopFolder.workflow(target, 1.0, 100));
        Proposal proposal = loop.plan(Actor.LOCAL, Map.of(), "for the test");
        assertThat(loop.approve(Actor.LOCAL, proposal.id(), "yes").state()).isEqualTo(ProposalState.APPROVED);
        await("applied", () -> state(proposal) == ProposalState.VERIFYING);
        return proposal;
    }

    private void keep(Proposal proposal) throws Exception {
        observations.between = List.of(LoopFolder.workflow(1, 0.5, 100));
        clock.forward(Duration.ofMinutes(11));
        await("kept", () -> state(proposal) == ProposalState.KEPT);
    }

    @Test
    void aPlanIsProposedApprovedAppliedVerifiedAndTheNextOneThatDisappointsIsTakenBack() throws Exception {
        Proposal first = serve(0.4);
        ServingState served = client.read();
        assertThat(served.asPlanned()).isTrue();
        assertThat(first.steps()).isNotEmpty();
        assertThat(first.cost().moves())
                .isEqualTo(served.engines().stream()
                        .mapToInt(ServingState.EngineState::planned)
                        .sum());
        keep(first);
        String firstPlan = client.read().planId().orElseThrow();
        assertThat(loop.cluster().differences()).isEmpty();
        assertThat(loop.models()).hasSize(2).allMatch(model -> model.predictedLatencySeconds() != null);

        // what serves is the best there is for these targets
        assertThatThrownBy(() -> loop.plan(Actor.LOCAL, Map.of(), null))
                .isInstanceOf(ConflictException.class)
                .hasMessageContaining("best plan");
        // a question changes nothing
        assertThat(loop.whatIf(
                                "s",
                                new WhatIfQuestion(
                                        Map.of("rag", 0.1), Map.of(), Map.of("node-2", 0), List.of(), Map.of()))
                        .feasible())
                .isTrue();
        assertThat(loop.whatIf("s", new WhatIfQuestion(Map.of("rag", 50.0), Map.of(), Map.of(), List.of(), Map.of()))
                        .feasible())
                .isFalse();

        loop.pin(
                Actor.LOCAL,
                new dev.scepsy.planner.serve.journal.Pin(
                        "critic", null, null, null, 1, "", "less of it", clock.instant(), null));
        Proposal second = serve(0.5);
        assertThat(second.plan().toString()).contains("\"model\":\"critic\"");
        assertThat(client.read().planId().orElseThrow()).isNotEqualTo(firstPlan);
        observations.between = List.of(LoopFolder.workflow(1, 60, 400));
        clock.forward(Duration.ofMinutes(11));
        await("taken back", () -> state(second) == ProposalState.ROLLED_BACK);
        assertThat(client.read().planId()).contains(firstPlan);
        PlanEntry entry = store.plan(
                        String.valueOf(store.proposal(second.id()).orElseThrow().planEntry()))
                .orElseThrow();
        assertThat(entry.scorecard()).isNotNull();
        assertThat(entry.scorecard().verdict()).isEqualTo("worse");

        // and a person goes to the other one again
        PlanEntry back = loop.rollBack(Actor.LOCAL, "once more");
        await("gone back", () -> store.plan(back.id()).orElseThrow().state() == ProposalState.KEPT);
        assertThat(client.read().planId()).isNotEqualTo(Optional.of(firstPlan));
    }

    @Test
    void aPushThatIsKilledInItsMiddleIsGoneOnWithByTheNextStart() throws Exception {
        Proposal first = loop.plan(Actor.LOCAL, Map.of(), null);
        store.breaks(
                () -> {
                    boolean begun = store.plans(1).stream()
                            .anyMatch(entry -> entry.steps().stream()
                                    .anyMatch(step -> step.text().startsWith("[2/")));
                    if (begun) {
                        throw new Killed();
                    }
                },
                () -> {});
        loop.approve(Actor.LOCAL, first.id(), null);
        await(
                "killed",
                () -> store.plans(1).stream()
                        .anyMatch(entry -> entry.steps().stream()
                                .anyMatch(step -> step.text().startsWith("[2/"))));
        loop.close();
        assertThat(state(first)).isEqualTo(ProposalState.APPLYING);

        store.breaks(() -> {}, () -> {});
        loop = startLoop();
        await("gone on with", () -> state(first) == ProposalState.VERIFYING);
        assertThat(client.read().asPlanned()).isTrue();
        keep(first);
    }

    @Test
    void aNodeThatDiesInTheMiddleOfAPushEndsItAtOnceAndTheNextPlanIsMadeOfWhatIsThere() throws Exception {
        Proposal first = loop.plan(Actor.LOCAL, Map.of(), null);
        String dies = first.plan().get("placements").get(0).get("node").textValue();
        store.breaks(() -> {}, () -> {
            if (begun() && !down.getAndSet(true)) {
                cluster.faults().nodeDown(dies);
            }
        });
        loop.approve(Actor.LOCAL, first.id(), null);
        await("given up", () -> state(first) == ProposalState.FAILED);
        PlanEntry entry = store.plans(1).get(0);
        assertThat(store.proposal(first.id()).orElseThrow().decisions())
                .last()
                .asString()
                .contains("The plan needs node " + dies + ", which is gone");
        assertThat(entry.steps())
                .as("nobody waited until the engine's time was up")
                .noneMatch(step -> step.text().contains("What ran before is restored"));
        assertThat(loop.loop().cooldownUntil()).isNull();
        assertThat(client.onRecord().target()).as("unfinished").contains(entry.clusterPlanId());

        Proposal second = loop.plan(Actor.LOCAL, Map.of(), "what is there");
        assertThat(second.plan().get("placements"))
                .noneMatch(place -> place.get("node").textValue().equals(dies));
        loop.approve(Actor.LOCAL, second.id(), null);
        await("applied", () -> state(second) == ProposalState.VERIFYING);
        assertThat(client.onRecord().target()).isEmpty();
        assertThat(client.servingEngines())
                .isNotEmpty()
                .noneMatch(engine -> engine.node().equals(dies));
    }

    private boolean begun() {
        return store.plans(1).stream()
                .anyMatch(entry ->
                        entry.steps().stream().anyMatch(step -> step.text().startsWith("[1/")));
    }

    /** The process is gone. */
    private static final class Killed extends Error {
        private static final long serialVersionUID = 1;
    }
}
