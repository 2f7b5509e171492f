package dev.scepsy.samples.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.allocation.GpuFraction;
import dev.scepsy.planner.cluster.ApplyOptions;
import dev.scepsy.planner.cluster.ClusterClient;
import dev.scepsy.planner.cluster.ClusterUnreachableException;
import dev.scepsy.planner.cluster.Intent;
import dev.scepsy.planner.cluster.PushEvent;
import dev.scepsy.planner.cluster.PushOutcome;
import dev.scepsy.planner.cluster.Timing;
import dev.scepsy.planner.topology.Cluster;
import dev.scepsy.planner.topology.Rack;
import dev.scepsy.planner.topology.Sharing;
import dev.scepsy.samples.cluster.api.ApiFault;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuotaBuilder;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceClaim;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What a push does when the environment breaks: nodes, quotas, policies, images, metrics, the API server itself. One test a
 * case, all over the same small cluster, hence the length.
 */
class BrokenClusterIT {

    /** Generous: no test here may come near it, since the reasons are known after seconds. */
    private static final int LOAD_SECONDS = 240;

    private static final Intent ON_NODE_1 = SmallPlans.intent(LOAD_SECONDS, "generator 0.5 1:0", "critic 0.5 1:1");
    private static final Intent BOTH_NODES = SmallPlans.intent(LOAD_SECONDS, "generator 0.5 1:0 2:0", "critic 0.5 1:1");
    private static final ApplyOptions OPTIONS = new ApplyOptions(Set.of(), false, false, "test", SmallPlans.QUICK);

    private ClusterUnderTest cluster;
    private KubernetesClient kubernetes;
    private ClusterClient client;
    private final List<String> notes = new CopyOnWriteArrayList<>();

    @BeforeEach
    void start() {
        cluster = startCluster();
        kubernetes = cluster.kubernetes();
        client = client("default");
    }

    /** The same tests run against others. */
    ClusterUnderTest startCluster() {
        return new EmulatedUnderTest();
    }

    private ClusterClient client(String namespace) {
        return ClusterClient.of(cluster.access(namespace), namespace);
    }

    @AfterEach
    void stop() {
        if (client != null) {
            client.close();
            cluster.close();
        }
    }

    private PushOutcome apply(Intent intent) {
        return apply(client, intent, event -> {});
    }

    private PushOutcome apply(ClusterClient by, Intent intent, Consumer<PushEvent> listener) {
        long began = System.nanoTime();
        PushOutcome outcome = by.apply(intent, OPTIONS, event -> {
            if (event instanceof PushEvent.Note note) {
                notes.add(note.text());
            }
            listener.accept(event);
        });
        assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began))
                .as("hang limit: well below the %s s that an engine may load", LOAD_SECONDS)
                .isLessThan(LOAD_SECONDS / 2);
        return outcome;
    }

    private void serve(Intent intent) {
        assertThat(apply(intent)).isInstanceOf(PushOutcome.Applied.class);
    }

    private void node(String name, Consumer<Node> change) {
        Engines.await("node " + name + " is changed", () -> {
            try {
                kubernetes.nodes().withName(name).edit(node -> {
                    change.accept(node);
                    return node;
                });
                return true;
            } catch (KubernetesClientException othersWereQuicker) {
                return false; // controllers taint nodes too
            }
        });
    }

    private void givesOut(String name, String resource, String quantity) {
        Engines.await("node " + name + " gives out other " + resource, () -> {
            try {
                kubernetes.nodes().withName(name).editStatus(node -> {
                    node.getStatus().getAllocatable().put(resource, new Quantity(quantity));
                    return node;
                });
                return true;
            } catch (KubernetesClientException othersWereQuicker) {
                return false;
            }
        });
    }

    private List<String> leaving() {
        try {
            return client.read().leaving();
        } catch (ClusterUnreachableException unreachable) {
            throw new AssertionError(unreachable);
        }
    }

    private List<Pod> pods() {
        return kubernetes.pods().inNamespace("default").list().getItems();
    }

    private static List<String> reasons(PushOutcome outcome) {
        return ((PushOutcome.Refused) outcome).reasons();
    }

    private static String rolledBack(PushOutcome outcome) {
        assertThat(outcome).isInstanceOf(PushOutcome.RolledBack.class);
        return ((PushOutcome.RolledBack) outcome).reason();
    }

    // A9
    @Test
    void aHostnameLabelUnlikeTheNodesNameKeepsNoPodFromItsNode() throws Exception {
        node("node-1", node -> node.getMetadata().getLabels().put("kubernetes.io/hostname", "other-host"));

        serve(ON_NODE_1);

        assertThat(client.read().asPlanned()).isTrue();
        assertThat(pods())
                .allSatisfy(pod -> assertThat(pod.getSpec().getNodeName()).isEqualTo("node-1"));
    }

    // A5, point 3
    @Test
    void nodesThatTakeNoEnginesAreRefusedBeforeAnyChange() {
        node("node-1", node -> node.getSpec().setUnschedulable(true));
        assertThat(reasons(apply(ON_NODE_1)).get(0))
                .contains("cannot start on node (node-1)")
                .contains("kubectl uncordon node-1");
        node("node-1", node -> node.getSpec().setUnschedulable(false));

        node(
                "node-1",
                node -> node.getSpec()
                        .setTaints(List.of(new io.fabric8.kubernetes.api.model.TaintBuilder()
                                .withKey("dedicated")
                                .withValue("training")
                                .withEffect("NoSchedule")
                                .build())));
        assertThat(reasons(apply(ON_NODE_1)).get(0))
                .contains("tainted dedicated=training:NoSchedule")
                .contains("{key: dedicated, operator: Equal, value: \"training\", effect: NoSchedule}");
        node("node-1", node -> node.getSpec().setTaints(List.of()));

        cluster.faults().nodeDown("node-1");
        Engines.await("the node is not ready", () -> !isReady("node-1"));
        assertThat(reasons(apply(ON_NODE_1)).get(0)).contains("it is not ready");
        assertThat(pods()).isEmpty();
    }

    @Test
    void aPlanWhosePodsWouldWaitForProcessorsOrMemoryIsRefusedBeforeAnyChange() {
        for (String resource : List.of("cpu", "memory")) {
            givesOut("node-1", resource, "2");
            assertThat(reasons(apply(ON_NODE_1)).get(0))
                    .contains("cannot start on node (node-1)")
                    .contains(resource.equals("cpu") ? "cores of processors" : "GiB of host memory")
                    .contains("pods of others request 0");
            assertThat(pods()).isEmpty();
            givesOut("node-1", resource, "2048Gi");
        }
    }

    // A5
    @Test
    void aLostNodeBlocksNothingThatDoesNotNeedIt() throws Exception {
        serve(BOTH_NODES);
        String lost = pods().stream()
                .filter(pod -> "node-2".equals(pod.getSpec().getNodeName()))
                .map(pod -> pod.getMetadata().getName())
                .findFirst()
                .orElseThrow();
        cluster.faults().nodeDown("node-2");
        kubernetes.pods().inNamespace("default").withName(lost).delete();
        Engines.await(
                "it hangs in Terminating",
                () -> pods().stream()
                        .anyMatch(pod -> pod.getMetadata().getName().equals(lost)
                                && pod.getMetadata().getDeletionTimestamp() != null));
        Engines.await(
                "its node is given up",
                () -> leaving().stream()
                        .anyMatch(sentence -> sentence.contains(lost)
                                && sentence.contains("node-2")
                                && sentence.contains("Kubelet stopped posting node status.")));

        Intent elsewhere = SmallPlans.intent(LOAD_SECONDS, "generator 0.5 1:0 1:1", "critic 0.5 1:1");
        assertThat(apply(elsewhere)).isInstanceOf(PushOutcome.Applied.class);

        assertThat(client.read().planId()).contains(elsewhere.planId());
        assertThat(notes)
                .as("nothing is waited for")
                .allSatisfy(note -> assertThat(note).contains("not waited for"));
    }

    // A5
    @Test
    void theEnginesOfALostNodeAreTakenOutOfThePlanWithoutWaitingForTheirPods() throws Exception {
        serve(BOTH_NODES);
        cluster.faults().nodeDown("node-2");
        Engines.await(
                "it is not ready",
                () -> pods().stream()
                        .anyMatch(pod -> "node-2".equals(pod.getSpec().getNodeName()) && !SmallPlans.isReady(pod)));

        assertThat(apply(ON_NODE_1)).isInstanceOf(PushOutcome.Applied.class);

        assertThat(notes)
                .anySatisfy(note -> assertThat(note)
                        .contains("stays terminating on node node-2")
                        .contains("Kubelet stopped posting node status.")
                        .contains("not waited for"));
        assertThat(client.read().asPlanned()).isTrue();
    }

    // A5
    @Test
    void onlyAPodThatHoldsAGpuThatAStepNeedsIsWaitedFor() {
        serve(ON_NODE_1);
        Pod stuck = pods().stream()
                .filter(pod -> pod.getMetadata().getName().startsWith("critic"))
                .findFirst()
                .orElseThrow();
        String name = stuck.getMetadata().getName();
        cluster.faults().stuck("default", name, true);
        kubernetes
                .apps()
                .deployments()
                .inNamespace("default")
                .withName(stuck.getMetadata().getLabels().get("scepsy.dev/engine"))
                .delete();
        Engines.await(
                "it is terminating",
                () -> pods().stream()
                        .anyMatch(pod -> pod.getMetadata().getName().equals(name)
                                && pod.getMetadata().getDeletionTimestamp() != null));

        assertThat(apply(SmallPlans.intent(LOAD_SECONDS, "generator 0.5 1:0", "critic 0.5 2:0")))
                .as("GPU 1 of node-1 is needed by nobody")
                .isInstanceOf(PushOutcome.Applied.class);
        assertThat(notes).isEmpty();

        PushOutcome outcome = client.apply(
                SmallPlans.intent(LOAD_SECONDS, "generator 0.5 1:0", "critic 0.5 2:0", "embedder 0.5 1:1"),
                OPTIONS,
                event -> {
                    if (event instanceof PushEvent.Note note) {
                        assertThat(note.text()).contains("Waiting for pod " + name + " on node node-1");
                        cluster.faults().stuck("default", name, false);
                    }
                });
        assertThat(outcome).isInstanceOf(PushOutcome.Applied.class);
    }

    // A1, B4
    @Test
    void podsThatPodSecurityRefusesAreToldWithinSeconds() throws Exception {
        namespace("psa", "pod-security.kubernetes.io/enforce", "restricted");
        try (ClusterClient inPsa = client("psa")) {
            PushOutcome outcome = apply(inPsa, onNode1In("psa"), event -> {});
            assertThat(rolledBack(outcome))
                    .contains("The API server takes no pod of it: pods \"")
                    .contains("violates PodSecurity \"restricted:latest\"")
                    .contains("runAsNonRoot != true");
        }
        assertThat(notes.get(0))
                .as("the server warns before anything is changed")
                .startsWith("The API server warns: would violate PodSecurity");
    }

    // A1, B4
    @Test
    void podsThatAQuotaRefusesAreToldWithinSeconds() throws Exception {
        namespace("quota", "team", "a");
        kubernetes
                .resource(new ResourceQuotaBuilder()
                        .withNewMetadata()
                        .withName("compute")
                        .withNamespace("quota")
                        .endMetadata()
                        .withNewSpec()
                        .addToHard("requests.nvidia.com/gpu", new Quantity("0"))
                        .addToHard("pods", new Quantity("1"))
                        .endSpec()
                        .build())
                .create();
        try (ClusterClient inQuota = client("quota")) {
            assertThat(rolledBack(apply(inQuota, onNode1In("quota"), event -> {})))
                    .contains(
                            "is forbidden: exceeded quota: compute, requested: pods=1, used: pods=1, limited: pods=1");
        }
    }

    private void namespace(String name, String label, String value) {
        kubernetes
                .resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .addToLabels(label, value)
                        .endMetadata()
                        .build())
                .create();
    }

    private static Intent onNode1In(String namespace) {
        return SmallPlans.intent(
                TestClusters.cluster(), namespace, LOAD_SECONDS, "generator 0.5 1:0", "critic 0.5 1:1");
    }

    // A1, B4
    @Test
    void aTaintThatComesInTheMiddleEndsThePushEarly() {
        PushOutcome outcome = apply(client, ON_NODE_1, event -> {
            if (event instanceof PushEvent.Planned) {
                node(
                        "node-1",
                        node -> node.getSpec()
                                .setTaints(List.of(new io.fabric8.kubernetes.api.model.TaintBuilder()
                                        .withKey("nvidia.com/gpu")
                                        .withValue("present")
                                        .withEffect("NoSchedule")
                                        .build())));
            }
        });

        assertThat(rolledBack(outcome))
                .contains("Unschedulable")
                .contains("untolerated taint")
                .contains("Of node node-1: it is tainted nvidia.com/gpu=present:NoSchedule");
        assertThat(notes).anySatisfy(note -> assertThat(note).contains("untolerated taint"));
    }

    /** To the scheduler it is a taint as well, but one that may go by itself: 120 looks instead of 20. */
    @Test
    void aNodeThatIsLostBeforeItsEnginesStartIsWaitedForLongerThanATaint() {
        PushOutcome outcome = apply(client, ON_NODE_1, event -> {
            if (event instanceof PushEvent.Planned) {
                cluster.faults().nodeDown("node-1");
                Engines.await("it is not ready", () -> !isReady("node-1"));
            }
        });

        String reason = rolledBack(outcome);
        assertThat(reason).contains("untolerated taint").contains("Of node node-1: it is not ready");
        assertThat(Integer.parseInt(reason.replaceAll("(?s).*ready within (\\d+) s.*", "$1")))
                .isGreaterThanOrEqualTo(6);
    }

    private boolean isReady(String node) {
        return kubernetes.nodes().withName(node).get().getStatus().getConditions().stream()
                .anyMatch(condition -> condition.getType().equals("Ready")
                        && condition.getStatus().equals("True"));
    }

    // B7
    @Test
    void oneFailedImagePullIsWaitedOut() {
        cluster.faults().failingImages("vllm-openai");

        PushOutcome outcome = apply(client, ON_NODE_1, event -> {
            if (event instanceof PushEvent.Note note && note.text().contains("ImagePull")) {
                cluster.faults().failingImages();
            }
        });

        assertThat(outcome).isInstanceOf(PushOutcome.Applied.class);
        assertThat(notes).anySatisfy(note -> assertThat(note).contains("ImagePull"));
    }

    // B7
    @Test
    void anImageThatCannotBePulledForLongEndsThePush() {
        cluster.faults().failingImages("vllm-openai");
        assertThat(rolledBack(apply(ON_NODE_1))).containsAnyOf("ImagePullBackOff", "ErrImagePull");
    }

    // B1, B2
    @Test
    void refusalsJustAfterARestartOfTheApiServerAreRepeated() throws Exception {
        serve(ON_NODE_1);
        for (ApiFault fault :
                List.of(ApiFault.FORBIDDEN, ApiFault.UNAUTHORIZED, ApiFault.UNAVAILABLE, ApiFault.CLOSED)) {
            Intent next = fault.ordinal() % 2 == 0 ? BOTH_NODES : ON_NODE_1;
            PushOutcome outcome = apply(client, next, event -> {
                if (event instanceof PushEvent.Started) {
                    cluster.faults().api(fault, line -> true, 8);
                }
            });
            assertThat(outcome).as(fault.name()).isInstanceOf(PushOutcome.Applied.class);
            assertThat(client.read().asPlanned()).isTrue();
        }
    }

    // B2, B11
    @Test
    void aRefusalThatStaysIsToldInTheServersWordsWithWhatIsLeft() {
        serve(BOTH_NODES);
        PushOutcome outcome =
                apply(client, SmallPlans.intent(LOAD_SECONDS, "generator 0.5 1:0", "embedder 0.5 2:1"), event -> {
                    if (event instanceof PushEvent.Planned) {
                        cluster.faults().api(ApiFault.FORBIDDEN, line -> line.startsWith("DELETE /apis/apps"), 10_000);
                    }
                });
        assertThat(outcome).isInstanceOfSatisfying(PushOutcome.StoppedMidway.class, stopped -> {
            assertThat(stopped.reason())
                    .contains("cannot delete resource \"deployments\"")
                    .doesNotContain("Status(apiVersion");
            assertThat(stopped.left()).isNotEmpty();
            assertThat(stopped.belowFloor()).isPresent();
        });
        cluster.faults().api(ApiFault.FORBIDDEN, line -> true, 0);
        assertThat(apply(ON_NODE_1)).isInstanceOf(PushOutcome.Applied.class);
    }

    // F20
    @Test
    void emptyAnswersAreRefusedWithOneSentence() {
        for (ApiFault fault : List.of(ApiFault.EMPTY, ApiFault.NULL)) {
            cluster.faults().api(fault, line -> line.startsWith("GET"), 10_000);
            assertThat(reasons(apply(ON_NODE_1))).singleElement().asString().contains("no Kubernetes API");
            cluster.faults().api(fault, line -> true, 0);
        }
    }

    // F17
    @Test
    void requestsUnderAGaugeThatNobodyKnowsAreNotCut() throws Exception {
        serve(BOTH_NODES);
        cluster.faults().metricNames("other");
        try (RequestLoad load = RequestLoad.start(cluster.openAiBaseUrl(), List.of("generator", "critic"))) {
            load.awaitAnswers(20);
            assertThat(apply(ON_NODE_1)).isInstanceOf(PushOutcome.Applied.class);
            load.awaitAnswers(20);
            assertThat(load.failures()).isEmpty();
        }
        assertThat(notes)
                .anySatisfy(note -> assertThat(note)
                        .contains("still holds requests is unknown")
                        .contains("preStop"));
    }

    // F17
    @Test
    void theGaugesOfOtherEnginesAreRead() throws Exception {
        for (String dialect : List.of("vllm", "sglang", "trtllm")) {
            cluster.faults().metricNames("vllm");
            serve(BOTH_NODES);
            cluster.faults().metricNames(dialect);
            notes.clear();
            serve(ON_NODE_1);
            assertThat(notes).as(dialect).isEmpty();
        }
    }

    // B10
    @Test
    void anIdleEngineDoesNotWaitForABusyOne() throws Exception {
        serve(SmallPlans.intent(LOAD_SECONDS, "generator 0.5 1:0", "critic 0.5 1:1", "embedder 0.2 2:0"));
        HttpRequest slow = HttpRequest.newBuilder(URI.create(cluster.openAiBaseUrl() + "/completions"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(
                        "{\"model\": \"critic\", \"prompt\": \"x\", \"max_tokens\": 3000, \"ignore_eos\": true}"))
                .build();
        CompletableFuture<HttpResponse<String>> answer =
                HttpClient.newHttpClient().sendAsync(slow, HttpResponse.BodyHandlers.ofString());
        List<String> finished = new CopyOnWriteArrayList<>();
        Engines.await("the request runs", () -> load("critic") > 0);

        PushOutcome outcome = apply(client, SmallPlans.intent(LOAD_SECONDS, "generator 0.5 1:0"), event -> {
            if (event instanceof PushEvent.Finished step) {
                finished.add(step.step().engine().model() + (answer.isDone() ? " after" : " before"));
            }
        });

        assertThat(outcome).isInstanceOf(PushOutcome.Applied.class);
        assertThat(finished).containsExactly("embedder before", "critic after");
        assertThat(answer.get(30, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
    }

    private double load(String model) {
        return pods().stream()
                .filter(pod -> pod.getMetadata().getName().startsWith(model))
                .map(pod -> kubernetes.raw(
                        "/api/v1/namespaces/default/pods/" + pod.getMetadata().getName() + ":8000/proxy/metrics"))
                .flatMap(String::lines)
                .filter(line -> line.startsWith("vllm:num_requests_running"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    // B5
    @Test
    void aRehearsalFindsWhatAnApplyWouldMeet() throws Exception {
        try (ClusterClient absent = client("absent")) {
            assertThat(absent.rehearse(
                                    SmallPlans.intent(
                                            TestClusters.cluster(), "absent", LOAD_SECONDS, "generator 0.5 1:0"),
                                    OPTIONS)
                            .refused()
                            .orElseThrow()
                            .reasons())
                    .singleElement()
                    .asString()
                    .contains("namespaces \"absent\" not found");
        }
        node("node-1", node -> node.getSpec().setUnschedulable(true));
        assertThat(client.rehearse(ON_NODE_1, OPTIONS).refused().orElseThrow().reasons())
                .anySatisfy(reason -> assertThat(reason).contains("cordoned"));
        node("node-1", node -> node.getSpec().setUnschedulable(false));

        ClusterClient.Rehearsal free = client.rehearse(ON_NODE_1, OPTIONS);
        assertThat(free.refused()).isEmpty();
        assertThat(free.steps()).hasSize(2);
        assertThat(pods()).isEmpty();
    }

    // B8
    @Test
    void claimsAreMadeForGpusInUseAndGoWithThem() {
        Intent two = onDra("generator 0.5 1:0", "critic 0.5 1:1");
        serve(two);
        assertThat(claims()).hasSize(2);
        serve(onDra("generator 0.5 1:0"));
        assertThat(claims()).singleElement().asString().contains("gpu0");
        cluster.faults().neverReady("embedder");
        assertThat(client.apply(shortly(onDra("generator 0.5 1:0", "embedder 0.5 2:0")), OPTIONS, event -> {}))
                .isInstanceOf(PushOutcome.RolledBack.class);
        assertThat(claims()).as("after a rollback").singleElement().asString().contains("gpu0");
    }

    private static Intent onDra(String... lines) {
        Sharing dra = new Sharing.Grid(Sharing.Mode.DRA, GpuFraction.of(0.1), false);
        Cluster claimed = new Cluster(TestClusters.cluster().racks().stream()
                .map(rack -> new Rack(
                        rack.name(),
                        rack.nodes().stream()
                                .map(node -> new dev.scepsy.planner.topology.Node(
                                        node.name(), node.gpu(), node.gpus(), node.domainSize(), dra))
                                .toList()))
                .toList());
        return SmallPlans.intent(claimed, "default", LOAD_SECONDS, lines);
    }

    private static Intent shortly(Intent intent) {
        return new Intent(
                intent.planId(),
                intent.cluster(),
                intent.specs(),
                intent.engines(),
                intent.minReplicas(),
                intent.options().withDeadlines(5, 5),
                intent.routing());
    }

    private List<String> claims() {
        return kubernetes.resources(ResourceClaim.class).inNamespace("default").list().getItems().stream()
                .map(claim -> claim.getMetadata().getName())
                .toList();
    }

    // B9
    @Test
    void whoIsRefusedHearsWhoHoldsTheLockAndForHowLong() throws Exception {
        CompletableFuture<PushOutcome> second = new CompletableFuture<>();
        try (ClusterClient other = client("default")) {
            apply(client, ON_NODE_1, event -> {
                if (event instanceof PushEvent.Started && !second.isDone()) {
                    second.complete(other.apply(
                            BOTH_NODES,
                            new ApplyOptions(Set.of(), false, false, "another", Timing.DEFAULT),
                            unheard -> {}));
                }
            });
        }
        assertThat(second.get(1, TimeUnit.SECONDS)).isInstanceOfSatisfying(PushOutcome.Refused.class, refused -> {
            assertThat(refused.reasons().get(0)).contains("(test)");
            assertThat(refused.remedies().get(0))
                    .as("the holder's 5 s, not the 30 s of who is refused")
                    .contains("5 s after it was last renewed");
        });
    }
}
