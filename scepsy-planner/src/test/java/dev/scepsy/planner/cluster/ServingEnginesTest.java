package dev.scepsy.planner.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What reading the engines' metrics asks of an API server. */
class ServingEnginesTest {

    private static final String POD = """
            {"metadata": {"name": "%s", "labels": {"scepsy.dev/engine": "%s", "scepsy.dev/serving": "true"}},
             "spec": {"nodeName": "node-1", "containers": [{"name": "engine", "ports": [{"name": "http", "containerPort": 8123}]}]},
             "status": {"conditions": [{"type": "Ready", "status": "%s"}]}}""";

    private static final String DEPLOYMENTS = """
            {"kind": "DeploymentList", "apiVersion": "apps/v1", "metadata": {}, "items": [
              {"metadata": {"name": "critic-1", "annotations": {"scepsy.dev/model-name": "org/critic", "scepsy.dev/node": "node-1",
                "scepsy.dev/gpu-fraction-exact": "1/2", "scepsy.dev/tensor-parallel": "1", "scepsy.dev/memory-gib-per-gpu": "20.0",
                "scepsy.dev/revision": "abc"}}, "spec": {}},
              {"metadata": {"name": "other"}, "spec": {}}]}""";

    private final Set<String> asked = ConcurrentHashMap.newKeySet();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private HttpServer server;
    private volatile byte[] metrics = "vllm:num_requests_running 1\n".getBytes(StandardCharsets.UTF_8);
    private volatile int status = 200;

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
        asked.add(path);
        boolean list = path.endsWith("/pods") || path.endsWith("/deployments");
        byte[] body = path.endsWith("/pods")
                ? pods().getBytes(StandardCharsets.UTF_8)
                : path.endsWith("/deployments") ? DEPLOYMENTS.getBytes(StandardCharsets.UTF_8) : metrics;
        exchange.getResponseHeaders().add("Content-Type", list ? "application/json" : "text/plain");
        exchange.sendResponseHeaders(list ? 200 : status, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private static String pods() {
        return "{\"kind\":\"PodList\",\"apiVersion\":\"v1\",\"metadata\":{},\"items\":["
                + String.join(
                        ",",
                        POD.formatted("b", "critic-1", "True"),
                        POD.formatted("a", "critic-1", "True"),
                        POD.formatted("not-ready", "critic-1", "False"),
                        POD.formatted("somebody-elses", "other", "True"))
                + "]}";
    }

    private ClusterClient client() {
        return ClusterClient.of(
                ClusterAccess.server(
                        URI.create("http://127.0.0.1:" + server.getAddress().getPort())),
                "models");
    }

    @Test
    void readyAndRoutedEnginesOfTheNamespaceAreListedWithTheirModelsNames() throws Exception {
        try (ClusterClient client = client()) {
            assertThat(client.servingEngines())
                    .containsExactly(
                            new ServingEngine("org/critic", "critic-1", "a", "node-1", 8123),
                            new ServingEngine("org/critic", "critic-1", "b", "node-1", 8123));
            assertThat(asked)
                    .containsExactlyInAnyOrder(
                            "/api/v1/namespaces/models/pods", "/apis/apps/v1/namespaces/models/deployments");
        }
    }

    @Test
    void metricsComeThroughTheApiServersProxyAndAreBounded() throws Exception {
        ServingEngine engine = new ServingEngine("org/critic", "critic-1", "a", "node-1", 8123);
        try (ClusterClient client = client()) {
            assertThat(client.metrics(engine, "/metrics")).isEqualTo("vllm:num_requests_running 1\n");
            assertThat(asked).containsExactly("/api/v1/namespaces/models/pods/a:8123/proxy/metrics");
            status = 404;
            assertThat(client.metrics(engine, "/metrics")).isEmpty();
            status = 403;
            assertThatThrownBy(() -> client.metrics(engine, "/metrics"))
                    .isInstanceOf(ClusterUnreachableException.class)
                    .hasMessageContaining("refused");
            status = 200;
            metrics = new byte[AnswerLimit.MOST_PROXIED_BYTES + 1];
            assertThatThrownBy(() -> client.metrics(engine, "/metrics"))
                    .isInstanceOf(ClusterUnreachableException.class)
                    .hasMessageContaining("longer than 16 MiB");
        }
    }
}
