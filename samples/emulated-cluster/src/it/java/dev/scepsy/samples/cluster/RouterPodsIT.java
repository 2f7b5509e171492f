package dev.scepsy.samples.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.scepsy.samples.cluster.process.HaproxyBinary;
import io.fabric8.kubernetes.api.model.ContainerStateWaiting;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Router pods: real haproxy processes in front of emulated engines, found by the cluster's DNS. */
class RouterPodsIT {
    private final HttpClient http = HttpClient.newHttpClient();
    private EmulatedCluster cluster;
    private KubernetesClient client;

    @BeforeEach
    void start() {
        HaproxyBinary haproxy = HaproxyBinary.find(System.getenv());
        assumeTrue(haproxy.path().isPresent(), "NOT RUN: " + haproxy.whyNot());
        cluster = TestClusters.start(TestClusters.config().dnsTtlSeconds(1));
        client = Engines.client(cluster);
    }

    @AfterEach
    void stop() {
        if (cluster != null) {
            client.close();
            cluster.close();
        }
    }

    @Test
    void requestsOfOneConnectionAreSpreadOverAllEngines() throws Exception {
        Engines.serve(client, "generator", "0.5", 3);
        Routers.deploy(client, 2, Routers.CONFIGURATION);
        Engines.await("routers ready", () -> Routers.ready(client) == 2);
        assertThat(Routers.pods(client))
                .extracting(pod -> pod.getSpec().getNodeName())
                .doesNotHaveDuplicates();
        assertThat(Routers.pods(client))
                .extracting(pod -> pod.getStatus().getPodIP())
                .doesNotHaveDuplicates();
        String through = "http://127.0.0.1:" + servicePort();
        Engines.await(
                "all engines found", () -> engineCount(Routers.pods(client).get(0)) == 3);

        // one after the other: the client keeps one connection
        Engines.await("routed", () -> isAnswered(through));
        for (int i = 0; i < 29; i++) {
            assertThat(ask(through).statusCode()).isEqualTo(200);
        }

        assertThat(answered()).allSatisfy(count -> assertThat(count).isBetween(9, 11));
        assertThat(client.pods()
                        .withName(Routers.pods(client).get(0).getMetadata().getName())
                        .getLog())
                .contains("Loading success");
    }

    /** Until the Service has the router among its endpoints, it resets connections. */
    private boolean isAnswered(String url) {
        try {
            return ask(url).statusCode() == 200;
        } catch (CompletionException notYet) {
            return false;
        }
    }

    @Test
    void whenAnEngineIsKilledWhatHasNoFirstTokenIsTriedAgainAndAStreamEndsInSight() throws Exception {
        Engines.serve(client, "generator", "0.5", 3);
        Routers.deploy(client, 1, Routers.CONFIGURATION);
        Engines.await("router ready", () -> Routers.ready(client) == 1);
        Pod router = Routers.pods(client).get(0);
        Engines.await("all engines found", () -> engineCount(router) == 3);

        Pod killed = Engines.pods(client, "generator").get(0);

        // one on each engine: it is the one with the fewest connections
        List<CompletableFuture<HttpResponse<String>>> streams = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            streams.add(
                    http.sendAsync(chat(Routers.baseUrl(router), 6000, true), HttpResponse.BodyHandlers.ofString()));
        }
        Engines.await("a stream inside", () -> sum(killed, "vllm:num_requests_running") == 1);
        List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            answers.add(http.sendAsync(chat(Routers.baseUrl(router), 6000), HttpResponse.BodyHandlers.ofString()));
        }
        Engines.await("requests inside", () -> running() == 9);
        client.pods()
                .withName(killed.getMetadata().getName())
                .withGracePeriod(0)
                .delete();

        for (CompletableFuture<HttpResponse<String>> answer : answers) {
            assertThat(answer.get(30, TimeUnit.SECONDS).statusCode())
                    .as(() -> client.pods()
                            .withName(router.getMetadata().getName())
                            .getLog())
                    .isEqualTo(200);
        }
        // a stream that had begun is not begun again: its client sees that it broke
        long whole = streams.stream()
                .filter(stream -> stream.handle((response, broken) ->
                                broken == null && response.body().contains("data: [DONE]"))
                        .join())
                .count();
        assertThat(whole).isEqualTo(2);
    }

    @Test
    void aRouterThatLeavesFinishesWhatItHas() throws Exception {
        Engines.serve(client, "generator", "0.5", 1);
        Routers.deploy(client, 1, Routers.CONFIGURATION);
        Engines.await("router ready", () -> Routers.ready(client) == 1);
        Pod router = Routers.pods(client).get(0);
        Engines.await("engine found", () -> engineCount(router) == 1);
        CompletableFuture<HttpResponse<String>> answer =
                http.sendAsync(chat(Routers.baseUrl(router), 1500), HttpResponse.BodyHandlers.ofString());
        Engines.await("request inside", () -> running() == 1);

        client.apps().deployments().withName("router").delete();

        assertThat(answer.get(30, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
        Engines.await("gone", () -> Routers.pods(client).isEmpty());
        assertThat(Routers.processes(router)).isEmpty();
    }

    @Test
    void aKilledProcessIsStartedAgainAndNoneOutlivesTheCluster() {
        Routers.deploy(client, 2, Routers.CONFIGURATION);
        Engines.await("routers ready", () -> Routers.ready(client) == 2);
        List<Pod> routers = Routers.pods(client);
        Pod first = routers.get(0);
        assertThat(Routers.processes(first)).isNotEmpty();

        cluster.faults().crash("default", first.getMetadata().getName());
        Engines.await("restarted", () -> restarts(first) == 1 && Routers.ready(client) == 2);
        assertThat(containerStatus(first)
                        .orElseThrow()
                        .getLastState()
                        .getTerminated()
                        .getExitCode())
                .isEqualTo(137);

        client.close();
        cluster.close();
        cluster = null;
        assertThat(routers)
                .allSatisfy(router -> assertThat(Routers.processes(router)).isEmpty());
    }

    @Test
    void aConfigurationThatHaproxyRefusesIsALoopWithItsAlertInTheLog() {
        Routers.deploy(client, 1, Routers.CONFIGURATION.replace("balance leastconn", "balanse leastconn"));

        Engines.await(
                "crash loop",
                () -> waiting()
                        .filter(each -> each.getReason().equals("CrashLoopBackOff")
                                && each.getMessage().contains("balanse"))
                        .isPresent());
        assertThat(client.pods()
                        .withName(Routers.pods(client).get(0).getMetadata().getName())
                        .getLog())
                .contains("ALERT");
    }

    @Test
    void aRouterWaitsForItsConfiguration() {
        client.resource(Routers.deployment(1)).serverSideApply();
        Engines.await(
                "refused",
                () -> client.v1().events().list().getItems().stream()
                        .anyMatch(event -> event.getReason().equals("FailedMount")
                                && event.getMessage().contains("configmap \"router\" not found")));
        client.resource(Routers.configuration(Routers.CONFIGURATION)).serverSideApply();
        Engines.await("ready", () -> Routers.ready(client) == 1);
    }

    private int servicePort() {
        Engines.await("a port", () -> {
            var annotations =
                    client.services().withName("router").get().getMetadata().getAnnotations();
            return annotations != null && annotations.containsKey("scepsy.dev/emulated-port");
        });
        return Integer.parseInt(client.services()
                .withName("router")
                .get()
                .getMetadata()
                .getAnnotations()
                .get("scepsy.dev/emulated-port"));
    }

    private HttpResponse<String> ask(String root) {
        return http.sendAsync(chat(root + "/v1", 5), HttpResponse.BodyHandlers.ofString())
                .orTimeout(20, TimeUnit.SECONDS)
                .join();
    }

    private static HttpRequest chat(String baseUrl, int tokens) {
        return chat(baseUrl, tokens, false);
    }

    private static HttpRequest chat(String baseUrl, int tokens, boolean streamed) {
        return HttpRequest.newBuilder(URI.create(baseUrl + "/chat/completions"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(
                        "{\"model\":\"generator\",\"ignore_eos\":true,\"stream\":" + streamed
                                + ",\"max_tokens\":" + tokens
                                + ",\"messages\":[{\"role\":\"user\",\"content\":\"tell me something\"}]}"))
                .build();
    }

    /** Engines that a router would send a request to. */
    private int engineCount(Pod router) {
        URI statistics = URI.create("http://" + router.getStatus().getPodIP() + ":8404/stats;csv");
        return (int) http.sendAsync(HttpRequest.newBuilder(statistics).build(), HttpResponse.BodyHandlers.ofLines())
                .join()
                .body()
                .map(line -> line.split(",", -1))
                .filter(row -> row.length > 17
                        && row[0].equals("generator")
                        && row[1].startsWith("engine")
                        && row[17].startsWith("UP"))
                .count();
    }

    private List<Integer> answered() {
        return Engines.pods(client, "generator").stream()
                .map(pod -> (int) sum(pod, "vllm:request_success_total"))
                .toList();
    }

    private int running() {
        return Engines.pods(client, "generator").stream()
                .mapToInt(pod -> (int) (sum(pod, "vllm:num_requests_running") + sum(pod, "vllm:num_requests_waiting")))
                .sum();
    }

    private double sum(Pod pod, String metric) {
        URI metrics = URI.create(
                "http://127.0.0.1:" + pod.getMetadata().getAnnotations().get("scepsy.dev/emulated-port") + "/metrics");
        String text = http.sendAsync(HttpRequest.newBuilder(metrics).build(), HttpResponse.BodyHandlers.ofString())
                .join()
                .body();
        return text.lines()
                .filter(line -> line.startsWith(metric + "{"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .sum();
    }

    private Optional<ContainerStatus> containerStatus(Pod pod) {
        return client.pods().withName(pod.getMetadata().getName()).get().getStatus().getContainerStatuses().stream()
                .findFirst();
    }

    private int restarts(Pod pod) {
        return containerStatus(pod).map(ContainerStatus::getRestartCount).orElse(0);
    }

    private Optional<ContainerStateWaiting> waiting() {
        return Routers.pods(client).stream()
                .flatMap(pod -> pod.getStatus().getContainerStatuses().stream())
                .map(status -> status.getState().getWaiting())
                .filter(Objects::nonNull)
                .findFirst();
    }
}
