package dev.scepsy.planner.serve.view;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.scepsy.planner.serve.journal.Documents;
import dev.scepsy.planner.serve.log.ServiceLog;
import java.net.Socket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The service's addresses over files. */
class FolderViewTest {

    private static final long BEGIN_MILLIS = 1_760_000_000_000L;

    @TempDir
    Path folder;

    private final HttpClient http = HttpClient.newHttpClient();
    private final List<String> told = new CopyOnWriteArrayList<>();

    private record Reply(int status, String body) {
        JsonNode json() {
            return Documents.parse(body);
        }
    }

    private FolderView open() throws Exception {
        FolderView view = FolderView.open(folder, 0, new ServiceLog(System.err, false, Instant::now), told::add);
        view.awaitTraces();
        return view;
    }

    private Reply send(FolderView view, String method, String path) throws Exception {
        HttpResponse<String> response = http.send(
                HttpRequest.newBuilder(
                                URI.create("http://127.0.0.1:" + view.address().getPort() + path))
                        .timeout(Duration.ofSeconds(20))
                        .header("Content-Type", "application/json")
                        .header("X-Scepsy-Request", "1")
                        .method(method, HttpRequest.BodyPublishers.ofString(method.equals("GET") ? "" : "{}"))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        return new Reply(response.statusCode(), response.body());
    }

    private void write(String name, String text) throws Exception {
        Files.writeString(folder.resolve(name), text);
    }

    private static String span(
            String trace, String id, String parent, String name, long from, long to, String... attributes) {
        List<String> pairs = new ArrayList<>();
        for (int i = 0; i < attributes.length; i += 2) {
            pairs.add("{\"key\":\"" + attributes[i] + "\",\"value\":{\"stringValue\":\"" + attributes[i + 1] + "\"}}");
        }
        return "{\"traceId\":\"" + trace + "\",\"spanId\":\"" + id + "\",\"parentSpanId\":\"" + parent
                + "\",\"name\":\""
                + name + "\",\"kind\":1,\"startTimeUnixNano\":\"" + (BEGIN_MILLIS + from)
                + "000000\",\"endTimeUnixNano\":\""
                + (BEGIN_MILLIS + to) + "000000\",\"attributes\":[" + String.join(",", pairs) + "]}";
    }

    /** Executions of ten seconds, of which the generator's call takes six; one ends every minute. */
    private void traces(int executions) throws Exception {
        StringBuilder lines = new StringBuilder();
        for (int i = 1; i <= executions; i++) {
            String trace = "%032x".formatted(i);
            long at = i * 60_000L;
            lines.append("{\"resourceSpans\":[{\"resource\":{},\"scopeSpans\":[{\"spans\":[")
                    .append(span(
                            trace,
                            "%016x".formatted(1),
                            "",
                            "research",
                            at,
                            at + 10_000,
                            "gen_ai.operation.name",
                            "invoke_workflow",
                            "gen_ai.workflow.name",
                            "research"))
                    .append(',')
                    .append(span(
                            trace,
                            "%016x".formatted(2),
                            "%016x".formatted(1),
                            "chat",
                            at + 1_000,
                            at + 7_000,
                            "gen_ai.operation.name",
                            "chat",
                            "gen_ai.request.model",
                            "generator"))
                    .append("]}]}]}\n");
        }
        write("traces.jsonl", lines.toString());
    }

    private static String research() {
        return "?workflow=" + URLEncoder.encode("research", StandardCharsets.UTF_8);
    }

    @Test
    void tracesAreEnough() throws Exception {
        traces(40);
        try (FolderView view = open()) {
            JsonNode statistics = send(view, "GET", "/api/v1/statistics").json();
            assertThat(statistics.path("workflows").path(0).path("executions").asInt())
                    .isEqualTo(40);
            assertThat(statistics.at("/workflows/0/models/0/executionShare").asDouble())
                    .isEqualTo(1.0);
            JsonNode last = send(view, "GET", "/api/v1/statistics?window=5m").json();
            assertThat(last.path("workflows").path(0).path("executions").asInt())
                    .isEqualTo(6);
            JsonNode curve = send(view, "GET", "/api/v1/shares" + research()).json();
            assertThat(curve.path("executions").asInt()).isEqualTo(40);
            assertThat(curve.path("points")
                            .path(0)
                            .path("pathShares")
                            .path("other")
                            .asDouble())
                    .isEqualTo(0.4);
            JsonNode listed = send(view, "GET", "/api/v1/executions" + research() + "&limit=3")
                    .json();
            assertThat(listed.path("executions")).hasSize(3);
            String newest = listed.path("executions").path(0).path("id").asText();
            assertThat(newest).isEqualTo("%032x-%016x".formatted(40, 1));
            assertThat(send(view, "GET", "/api/v1/executions/" + newest).json().path("spans"))
                    .hasSize(2);
            JsonNode older = send(view, "GET", "/api/v1/executions" + research() + "&before=" + newest)
                    .json();
            assertThat(older.path("executions").path(0).path("id").asText()).isEqualTo("%032x-%016x".formatted(39, 1));
            assertThat(told)
                    .anyMatch(line -> line.startsWith("Reading one file of traces"))
                    .contains("Read 80 spans.");
        }
    }

    @Test
    void whatIsMissingIsSaidByItsName() throws Exception {
        write("workflows.json", """
                {"workflows": [{"name": "rag", "targetPerSecond": 1, "models": [{"model": "m", "callsPerExecution": 1}]}]}
                """);
        try (FolderView view = open()) {
            assertThat(send(view, "GET", "/api/v1/statistics").status()).isEqualTo(200);
            for (String[] missing : new String[][] {
                {"/api/v1/cluster", "cluster.yaml"},
                {"/api/v1/models", "models.yaml"},
                {"/api/v1/plans", "plan.json"},
                {"/api/v1/proposals", "proposals.json"},
                {"/api/v1/shares?workflow=rag", "traces (*.jsonl, *.jsonl.gz)"},
                {"/api/v1/executions?workflow=rag", "traces (*.jsonl, *.jsonl.gz)"}
            }) {
                Reply reply = send(view, "GET", missing[0]);
                assertThat(reply.status()).as(missing[0]).isEqualTo(404);
                assertThat(reply.json().path("detail").asText()).isEqualTo("not in this folder: " + missing[1]);
            }
            assertThat(send(view, "GET", "/api/v1/events").status()).isEqualTo(404);
        }
    }

    @Test
    void aPlanAndAClusterAreShownAsPlannedOnly() throws Exception {
        write("cluster.yaml", """
                racks:
                  - name: rack-1
                    nodes:
                      - {name: node-1, gpu: H100-SXM-80GB, gpus: 8}
                """);
        write("models.yaml", """
                models:
                  - {name: generator, architecture: Qwen3-32B}
                """);
        write("plan.json", """
                {"objectiveSeconds": 4.2, "lowerBoundSeconds": 4.2, "optimalityGap": 0.0,
                 "allocations": [{"model": "generator", "gpu": "H100-SXM-80GB", "gpuFraction": 1.0, "tensorParallel": 2, "replicas": 1, "memoryGiBPerGpu": 60.0}],
                 "placements": [{"model": "generator", "replica": 0, "node": "node-1", "gpus": [0, 1]}],
                 "predictions": [{"workflow": "rag", "targetPerSecond": 2.0, "latencySeconds": 4.2, "maxThroughputPerSecond": 2.8, "bottleneck": "generator"}],
                 "gpusUsed": 2.0, "largestFreeGroup": 6}
                """);
        try (FolderView view = open()) {
            JsonNode cluster = send(view, "GET", "/api/v1/cluster").json();
            assertThat(cluster.path("planOnly").asBoolean()).isTrue();
            assertThat(cluster.path("nodes").path(0).path("name").asText()).isEqualTo("node-1");
            assertThat(cluster.path("engines")).isEmpty();
            assertThat(cluster.path("loop").path("mode").asText()).isEqualTo("files");
            JsonNode plan =
                    send(view, "GET", "/api/v1/plans").json().path("plans").path(0);
            assertThat(plan.path("kind").asText()).isEqualTo("found");
            assertThat(plan.at("/plan/placements/0/node").asText()).isEqualTo("node-1");
            JsonNode models = send(view, "GET", "/api/v1/models").json();
            assertThat(models.at("/models/0/replicas").asInt()).isEqualTo(1);
        }
    }

    @Test
    void nothingCanBeChangedAndNobodyElseCanLook() throws Exception {
        traces(1);
        try (FolderView view = open()) {
            assertThat(view.address().getAddress().isLoopbackAddress()).isTrue();
            for (String[] change : new String[][] {
                {"POST", "/api/v1/proposals"},
                {"POST", "/api/v1/proposals/p-1/approve"},
                {"POST", "/api/v1/rollback"},
                {"PUT", "/api/v1/pins/generator"},
                {"DELETE", "/api/v1/freeze"},
                {"POST", "/api/v1/session"}
            }) {
                assertThat(send(view, change[0], change[1]).status())
                        .as(change[1])
                        .isEqualTo(405);
            }
            JsonNode who = send(view, "GET", "/api/v1/session").json();
            assertThat(who.path("role").asText()).isEqualTo("viewer");
            assertThat(who.path("readOnly").asBoolean()).isTrue();
            // a name that leads here by a foreign DNS answer
            try (Socket socket =
                    new Socket(view.address().getAddress(), view.address().getPort())) {
                socket.setSoTimeout(20_000);
                socket.getOutputStream()
                        .write("GET /api/v1/statistics HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
                                .getBytes(StandardCharsets.UTF_8));
                assertThat(new String(socket.getInputStream().readNBytes(12), StandardCharsets.UTF_8))
                        .isEqualTo("HTTP/1.1 421");
            }
        }
    }
}
