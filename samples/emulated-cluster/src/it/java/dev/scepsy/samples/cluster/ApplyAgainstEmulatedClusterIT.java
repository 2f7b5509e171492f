package dev.scepsy.samples.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.allocation.GpuFraction;
import dev.scepsy.planner.allocation.LlmAllocation;
import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.allocation.ReplicaPlacement;
import dev.scepsy.planner.cluster.ApplyOptions;
import dev.scepsy.planner.cluster.ClusterAccess;
import dev.scepsy.planner.cluster.ClusterClient;
import dev.scepsy.planner.cluster.Intent;
import dev.scepsy.planner.cluster.PushEvent;
import dev.scepsy.planner.cluster.PushOutcome;
import dev.scepsy.planner.cluster.ServingState;
import dev.scepsy.planner.transition.TransitionResult;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The cluster client against a whole emulated cluster: API server, controllers, engines, requests. */
class ApplyAgainstEmulatedClusterIT {

    /** Plenty for an engine that loads in a fifth of a second, also on a busy machine. */
    private static final int LOAD_SECONDS = 15;

    private static final ApplyOptions OPTIONS = new ApplyOptions(Set.of(), false, false, "test", SmallPlans.QUICK);

    private ClusterUnderTest cluster;
    private KubernetesClient kubernetes;
    private ClusterClient client;

    @BeforeEach
    void start() {
        cluster = startCluster();
        kubernetes = cluster.kubernetes();
        client = ClusterClient.of(cluster.access("default"), "default");
    }

    /** The same tests run against others. */
    ClusterUnderTest startCluster() {
        return new EmulatedUnderTest();
    }

    @AfterEach
    void stop() {
        if (client != null) {
            client.close();
            cluster.close();
        }
    }

    /** {@code model fraction place place ...}, a place being {@code node:gpu}. */
    private static Intent intent(String... lines) {
        return intent(1, lines);
    }

    private static Intent intent(int minGenerators, String... lines) {
        return SmallPlans.intent(
                minGenerators, TestClusters.cluster(), SmallPlans.UNROUTED.withDeadlines(LOAD_SECONDS, 30), lines);
    }

    private static final Intent GUESS = intent("generator 0.5 1:0 1:1", "critic 0.5 1:0 2:0", "embedder 0.5 1:1 2:1");

    private static final Intent BETTER = intent("generator 0.7 1:0 1:1 2:0", "critic 0.3 1:0 1:1", "embedder 0.5 2:1");

    private PushOutcome apply(Intent intent) {
        return client.apply(intent, OPTIONS, event -> {});
    }

    private void serve(Intent intent) {
        assertThat(apply(intent)).isInstanceOf(PushOutcome.Applied.class);
    }

    private List<String> podNames() {
        return kubernetes.pods().inNamespace("default").list().getItems().stream()
                .map(pod -> pod.getMetadata().getName())
                .sorted()
                .toList();
    }

    @Test
    void anEmptyClusterIsDeployedAndPlacesAreVerified() throws Exception {
        PushOutcome.Applied applied = (PushOutcome.Applied) apply(GUESS);

        assertThat(applied.done()).hasSize(6);
        assertThat(applied.placements()).hasSize(6).allSatisfy(placement -> {
            assertThat(placement.asPlanned()).isTrue();
            assertThat(placement.gpus())
                    .isEqualTo(cluster.tellsGpus() ? placement.engine().gpus() : List.of());
            assertThat(placement.enforced()).contains("placement=gpu");
        });
        ServingState state = client.read();
        assertThat(state.asPlanned()).isTrue();
        assertThat(state.record()).isEqualTo("applied");
        assertThat(state.planId()).contains(GUESS.planId());
    }

    @Test
    void aPlanIsAppliedUnderLoadWithoutAFailedRequestAndWithoutTouchingWhatStays() throws Exception {
        serve(GUESS);
        Set<String> before = Set.copyOf(podNames());
        try (RequestLoad load = RequestLoad.start(cluster.openAiBaseUrl(), List.of("generator", "critic"))) {
            load.awaitAnswers(20);
            assertThat(apply(BETTER)).isInstanceOf(PushOutcome.Applied.class);
            load.awaitAnswers(20);
            assertThat(load.failures()).isEmpty();
        }
        assertThat(client.read().asPlanned()).isTrue();
        assertThat(podNames().stream().filter(before::contains).toList())
                .as("the embedder on node-2 GPU 1 stays")
                .hasSize(1);
    }

    @Test
    void applyingAgainChangesNothing() {
        serve(GUESS);
        List<String> before = podNames();
        assertThat(((PushOutcome.Applied) apply(GUESS)).done()).isEmpty();
        assertThat(podNames()).isEqualTo(before);
    }

    @Test
    void equivalentPlacesAreExchangedSoThatEnginesStay() throws Exception {
        serve(GUESS);
        List<String> before = podNames();
        Intent mirrored = intent("generator 0.5 1:1 1:0", "critic 0.5 1:1 2:1", "embedder 0.5 1:0 2:0");
        ApplyOptions equivalent = new ApplyOptions(Set.of(), false, true, "test", SmallPlans.QUICK);

        assertThat(((PushOutcome.Applied) client.apply(mirrored, equivalent, event -> {})).done())
                .isEmpty();
        assertThat(podNames()).isEqualTo(before);
        assertThat(client.read().planId()).contains(mirrored.planId());
        assertThat(client.read().asPlanned()).isTrue();
    }

    @Test
    void aPreviewNamesTheStepsAndChangesNothing() throws Exception {
        serve(GUESS);
        List<String> before = podNames();
        TransitionResult way = client.preview(BETTER, OPTIONS);
        assertThat(((TransitionResult.Path) way).steps()).isNotEmpty();
        assertThat(podNames()).isEqualTo(before);
        assertThat(client.read().planId()).contains(GUESS.planId());
    }

    @Test
    void aRollbackServesThePreviousPlanAgain() throws Exception {
        serve(GUESS);
        serve(BETTER);
        assertThat(client.rollback(OPTIONS, event -> {})).isInstanceOf(PushOutcome.Applied.class);
        assertThat(client.read().planId()).contains(GUESS.planId());
        assertThat(client.read().asPlanned()).isTrue();
    }

    @Test
    void withoutAnEarlierPlanThereIsNothingToRollBackTo() {
        PushOutcome.Refused refused = (PushOutcome.Refused) client.rollback(OPTIONS, event -> {});
        assertThat(refused.reasons()).singleElement().asString().contains("no earlier plan");
    }

    @Test
    void anEngineThatNeverBecomesReadyIsRolledBack() throws Exception {
        Intent before = intent("generator 0.5 1:0 1:1", "critic 0.5 1:0 2:0");
        serve(before);
        cluster.faults().neverReady("embedder");
        Intent withEmbedder = intent("generator 0.5 1:0 1:1", "critic 0.4 1:0 2:0", "embedder 0.3 2:1");
        PushOutcome outcome = apply(withEmbedder);

        assertThat(outcome).isInstanceOf(PushOutcome.RolledBack.class);
        assertThat(((PushOutcome.RolledBack) outcome).reason())
                .contains("embedder")
                .contains("did not become ready");
        ServingState state = client.read();
        assertThat(state.record()).isEqualTo("rolled-back");
        assertThat(state.planId()).contains(before.planId());
        assertThat(state.asPlanned()).isTrue();
    }

    @Test
    void aTransitionWithoutALegalPathIsRefusedWithWhatWouldHelp() throws Exception {
        serve(intent("generator 1 1:0 1:1", "critic 1 2:0", "embedder 1 2:1"));
        List<String> before = podNames();
        Intent keepingBoth = intent(2, "generator 1 1:0 1:1", "critic 1 2:1", "embedder 1 2:0");

        PushOutcome.Refused refused = (PushOutcome.Refused) apply(keepingBoth);

        assertThat(refused.reasons()).anyMatch(reason -> reason.contains("No room to start critic"));
        assertThat(refused.remedies())
                .contains("--allow-gap critic")
                .anyMatch(remedy -> remedy.contains("1 spare GPU"));
        assertThat(podNames()).isEqualTo(before);
        ApplyOptions gap = new ApplyOptions(Set.of("critic"), false, false, "test", SmallPlans.QUICK);
        assertThat(client.apply(keepingBoth, gap, event -> {})).isInstanceOf(PushOutcome.Applied.class);
        assertThat(client.read().asPlanned()).isTrue();
    }

    @Test
    void aFieldThatAnotherManagerOwnsStopsThePushBeforeAnyChange() {
        serve(GUESS);
        Deployment first = kubernetes.apps().deployments().inNamespace("default").list().getItems().stream()
                .filter(deployment -> deployment.getMetadata().getName().startsWith("embedder-node-2"))
                .findFirst()
                .orElseThrow();
        Deployment scaled = new io.fabric8.kubernetes.api.model.apps.DeploymentBuilder()
                .withNewMetadata()
                .withName(first.getMetadata().getName())
                .withNamespace("default")
                .endMetadata()
                .withNewSpec()
                .withReplicas(2)
                .withSelector(first.getSpec().getSelector())
                .withTemplate(first.getSpec().getTemplate())
                .endSpec()
                .build();
        kubernetes.resource(scaled).fieldManager("autoscaler").forceConflicts().serverSideApply();
        List<String> deploymentsBefore = deployments();

        PushOutcome outcome = apply(BETTER);

        assertThat(outcome).isInstanceOf(PushOutcome.Refused.class);
        assertThat(((PushOutcome.Refused) outcome).reasons())
                .anySatisfy(reason -> assertThat(reason).contains("autoscaler").contains("replicas"));
        assertThat(deployments()).isEqualTo(deploymentsBefore);
        ApplyOptions force = new ApplyOptions(Set.of(), true, false, "test", SmallPlans.QUICK);
        assertThat(client.apply(BETTER, force, event -> {})).isInstanceOf(PushOutcome.Applied.class);
    }

    private List<String> deployments() {
        return kubernetes.apps().deployments().inNamespace("default").list().getItems().stream()
                .map(deployment -> deployment.getMetadata().getName())
                .sorted()
                .toList();
    }

    @Test
    void aPushThatIsAskedToStopLeavesTheClusterServingAndGoesOnWhenAppliedAgain() throws Exception {
        serve(GUESS);
        PushOutcome outcome = client.apply(BETTER, OPTIONS, event -> {
            if (event instanceof PushEvent.Finished finished && finished.number() == 2) {
                client.stop("The test asked.");
            }
        });
        PushOutcome.StoppedMidway stopped = (PushOutcome.StoppedMidway) outcome;
        assertThat(stopped.done()).hasSizeGreaterThanOrEqualTo(2);
        assertThat(stopped.left()).isNotEmpty();
        ServingState state = client.read();
        assertThat(state.record()).isEqualTo("stopped");
        assertThat(state.progress()).startsWith("step ");
        assertThat(readyModels()).containsExactlyInAnyOrder("generator", "critic", "embedder");

        assertThat(apply(BETTER)).isInstanceOf(PushOutcome.Applied.class);
        assertThat(client.read().asPlanned()).isTrue();
    }

    @Test
    void aStoppedPushCanBeRolledBack() throws Exception {
        serve(GUESS);
        client.apply(BETTER, OPTIONS, event -> {
            if (event instanceof PushEvent.Finished finished && finished.number() == 3) {
                client.stop("The test asked.");
            }
        });
        assertThat(client.rollback(OPTIONS, event -> {})).isInstanceOf(PushOutcome.Applied.class);
        assertThat(client.read().planId()).contains(GUESS.planId());
        assertThat(client.read().asPlanned()).isTrue();
    }

    private Set<String> readyModels() {
        return kubernetes.pods().inNamespace("default").list().getItems().stream()
                .filter(ApplyAgainstEmulatedClusterIT::isReady)
                .map(pod -> pod.getMetadata().getLabels().get("scepsy.dev/model"))
                .collect(Collectors.toSet());
    }

    private static boolean isReady(Pod pod) {
        return pod.getStatus().getConditions().stream()
                .anyMatch(condition -> condition.getType().equals("Ready")
                        && condition.getStatus().equals("True"));
    }

    @Test
    void ofTwoPushersOneIsRefused() throws Exception {
        CompletableFuture<PushOutcome> second = new CompletableFuture<>();
        try (ClusterClient other = ClusterClient.of(cluster.access("default"), "default")) {
            PushOutcome first = client.apply(GUESS, OPTIONS, event -> {
                if (event instanceof PushEvent.Finished && !second.isDone()) {
                    second.complete(other.apply(
                            BETTER, new ApplyOptions(Set.of(), false, false, "other", SmallPlans.QUICK), e -> {}));
                }
            });
            assertThat(first).isInstanceOf(PushOutcome.Applied.class);
            assertThat(second.get(1, TimeUnit.SECONDS))
                    .isInstanceOfSatisfying(
                            PushOutcome.Refused.class,
                            refused ->
                                    assertThat(refused.reasons().get(0)).contains("Another push is running: (test)"));
        }
    }

    @Test
    void anUnreachableClusterIsRefusedWithItsAddress() throws Exception {
        int closedPort;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            closedPort = socket.getLocalPort();
        }
        URI nowhere = URI.create("http://127.0.0.1:" + closedPort);
        try (ClusterClient lost = ClusterClient.of(ClusterAccess.server(nowhere), "default")) {
            PushOutcome.Refused refused = (PushOutcome.Refused) lost.apply(GUESS, OPTIONS, event -> {});
            assertThat(refused.reasons().get(0))
                    .contains("127.0.0.1:" + closedPort)
                    .contains("cannot be reached");
        }
    }

    @Test
    void aSecondPlanInTheNamespaceTakesTheFirstOnesPlaceAndCanBeTakenBack() throws Exception {
        serve(intent("generator 0.5 1:0 1:1"));
        serve(intent("critic 0.5 2:0", "embedder 0.3 1:0"));

        assertThat(client.read().asPlanned()).isTrue();
        assertThat(client.read().engines())
                .extracting(engine -> engine.engine().model())
                .containsExactlyInAnyOrder("critic", "embedder");
        assertThat(kubernetes.services().inNamespace("default").list().getItems())
                .extracting(service -> service.getMetadata().getName())
                .filteredOn(name -> !name.equals("kubernetes")) // every real cluster's own
                .containsExactlyInAnyOrder("critic", "embedder");

        assertThat(client.rollback(OPTIONS, event -> {})).isInstanceOf(PushOutcome.Applied.class);
        assertThat(client.read().engines())
                .extracting(engine -> engine.engine().model())
                .containsExactly("generator", "generator");
    }

    @Test
    void plansOfTwoNamespacesLeaveEachOthersObjectsAlone() throws Exception {
        serve(intent("generator 0.5 1:0"));
        List<String> before = podNames();
        kubernetes
                .namespaces()
                .resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName("other")
                        .endMetadata()
                        .build())
                .create();
        try (ClusterClient second = ClusterClient.of(cluster.access("other"), "other")) {
            Intent theirs = SmallPlans.intent(TestClusters.cluster(), "other", LOAD_SECONDS, "generator 0.4 2:0");
            assertThat(second.apply(theirs, OPTIONS, event -> {})).isInstanceOf(PushOutcome.Applied.class);
            assertThat(second.read().asPlanned()).isTrue();
            assertThat(second.read().engines()).hasSize(1);
        }
        assertThat(podNames()).isEqualTo(before);
        assertThat(client.read().asPlanned()).isTrue();
    }

    @Test
    void aNodeThatTheClusterLacksIsNamed() {
        PushOutcome.Refused refused = (PushOutcome.Refused) apply(intentOnMissingNode());
        assertThat(refused.reasons())
                .singleElement()
                .asString()
                .contains("node-3")
                .contains("node-1");
    }

    private static Intent intentOnMissingNode() {
        Intent known = intent("generator 0.5 1:0");
        var node = known.cluster().nodes().get(0);
        var renamed = new dev.scepsy.planner.topology.Node("node-3", node.gpu(), 2, 2, node.sharing());
        var elsewhere = new dev.scepsy.planner.topology.Cluster(
                List.of(new dev.scepsy.planner.topology.Rack("rack-1", List.of(renamed))));
        Plan plan = new Plan(
                1,
                1,
                0,
                List.of(new LlmAllocation("generator", "A100-SXM-80GB", GpuFraction.of(0.5), 1, 1, 40)),
                List.of(new ReplicaPlacement("generator", 0, "node-3", List.of(0))),
                List.of(),
                0,
                0);
        return Intent.of(plan, SmallPlans.MODELS, elsewhere, SmallPlans.UNROUTED);
    }
}
