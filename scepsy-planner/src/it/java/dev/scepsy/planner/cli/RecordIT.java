package dev.scepsy.planner.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Scope;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.exporter.otlp.trace.OtlpGrpcSpanExporter;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code scepsy record} as its users start it, with the exporters of OpenTelemetry's Java SDK at its doors. */
class RecordIT {

    private static final Path JAR = Path.of("target/scepsy-cli.jar").toAbsolutePath();
    private static final int SECONDS = 60;
    private static final int EXECUTIONS = 30;

    @TempDir
    Path folder;

    private final List<Process> started = new ArrayList<>();

    @AfterEach
    void end() {
        started.forEach(Process::destroyForcibly);
    }

    @Test
    void whatTheSdkSendsByGrpcAndHttpIsInTheFileAtSigtermAndShares() throws Exception {
        ConcurrentLinkedQueue<String> onward = new ConcurrentLinkedQueue<>();
        HttpServer jaeger = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        jaeger.createContext("/", exchange -> {
            exchange.getRequestBody().readAllBytes();
            onward.add(exchange.getRequestURI().getPath());
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        jaeger.start();
        String forward = "http://127.0.0.1:" + jaeger.getAddress().getPort();
        Process record = record("--out", "traces.jsonl", "--json", "--forward", forward);
        List<Integer> ports = ports();
        String grpc = "http://127.0.0.1:" + ports.get(0);
        String http = "http://127.0.0.1:" + ports.get(1);

        run(OtlpGrpcSpanExporter.builder().setEndpoint(grpc).build());
        run(OtlpGrpcSpanExporter.builder()
                .setEndpoint(grpc)
                .setCompression("gzip")
                .build());
        run(OtlpHttpSpanExporter.builder().setEndpoint(http + "/v1/traces").build());
        run(OtlpHttpSpanExporter.builder()
                .setEndpoint(http + "/v1/traces")
                .setCompression("gzip")
                .build());
        assertThat(post(http + "/v1/metrics", "application/json", "{\"resourceMetrics\":[]}"))
                .isEqualTo(200);
        assertThat(post(http + "/v1/traces", "application/json", "garbage")).isEqualTo(400);
        record.destroy();
        assertThat(record.waitFor(SECONDS, TimeUnit.SECONDS)).isTrue();
        jaeger.stop(0);

        assertThat(record.exitValue()).isEqualTo(143);
        int executions = 4 * EXECUTIONS;
        JsonNode said = new ObjectMapper().readTree(Files.readString(folder.resolve("stdout")));
        assertThat(said.get("spans").asInt()).isEqualTo(2 * executions);
        assertThat(said.get("modelCalls").asInt()).isEqualTo(executions);
        assertThat(said.get("services").get(0).get("name").asText()).isEqualTo("shop");
        assertThat(said.get("requests").get("metrics").asInt()).isEqualTo(1);
        assertThat(said.get("requests").get("refused").asInt()).isEqualTo(1);
        assertThat(said.get("forwarded").get(0).get("dropped").asInt()).isZero();
        assertThat(onward)
                .hasSize(said.get("requests").get("traces").asInt() + 1)
                .contains("/v1/traces", "/v1/metrics");
        assertThat(err()).containsOnlyOnce("was refused");
        PackagedCli.Run shares = new PackagedCli(folder).run(List.of("shares", "traces.jsonl", "--strict"));
        assertThat(shares.exitCode()).isZero();
        JsonNode workflow = new ObjectMapper()
                .readTree(Files.readString(folder.resolve("workflows.json")))
                .get("workflows")
                .get(0);
        assertThat(workflow.get("executions").asInt()).isEqualTo(executions);
        assertThat(workflow.get("models").get(0).get("callsPerExecution").asDouble())
                .isEqualTo(1);
    }

    @Test
    void whatWasAcknowledgedBeforeAKillIsWholeAndTheFileIsContinued() throws Exception {
        Process record = record("--out", "traces.jsonl");
        int port = ports().get(1);
        int acknowledged = 0;
        for (int i = 0; i < 50; i++) {
            acknowledged += post("http://127.0.0.1:" + port + "/v1/traces", "application/json", span(i)) == 200 ? 1 : 0;
        }
        record.destroyForcibly();
        assertThat(record.waitFor(SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(acknowledged).isEqualTo(50);
        assertThat(Files.readString(folder.resolve("traces.jsonl"))).endsWith("\n");
        assertThat(Files.readAllLines(folder.resolve("traces.jsonl"))).hasSize(50);

        Process again = record("--out", "traces.jsonl", "--spans", "1");
        assertThat(post("http://127.0.0.1:" + ports().get(0) + "/v1/traces", "application/json", span(50)))
                .isEqualTo(200);
        assertThat(again.waitFor(SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(again.exitValue()).isZero();
        assertThat(Files.readAllLines(folder.resolve("traces.jsonl"))).hasSize(51);
    }

    @Test
    void badServersToForwardToCostNothingRecordedAndNoEndlessEnd() throws Exception {
        try (BadServer silent = new BadServer(BadServer.SCRIPTS.get("silent"));
                BadServer endless = new BadServer(BadServer.SCRIPTS.get("drips without end"));
                BadServer login = new BadServer(BadServer.SCRIPTS.get("login page"))) {
            Process record = record(
                    "--out",
                    "traces.jsonl",
                    "--forward",
                    silent.url(),
                    "--forward",
                    endless.url(),
                    "--forward",
                    login.url());
            String traces = "http://127.0.0.1:" + ports().get(1) + "/v1/traces";
            for (int i = 0; i < 40; i++) {
                assertThat(post(traces, "application/json", span(i))).isEqualTo(200);
            }
            record.destroy();
            // the limit of its own is 20 s
            assertThat(record.waitFor(SECONDS, TimeUnit.SECONDS)).isTrue();

            assertThat(record.exitValue()).isEqualTo(143);
            assertThat(Files.readAllLines(folder.resolve("traces.jsonl"))).hasSize(40);
            assertThat(Files.readString(folder.resolve("stdout")))
                    .contains("Forwarded to " + silent.url() + ": 0 requests, 40 dropped")
                    .contains("Forwarded to " + endless.url() + ": 0 requests, 40 dropped")
                    .contains("Forwarded to " + login.url() + ": 0 requests, 40 dropped");
            assertThat(err())
                    .containsOnlyOnce("Not forwarded: " + silent.url())
                    .containsOnlyOnce("Not forwarded: " + endless.url())
                    .containsOnlyOnce("Not forwarded: " + login.url())
                    .contains("a web page")
                    .doesNotContain("\tat ", "Exception");
        }
    }

    /** A limit on the size of files stands for a disk that is full: both fail the write midway. */
    @Test
    void aDiskThatIsFullPutsSendersOffKeepsWhatIsWholeAndIsSaidOnce() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/bin/sh")), "NOT RUN: no /bin/sh to set a limit with");
        Process record = start(List.of("/bin/sh", "-c", "ulimit -f 64; exec \"$@\"", "sh"), "--out", "traces.jsonl");
        String traces = "http://127.0.0.1:" + ports().get(1) + "/v1/traces";
        int acknowledged = 0;
        int putOff = 0;
        for (int i = 0; putOff < 20 && i < 5_000; i++) {
            int status = post(traces, "application/json", span(i));
            acknowledged += status == 200 ? 1 : 0;
            putOff += status == 503 ? 1 : 0;
        }
        record.destroy();
        assertThat(record.waitFor(SECONDS, TimeUnit.SECONDS)).isTrue();

        assertThat(putOff).isEqualTo(20);
        assertThat(acknowledged).isPositive();
        assertThat(record.exitValue()).isEqualTo(143);
        assertThat(Files.readString(folder.resolve("traces.jsonl"))).endsWith("\n");
        assertThat(Files.readAllLines(folder.resolve("traces.jsonl"))).hasSize(acknowledged);
        assertThat(err()).containsOnlyOnce("Senders are asked to come again").containsOnlyOnce("was put off");
        assertThat(Files.readString(folder.resolve("stdout"))).contains(acknowledged + " spans", "20 put off");
    }

    @Test
    void aPortInUseIsOneSentenceThatNamesForwardAndLeavesNoFile() throws Exception {
        try (ServerSocket jaeger = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            PackagedCli.Run run = new PackagedCli(folder)
                    .run(List.of(
                            "record",
                            "--out",
                            "t.jsonl",
                            "--http",
                            "off",
                            "--grpc",
                            "127.0.0.1:" + jaeger.getLocalPort()));

            assertThat(run.exitCode()).isEqualTo(2);
            assertThat(run.err()).contains("127.0.0.1:" + jaeger.getLocalPort(), "--forward");
            assertThat(run.err().lines()).hasSize(2);
            assertThat(folder.resolve("t.jsonl")).doesNotExist();
        }
    }

    @Test
    void nothingReceivedInTheTimeGivenIsSaidWithWhatToSet() throws Exception {
        Process record = record("--out", "traces.jsonl", "--for", "1s");
        assertThat(record.waitFor(SECONDS, TimeUnit.SECONDS)).isTrue();

        assertThat(record.exitValue()).isEqualTo(2);
        assertThat(err()).contains("No span was received", "OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:");
        assertThat(folder.resolve("traces.jsonl")).doesNotExist();
    }

    private Process record(String... arguments) throws IOException {
        return start(List.of(), arguments);
    }

    /** Started by what stands before. */
    private Process start(List<String> before, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(before);
        command.addAll(List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-XX:TieredStopAtLevel=1",
                "-jar",
                JAR.toString(),
                "record",
                "--grpc",
                "127.0.0.1:0",
                "--http",
                "127.0.0.1:0"));
        command.addAll(List.of(arguments));
        Files.deleteIfExists(folder.resolve("stderr"));
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectOutput(folder.resolve("stdout").toFile())
                .redirectError(folder.resolve("stderr").toFile())
                .start();
        started.add(process);
        return process;
    }

    private String err() throws IOException {
        return Files.readString(folder.resolve("stderr"));
    }

    /** Of gRPC and HTTP, once they are open. */
    private List<Integer> ports() throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        while (!err().contains("writing traces.jsonl")) {
            assertThat(System.nanoTime()).as(err()).isLessThan(deadline);
            Thread.onSpinWait();
        }
        return java.util.regex.Pattern.compile("127\\.0\\.0\\.1:(\\d+)")
                .matcher(err())
                .results()
                .map(match -> Integer.valueOf(match.group(1)))
                .toList();
    }

    /** Thirty executions of one call each, all sent when this returns. */
    private static void run(SpanExporter exporter) {
        try (SdkTracerProvider provider = SdkTracerProvider.builder()
                .setResource(Resource.create(Attributes.of(AttributeKey.stringKey("service.name"), "shop")))
                .addSpanProcessor(BatchSpanProcessor.builder(exporter).build())
                .build()) {
            Tracer tracer = provider.get("test");
            for (int i = 0; i < EXECUTIONS; i++) {
                Span root = tracer.spanBuilder("answer")
                        .setAttribute("gen_ai.operation.name", "invoke_workflow")
                        .setAttribute("gen_ai.workflow.name", "answer")
                        .startSpan();
                try (Scope scope = root.makeCurrent()) {
                    tracer.spanBuilder("chat small")
                            .setSpanKind(SpanKind.CLIENT)
                            .setAttribute("gen_ai.operation.name", "chat")
                            .setAttribute("gen_ai.request.model", "small")
                            .startSpan()
                            .end();
                }
                root.end();
            }
            provider.shutdown().join(SECONDS, TimeUnit.SECONDS);
        }
    }

    private static String span(int number) {
        return String.format(
                "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"traceId\":\"5b8efff798038103d269b633813fc60c\","
                        + "\"spanId\":\"%016x\",\"name\":\"x\"}]}]}]}",
                number + 1);
    }

    private static int post(String url, String type, String body) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url))
                .header("Content-Type", type)
                .POST(HttpRequest.BodyPublishers.ofString(body, UTF_8))
                .build();
        return HttpClient.newHttpClient()
                .send(request, HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }
}
