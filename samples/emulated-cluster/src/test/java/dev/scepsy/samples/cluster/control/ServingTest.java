package dev.scepsy.samples.cluster.control;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.samples.cluster.EmulatedCluster;
import dev.scepsy.samples.cluster.Engines;
import dev.scepsy.samples.cluster.GpuUsage;
import dev.scepsy.samples.cluster.TestClusters;
import io.fabric8.kubernetes.api.model.DeletionPropagation;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.api.model.apps.DeploymentStatus;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Deployments, GPUs, engines and faults together, as a client sees them. Two nodes of two GPUs, ten times as fast. */
class ServingTest {
    private EmulatedCluster cluster;
    private KubernetesClient client;

    @BeforeEach
    void start() {
        cluster = TestClusters.start();
        client = Engines.client(cluster);
    }

    @AfterEach
    void stop() {
        client.close();
        cluster.close();
    }

    @Test
    void aDeploymentBecomesReadyPodsOnGpus() {
        Engines.serve(client, "generator", "0.5", 3);

        DeploymentStatus status =
                client.apps().deployments().withName("generator").get().getStatus();
        assertThat(status.getObservedGeneration()).isEqualTo(1);
        assertThat(status.getReplicas()).isEqualTo(3);
        assertThat(status.getUpdatedReplicas()).isEqualTo(3);
        assertThat(status.getReadyReplicas()).isEqualTo(3);
        assertThat(status.getConditions())
                .filteredOn(condition -> condition.getStatus().equals("True"))
                .extracting(condition -> condition.getReason())
                .containsExactlyInAnyOrder("MinimumReplicasAvailable", "NewReplicaSetAvailable");
        assertThat(cluster.gpuUsage()).extracting(GpuUsage::computeGiven).containsExactly(1.0, 0.5, 0.0, 0.0);
        assertThat(client.pods().withLabel("app", "generator").list().getItems())
                .allSatisfy(pod -> {
                    assertThat(pod.getStatus().getPodIP()).isEqualTo("127.0.0.1");
                    assertThat(pod.getMetadata().getAnnotations()).containsKeys("scepsy.dev/emulated-port");
                    assertThat(client.pods()
                                    .withName(pod.getMetadata().getName())
                                    .getLog())
                            .contains("Application startup complete");
                });
    }

    @Test
    void podsBeyondTheGpusStayPendingAndSayWhy() {
        client.resource(Engines.deployment("generator", "generator", "0.5", 9)).serverSideApply();
        Engines.await("8 ready", () -> ready("generator") == 8);

        Pod pending = Engines.pods(client, "generator").stream()
                .filter(pod -> pod.getSpec().getNodeName() == null)
                .findFirst()
                .orElseThrow();
        PodCondition scheduled = condition(pending, "PodScheduled").orElseThrow();
        assertThat(pending.getStatus().getPhase()).isEqualTo("Pending");
        assertThat(scheduled.getReason()).isEqualTo("Unschedulable");
        assertThat(scheduled.getMessage())
                .startsWith("0/2 nodes are available")
                .contains("GPU 0 has 0 of its compute free, 0.5 wanted");

        client.apps().deployments().withName("generator").scale(8);
        Engines.await(
                "pending pod removed first",
                () -> Engines.pods(client, "generator").size() == 8 && ready("generator") == 8);
    }

    @Test
    void memoryIsHeldApartFromCompute() {
        client.resource(pinned("first", "0.3", "50")).serverSideApply();
        Engines.await("first ready", () -> ready("first") == 1);
        client.resource(pinned("second", "0.3", "40")).serverSideApply();

        Engines.await(
                "second refused",
                () -> Engines.pods(client, "second").stream()
                        .anyMatch(pod -> condition(pod, "PodScheduled")
                                .filter(each -> each.getMessage() != null
                                        && each.getMessage().contains("GPU 1 has 30 GiB free, 40 wanted"))
                                .isPresent()));
        client.apps().deployments().withName("first").delete();
        Engines.await("second ready", () -> ready("second") == 1);
        assertThat(Engines.pods(client, "second").get(0).getSpec().getNodeName())
                .isEqualTo("node-2");
        assertThat(Engines.pods(client, "second").get(0).getMetadata().getAnnotations())
                .containsEntry("scepsy.dev/emulated-gpus", "1");
    }

    @Test
    void podsThatRequestMoreThanNodesGiveOutStayPending() {
        for (String[] asked : new String[][] {{"cpu", "200"}, {"memory", "1500Gi"}}) {
            Deployment greedy = Engines.deployment(asked[0], "generator", "0.5", 3);
            greedy.getSpec()
                    .getTemplate()
                    .getSpec()
                    .getContainers()
                    .get(0)
                    .setResources(new ResourceRequirementsBuilder()
                            .addToRequests(asked[0], new Quantity(asked[1]))
                            .build());
            client.resource(greedy).serverSideApply();

            Engines.await("two ready", () -> ready(asked[0]) == 2);
            Engines.await(
                    "third refused",
                    () -> Engines.pods(client, asked[0]).stream()
                            .anyMatch(pod -> condition(pod, "PodScheduled")
                                    .filter(each -> each.getMessage() != null
                                            && each.getMessage()
                                                    .equals("0/2 nodes are available: 2 Insufficient " + asked[0]
                                                            + "."))
                                    .isPresent()));
            client.apps().deployments().withName(asked[0]).delete();
            Engines.await("gone", () -> Engines.pods(client, asked[0]).isEmpty());
        }
    }

    @Test
    void aShareOffTheGridIsNotOffered() {
        client.resource(Engines.deployment("generator", "generator", "0.25", 1)).serverSideApply();

        Engines.await(
                "refused",
                () -> Engines.pods(client, "generator").stream()
                        .anyMatch(pod -> condition(pod, "PodScheduled")
                                .filter(each -> each.getMessage() != null
                                        && each.getMessage().contains("do not offer the GPU share 0.25"))
                                .isPresent()));
    }

    @Test
    void anEngineThatWantsMoreOfASharedCardFreeThanItsNeighbourLeavesDoesNotStart() {
        Engines.serve(client, "generator", "0.5", 1);
        Deployment greedy = Engines.deployment("second", "generator", "0.5", 1);
        var arguments =
                greedy.getSpec().getTemplate().getSpec().getContainers().get(0).getArgs();
        arguments.set(arguments.indexOf("--gpu-memory-utilization") + 1, "0.92");
        greedy.getSpec().getTemplate().getMetadata().getAnnotations().put("scepsy.dev/gpus", "0");
        client.resource(greedy).serverSideApply();

        Engines.await(
                "refused by vLLM's own check",
                () -> Engines.pods(client, "second").stream()
                        .flatMap(pod -> pod.getStatus().getContainerStatuses().stream())
                        .anyMatch(status -> status.getState().getWaiting() != null
                                && status.getState()
                                        .getWaiting()
                                        .getMessage()
                                        .contains("on startup is less than desired GPU memory utilization (0.92")));
    }

    @Test
    void aDisruptionBudgetHoldsTheLastReadyPod() throws Exception {
        Engines.serve(client, "generator", "0.5", 2);
        client.resource(new PodDisruptionBudgetBuilder()
                        .withNewMetadata()
                        .withName("generator")
                        .endMetadata()
                        .withNewSpec()
                        .withMinAvailable(new IntOrString(1))
                        .withNewSelector()
                        .addToMatchLabels("app", "generator")
                        .endSelector()
                        .endSpec()
                        .build())
                .serverSideApply();
        client.apps().deployments().withName("generator").scale(1);
        Engines.await("one left", () -> Engines.pods(client, "generator").size() == 1 && ready("generator") == 1);

        Pod last = Engines.pods(client, "generator").get(0);
        // the client library would try for twenty seconds
        HttpResponse<String> refused = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(cluster.apiServerUrl() + "/api/v1/namespaces/default/pods/"
                                        + last.getMetadata().getName() + "/eviction"))
                                .header("Content-Type", "application/json")
                                .POST(HttpRequest.BodyPublishers.ofString(
                                        "{\"apiVersion\":\"policy/v1\",\"kind\":\"Eviction\"}"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(refused.body()).contains("generator needs 1 healthy pods and has 1 currently");
        assertThat(Engines.pods(client, "generator")).hasSize(1);

        client.apps().deployments().withName("generator").scale(2);
        Engines.await("two", () -> ready("generator") == 2);
        assertThat(client.pods().withName(last.getMetadata().getName()).evict()).isTrue();
    }

    @Test
    void anotherEngineThanVllmIsNotPassedOffAsOne() {
        Deployment other = Engines.deployment("other", "generator", "0.5", 1);
        other.getSpec()
                .getTemplate()
                .getSpec()
                .getContainers()
                .get(0)
                .setCommand(List.of("python3", "-m", "sglang.launch_server"));
        client.resource(other).serverSideApply();

        Engines.await(
                "refused",
                () -> Engines.pods(client, "other").stream()
                        .flatMap(pod -> pod.getStatus().getContainerStatuses().stream())
                        .anyMatch(status -> status.getState().getWaiting() != null
                                && status.getState()
                                        .getWaiting()
                                        .getMessage()
                                        .contains("only vllm serve is emulated")));
    }

    @Test
    void anEngineWhoseWeightsDoNotFitCrashesAndBacksOff() {
        client.resource(Engines.deployment("generator", "generator", "0.2", 1)).serverSideApply();

        Engines.await(
                "crash loop",
                () -> Engines.pods(client, "generator").stream()
                        .flatMap(pod -> pod.getStatus().getContainerStatuses().stream())
                        .anyMatch(status -> status.getState().getWaiting() != null
                                && status.getState().getWaiting().getReason().equals("CrashLoopBackOff")
                                && status.getState().getWaiting().getMessage().contains("CUDA out of memory")));
    }

    @Test
    void enginesThatMeasureMemoryAtTheSameTimeFailAndRecover() {
        Deployment measuring = new DeploymentBuilder(Engines.deployment("generator", "generator", "0.5", 2))
                .editSpec()
                .editTemplate()
                .editSpec()
                .addToNodeSelector("kubernetes.io/hostname", "node-1")
                .editContainer(0)
                .withArgs("generator", "--served-model-name", "generator", "--gpu-memory-utilization", "0.48")
                .endContainer()
                .endSpec()
                .endTemplate()
                .endSpec()
                .build();
        client.resource(measuring).serverSideApply();

        Engines.await("both ready in the end", () -> ready("generator") == 2);
        assertThat(Engines.pods(client, "generator"))
                .extracting(pod -> pod.getStatus().getContainerStatuses().get(0).getRestartCount())
                .containsExactlyInAnyOrder(0, 1);
    }

    @Test
    void aRecreatedDeploymentReplacesItsPods() {
        client.resource(recreated("0.5")).serverSideApply();
        Engines.await("first pods ready", () -> ready("generator") == 2);
        List<String> before = names("generator");

        client.resource(recreated("1")).serverSideApply();

        Engines.await("new pods ready", () -> ready("generator") == 2 && disjoint(before, names("generator")));
        assertThat(cluster.gpuUsage().stream()
                        .mapToDouble(GpuUsage::computeGiven)
                        .sum())
                .isEqualTo(2.0);
    }

    @Test
    void noRequestFailsWhileEveryPodIsReplaced() throws Exception {
        Engines.serve(client, "generator", "0.5", 2);
        List<String> before = names("generator");
        HttpClient http = HttpClient.newHttpClient();
        List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
        client.resource(new DeploymentBuilder(Engines.deployment("generator", "generator", "0.5", 2))
                        .editSpec()
                        .editTemplate()
                        .editMetadata()
                        .addToAnnotations("round", "two")
                        .endMetadata()
                        .endTemplate()
                        .endSpec()
                        .build())
                .serverSideApply();

        Engines.await("all replaced", () -> {
            for (int i = 0; i < 5; i++) {
                answers.add(http.sendAsync(chat(cluster.gatewayUrl()), HttpResponse.BodyHandlers.ofString()));
            }
            return ready("generator") == 2 && disjoint(before, names("generator"));
        });

        assertThat(answers).isNotEmpty();
        for (CompletableFuture<HttpResponse<String>> answer : answers) {
            assertThat(answer.get(20, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
        }
    }

    @Test
    void aRequestThatComesBeforeItsEngineWaitsForIt() throws Exception {
        client.resource(Engines.service("generator")).serverSideApply();
        client.resource(Engines.deployment("generator", "generator", "0.5", 1)).serverSideApply();
        Engines.await("pod known", () -> !Engines.pods(client, "generator").isEmpty());

        HttpResponse<String> answer =
                HttpClient.newHttpClient().send(chat(cluster.gatewayUrl()), HttpResponse.BodyHandlers.ofString());

        assertThat(answer.statusCode()).isEqualTo(200);
    }

    @Test
    void requestsInsideATerminatingPodFinish() throws Exception {
        Engines.serve(client, "generator", "0.5", 1);
        HttpClient http = HttpClient.newHttpClient();
        List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            answers.add(http.sendAsync(chat(cluster.gatewayUrl(), 500), HttpResponse.BodyHandlers.ofString()));
        }
        // A request that comes to the gateway after the deletion is rightly refused: all must be inside before it.
        Engines.await("requests inside", () -> arrived(http, names("generator").get(0)) == 20);
        client.apps().deployments().withName("generator").delete();

        for (CompletableFuture<HttpResponse<String>> answer : answers) {
            assertThat(answer.get(20, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
        }
        Engines.await("pod gone", () -> Engines.pods(client, "generator").isEmpty());
    }

    @Test
    void anEngineThatNeverBecomesReadyMissesItsDeadline() {
        cluster.faults().neverReady("generator");
        client.resource(new DeploymentBuilder(Engines.deployment("generator", "generator", "0.5", 1))
                        .editSpec()
                        .withProgressDeadlineSeconds(20)
                        .endSpec()
                        .build())
                .serverSideApply();

        Engines.await(
                "deadline missed",
                () -> status("generator")
                        .map(DeploymentStatus::getConditions)
                        .filter(conditions -> conditions.stream()
                                .anyMatch(each -> "ProgressDeadlineExceeded".equals(each.getReason())))
                        .isPresent());
        assertThat(ready("generator")).isZero();

        cluster.faults().neverReady();
        Engines.await("well again", () -> ready("generator") == 1);
    }

    @Test
    void aCrashedEngineIsStartedAgain() {
        Engines.serve(client, "generator", "0.5", 1);
        cluster.faults().crash("default", names("generator").get(0));

        Engines.await(
                "restarted",
                () -> Engines.pods(client, "generator").stream()
                                .allMatch(pod -> pod.getStatus()
                                                .getContainerStatuses()
                                                .get(0)
                                                .getRestartCount()
                                        == 1)
                        && ready("generator") == 1);
    }

    @Test
    void aSlowEngineSaysHowLongItTakesUntilItIsWellAgain() throws Exception {
        Engines.serve(client, "generator", "1", 1);
        HttpClient http = HttpClient.newHttpClient();
        String pod = names("generator").get(0);
        double well = latencyOfOne(http, pod);
        cluster.faults().slow("default", pod, 4);
        double slow = latencyOfOne(http, pod);
        cluster.faults().slow("default", pod, 1);
        double again = latencyOfOne(http, pod);

        assertThat(slow / well).isBetween(2.5, 4.5); // The front end's part does not slow down.
        assertThat(again / well).isBetween(0.7, 1.4);
    }

    /** What the engine adds to the sum of its latencies by one request, emulated seconds. */
    private double latencyOfOne(HttpClient http, String pod) throws Exception {
        double before = latencySum(http, pod);
        assertThat(http.send(chat(cluster.gatewayUrl(), 200), HttpResponse.BodyHandlers.ofString())
                        .statusCode())
                .isEqualTo(200);
        return latencySum(http, pod) - before;
    }

    private double latencySum(HttpClient http, String pod) {
        return metrics(http, pod)
                .lines()
                .filter(line -> line.startsWith("vllm:e2e_request_latency_seconds_sum"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    @Test
    void aNodeThatGoesDownTakesItsEnginesWithIt() {
        Engines.serve(client, "generator", "1", 4);
        cluster.faults().nodeDown("node-1");
        Engines.await("two left", () -> ready("generator") == 2);
        assertThat(client.nodes().withName("node-1").get().getStatus().getConditions())
                .singleElement()
                .satisfies(ready -> assertThat(ready.getStatus()).isEqualTo("Unknown"));

        cluster.faults().nodeUp("node-1");
        Engines.await("all back", () -> ready("generator") == 4);
    }

    @Test
    void anEngineWithAnUnknownArgumentCrashesInALoopAsVllmsParserEndsIt() {
        Deployment deployment = Engines.deployment("generator", "generator", "0.5", 1);
        deployment
                .getSpec()
                .getTemplate()
                .getSpec()
                .getContainers()
                .get(0)
                .getArgs()
                .addAll(List.of("--swap-space", "4"));
        client.resource(deployment).serverSideApply();
        Engines.await(
                "crash loop",
                () -> Engines.pods(client, "generator").stream()
                        .flatMap(pod -> pod.getStatus().getContainerStatuses().stream())
                        .anyMatch(status -> status.getLastState().getTerminated() != null
                                && status.getLastState().getTerminated().getExitCode() == 2
                                && status.getLastState()
                                        .getTerminated()
                                        .getMessage()
                                        .contains("vllm serve: error: unrecognized arguments: --swap-space 4")));
    }

    @Test
    void deletingADeploymentInTheForegroundTakesItsPodsFirst() {
        Engines.serve(client, "generator", "0.5", 2);

        client.apps()
                .deployments()
                .withName("generator")
                .withPropagationPolicy(DeletionPropagation.FOREGROUND)
                .withTimeout(20, TimeUnit.SECONDS)
                .delete();

        assertThat(client.apps().deployments().withName("generator").get()).isNull();
        assertThat(Engines.pods(client, "generator")).isEmpty();
        assertThat(cluster.gpuUsage())
                .allSatisfy(gpu -> assertThat(gpu.computeGiven()).isZero());
    }

    private static Deployment recreated(String fraction) {
        return new DeploymentBuilder(Engines.deployment("generator", "generator", fraction, 2))
                .editSpec()
                .withNewStrategy()
                .withType("Recreate")
                .endStrategy()
                .endSpec()
                .build();
    }

    private Deployment pinned(String name, String fraction, String memoryGiB) {
        return new DeploymentBuilder(Engines.deployment(name, "generator", fraction, 1))
                .editSpec()
                .editTemplate()
                .editMetadata()
                .addToAnnotations("scepsy.dev/gpus", "1")
                .addToAnnotations("scepsy.dev/memory-gib-per-gpu", memoryGiB)
                .endMetadata()
                .editSpec()
                .addToNodeSelector("kubernetes.io/hostname", "node-2")
                .endSpec()
                .endTemplate()
                .endSpec()
                .build();
    }

    /** How many requests the engine has taken: waiting, running and finished ones. */
    private int arrived(HttpClient http, String pod) {
        return (int) metrics(http, pod)
                .lines()
                .filter(line ->
                        line.matches("vllm:(num_requests_running|num_requests_waiting|request_success_total)\\{.*"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .sum();
    }

    private String metrics(HttpClient http, String pod) {
        String port =
                client.pods().withName(pod).get().getMetadata().getAnnotations().get("scepsy.dev/emulated-port");
        URI metrics = URI.create("http://127.0.0.1:" + port + "/metrics");
        return http.sendAsync(HttpRequest.newBuilder(metrics).build(), HttpResponse.BodyHandlers.ofString())
                .join()
                .body();
    }

    private static HttpRequest chat(String base) {
        return chat(base, 30);
    }

    private static HttpRequest chat(String base, int outputTokens) {
        return HttpRequest.newBuilder(URI.create(base + "/v1/chat/completions"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"model\":\"generator\",\"max_tokens\":" + outputTokens
                        + ",\"messages\":"
                        + "[{\"role\":\"user\",\"content\":\"tell me something\"}]}"))
                .build();
    }

    private Optional<DeploymentStatus> status(String name) {
        return Optional.ofNullable(client.apps().deployments().withName(name).get())
                .map(Deployment::getStatus);
    }

    private int ready(String name) {
        return status(name).map(DeploymentStatus::getReadyReplicas).orElse(0);
    }

    private List<String> names(String app) {
        return Engines.pods(client, app).stream()
                .map(pod -> pod.getMetadata().getName())
                .toList();
    }

    private static boolean disjoint(List<String> before, List<String> after) {
        return after.stream().noneMatch(before::contains);
    }

    private static Optional<PodCondition> condition(Pod pod, String type) {
        return pod.getStatus().getConditions().stream()
                .filter(condition -> condition.getType().equals(type))
                .findFirst();
    }
}
