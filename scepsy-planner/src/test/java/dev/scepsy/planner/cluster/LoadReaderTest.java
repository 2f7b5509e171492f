package dev.scepsy.planner.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.scepsy.planner.cluster.ReplicaLoads.Uneven;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What reading loads asks of an API server, and of how many engines. */
class LoadReaderTest {

    private static final String STARTED = "2026-11-30T10:00:00Z";
    private static final InstantSource NOW = InstantSource.fixed(Instant.parse("2026-11-30T12:00:00Z"));

    private final Map<String, String> models = new TreeMap<>();
    private final List<String> pods = new ArrayList<>();
    private final List<String> routers = new ArrayList<>();
    private final Map<String, String> metrics = new ConcurrentHashMap<>();
    private final Set<String> asked = ConcurrentHashMap.newKeySet();
    private final AtomicInteger lists = new AtomicInteger();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
        threads.shutdownNow();
    }

    private void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        String body;
        if (path.endsWith("/pods")) {
            lists.incrementAndGet();
            List<String> found = exchange.getRequestURI().getQuery().contains("role") ? routers : pods;
            body = "{\"kind\":\"PodList\",\"apiVersion\":\"v1\",\"metadata\":{},\"items\":[" + String.join(",", found)
                    + "]}";
        } else {
            String pod = path.replaceAll(".*/pods/([^:]+):8123/proxy/.*", "$1");
            asked.add(pod);
            body = path.endsWith("/proxy/metrics") ? metrics.getOrDefault(pod, "") : "";
        }
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("Content-Type", path.endsWith("/pods") ? "application/json" : "text/plain");
        exchange.sendResponseHeaders(body.isEmpty() ? 404 : 200, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    private void engine(String model, int number, boolean ready, int inside, int finished) {
        String deployment = model + "-" + number;
        models.put(deployment, model);
        String pod = deployment + "-x";
        metrics.put(
                pod,
                "vllm:num_requests_running{engine=\"0\"} " + inside + "\nvllm:request_success_total{engine=\"0\"} "
                        + finished + "\n");
        pods.add("""
                {"metadata": {"name": "%s", "labels": {"scepsy.dev/engine": "%s", "scepsy.dev/serving": "true"}},
                 "spec": {"containers": [{"name": "engine", "ports": [{"name": "http", "containerPort": 8123}]}]},
                 "status": {"conditions": [{"type": "Ready", "status": "%s"}],
                   "containerStatuses": [{"name": "engine", "state": {"running": {"startedAt": "%s"}}}]}}""".formatted(pod, deployment, ready ? "True" : "False", STARTED));
    }

    private List<ReplicaLoads> read() {
        ServerWarnings warnings = new ServerWarnings();
        try (KubernetesClient client = ClusterAccess.server(
                        URI.create("http://127.0.0.1:" + server.getAddress().getPort()))
                .open(warnings)) {
            return new LoadReader(new KubernetesCluster(client, "models", warnings), NOW).read(models);
        }
    }

    @Test
    void readyReplicasOfOneModelAreCompared() {
        engine("critic", 0, true, 0, 900);
        engine("critic", 1, true, 1, 3);
        engine("critic", 2, true, 0, 40);
        engine("critic", 3, false, 50, 50);
        engine("planner", 0, true, 50, 50);

        List<ReplicaLoads> loads = read();

        assertThat(loads).hasSize(1);
        assertThat(loads.get(0).model()).isEqualTo("critic");
        assertThat(loads.get(0).replicas()).isEqualTo(3);
        assertThat(loads.get(0).notMeasured()).isEmpty();
        assertThat(loads.get(0).uneven()).isEqualTo(Uneven.FINISHED);
        assertThat(asked).hasSize(3);
    }

    @Test
    void behindARouterWhatWasFinishedBeforeItProvesNothing() {
        engine("critic", 0, true, 0, 900);
        engine("critic", 1, true, 1, 3);
        routers.add("{\"metadata\": {\"name\": \"scepsy-router-x\"}, \"spec\": {\"containers\": []}, \"status\": {}}");

        ReplicaLoads loads = read().get(0);

        assertThat(loads.routed()).isTrue();
        assertThat(loads.uneven()).isEqualTo(Uneven.NO);
    }

    @Test
    void enginesWithoutMetricsAreNamed() {
        engine("critic", 0, true, 5, 5);
        engine("critic", 1, true, 5, 5);
        metrics.clear();

        ReplicaLoads loads = read().get(0);

        assertThat(loads.engines()).isEmpty();
        assertThat(loads.notMeasured())
                .hasValueSatisfying(
                        why -> assertThat(why).contains("pod critic-", "have no count of requests under a known name"));
    }

    @Test
    void ofManyEnginesOnlySomeAreAsked() {
        for (int model = 0; model < 12; model++) {
            for (int i = 0; i < 100; i++) {
                engine("m" + model, i, true, i == 0 ? 100 : 0, i == 0 ? 1000 : 10);
            }
        }

        List<ReplicaLoads> loads = read();

        assertThat(lists.get()).isEqualTo(2);
        assertThat(asked).hasSizeBetween(100, LoadReader.MOST_ENGINES);
        assertThat(loads).hasSize(12).allSatisfy(model -> {
            assertThat(model.replicas()).isEqualTo(100);
            assertThat(model.engines()).hasSize(LoadReader.MOST_ENGINES / 12);
            assertThat(model.uneven()).isEqualTo(Uneven.IN_PROGRESS);
        });
    }

    @Test
    void nothingIsAskedWhereNoModelHasTwoReplicas() {
        engine("critic", 0, true, 5, 5);
        engine("planner", 0, true, 5, 5);

        assertThat(read()).isEmpty();
        assertThat(asked).isEmpty();
        assertThat(lists.get()).isEqualTo(1);
    }
}
