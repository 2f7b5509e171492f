package dev.scepsy.samples.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.cluster.ApplyOptions;
import dev.scepsy.planner.cluster.ClusterAccess;
import dev.scepsy.planner.cluster.ClusterClient;
import dev.scepsy.planner.cluster.ServingEngine;
import dev.scepsy.planner.router.RouterKind;
import dev.scepsy.planner.router.RouterSettings;
import dev.scepsy.planner.serve.engines.EngineScraper;
import dev.scepsy.planner.serve.journal.Proposal;
import dev.scepsy.planner.serve.journal.ProposalState;
import dev.scepsy.planner.serve.journal.Suspect;
import dev.scepsy.planner.serve.log.ServiceLog;
import dev.scepsy.planner.serve.loop.ChangeSource;
import dev.scepsy.planner.serve.loop.KubernetesPort;
import dev.scepsy.planner.serve.loop.Loop;
import dev.scepsy.planner.serve.loop.StageListener;
import dev.scepsy.planner.serve.settings.Actor;
import dev.scepsy.planner.serve.settings.ServeSettings;
import dev.scepsy.planner.serve.settings.ServeSettings.EngineSettings;
import dev.scepsy.planner.serve.settings.ServiceTime;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An engine of an emulated cluster becomes slow under load: it is noticed, planned around and moved, and no request fails. */
class SlowEngineIT {

    private static final double TIME_SCALE = 10;

    @TempDir
    private Path folder;

    private final MemoryStore store = new MemoryStore();
    private final StatedObservations observations = new StatedObservations();

    private void await(String what, Loop loop, BooleanSupplier holds) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(240);
        while (!holds.getAsBoolean()) {
            assertThat(System.nanoTime())
                    .as("%s; proposals %s; events %s; %s", what, store.proposals(3), store.eventsAfter(0), loop.loop())
                    .isLessThan(deadline);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }

    private ProposalState state(String proposal) {
        return store.proposal(proposal).orElseThrow().state();
    }

    @Test
    void itsModelMovesToSpareGpusAndThoseStaySuspectUntilAPersonSaysOtherwise() throws Exception {
        LoopFolder.write(folder, ", maxReplicas: 2");
        observations.window = List.of(LoopFolder.workflow(0.4, 1.0, 100));
        observations.between = List.of(LoopFolder.workflow(0.4, 0.5, 100));
        ServiceTime time = ServiceTime.scaled(TIME_SCALE);
        ServiceLog silent = new ServiceLog(
                new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8), true, time);
        try (EmulatedCluster cluster = TestClusters.start();
                ClusterClient client =
                        ClusterClient.of(ClusterAccess.server(URI.create(cluster.apiServerUrl())), "default");
                EngineScraper scraper = EngineScraper.start(
                        new EngineSettings(Duration.ofSeconds(2), List.of()),
                        Map.of("generator", Set.of(), "critic", Set.of()),
                        Optional.of(client),
                        time,
                        silent);
                Loop loop = Loop.start(
                        LoopFolder.settings(
                                folder,
                                Duration.ofSeconds(1),
                                new ServeSettings.Verify(Duration.ofSeconds(20), 0.25, true)),
                        observations,
                        scraper,
                        store,
                        time,
                        silent,
                        Optional.of(KubernetesPort.of(
                                client,
                                Optional.of(folder.resolve("cluster.yaml")),
                                new ApplyOptions(Set.of(), false, false, "service", SmallPlans.QUICK),
                                plain -> plain.withDeadlines(15, 30)
                                        .withRouter(RouterSettings.DEFAULT.withKind(RouterKind.NONE)))),
                        ChangeSource.NONE,
                        StageListener.NONE)) {
            String first = loop.plan(Actor.LOCAL, Map.of(), "for the test").id();
            loop.approve(Actor.LOCAL, first, null);
            await("the first plan is kept", loop, () -> state(first) == ProposalState.KEPT);

            try (RequestLoad load = RequestLoad.start(cluster.openAiBaseUrl(), Collections.nCopies(6, "generator"))) {
                Set<Map<String, Double>> samples = new HashSet<>();
                await("engines are known", loop, () -> {
                    samples.add(Map.copyOf(scraper.secondsPerToken().getOrDefault("generator", Map.of())));
                    return samples.size() > 50;
                });
                ServingEngine victim = client.servingEngines().stream()
                        .filter(engine -> engine.model().equals("generator"))
                        .findFirst()
                        .orElseThrow();
                cluster.faults().slow("default", victim.pod(), 5);
                await("suspected", loop, () -> !loop.cluster().suspects().isEmpty());
                Suspect suspect = loop.cluster().suspects().get(0);
                assertThat(suspect.engine()).contains(victim.pod());
                assertThat(suspect.node()).isEqualTo(victim.node());
                assertThat(suspect.factor()).as("the time before counts too").isGreaterThan(1.3);

                await(
                        "proposed",
                        loop,
                        () -> store.liveProposals().stream()
                                .anyMatch(proposal -> proposal.state() == ProposalState.OPEN));
                Proposal around = store.liveProposals().get(0);
                assertThat(around.triggers()).singleElement().satisfies(trigger -> {
                    assertThat(trigger.sentence()).contains(victim.pod(), victim.node(), "times as long for a token");
                    assertThat(trigger.evidence())
                            .containsKeys("measuredSecondsPerToken", "expectedSecondsPerToken", "requests");
                });
                assertThat(around.explanation()).anyMatch(line -> line.contains("is left out"));
                loop.approve(Actor.LOCAL, around.id(), "move it");
                await("moved", loop, () -> state(around.id()) == ProposalState.KEPT);
                assertThat(loop.cluster().engines())
                        .as("nothing stands on what is suspect")
                        .noneMatch(engine -> engine.node().equals(suspect.node())
                                && engine.gpus().stream().anyMatch(suspect.gpus()::contains));
                assertThat(load.failures()).isEmpty();
            }
            await("rests", loop, () -> loop.cluster().suspects().get(0).leftAt() != null);
            assertThat(loop.loop().notes())
                    .anyMatch(note -> note.contains("DELETE /api/v1/suspects/" + suspectNode(loop)));
            loop.trust(Actor.LOCAL, suspectNode(loop), "the card was replaced");
            assertThat(loop.cluster().suspects()).isEmpty();
        }
    }

    private static String suspectNode(Loop loop) {
        return loop.cluster().suspects().get(0).node();
    }
}
