package dev.scepsy.planner.otlp;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.sun.net.httpserver.HttpServer;
import dev.scepsy.planner.span.Operation;
import dev.scepsy.planner.span.Span;
import dev.scepsy.planner.span.SpanId;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.ArrayValue;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.common.v1.KeyValueList;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Status;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OtlpReceiverTest {

    private static final String SPAN_JSON = "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"traceId\":"
            + "\"5B8EFFF798038103D269B633813FC60C\",\"spanId\":\"EEE19B7EC3C1B174\",\"name\":\"chat small\"}]}]}]}";

    @TempDir
    Path folder;

    private final ConcurrentLinkedQueue<Span> received = new ConcurrentLinkedQueue<>();
    private final HttpClient client = HttpClient.newHttpClient();

    @Test
    void takesProtobufAsAnOpenTelemetryExporterSendsIt() throws Exception {
        try (OtlpReceiver receiver = OtlpReceiver.builder(received::add).start()) {
            HttpResponse<byte[]> answer =
                    post(receiver, "application/x-protobuf", null, protobuf().toByteArray());

            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.body()).isEmpty();
        }
        Span span = received.element();
        assertThat(span.traceId().toHex()).isEqualTo("5b8efff798038103d269b633813fc60c");
        assertThat(SpanId.toHex(span.spanId())).isEqualTo("eee19b7ec3c1b174");
        assertThat(SpanId.toHex(span.parentSpanId())).isEqualTo("eee19b7ec3c1b173");
        assertThat(span.parentRemote()).isTrue();
        assertThat(span.kind()).isEqualTo(Span.Kind.CLIENT);
        assertThat(span.startEpochNanos()).isEqualTo(1_544_712_660_000_000_001L);
        assertThat(span.endEpochNanos()).isEqualTo(1_544_712_661_000_000_000L);
        assertThat(span.error()).isTrue();
        assertThat(span.genAi().operation()).isEqualTo(Operation.MODEL);
        assertThat(span.genAi().model()).isEqualTo("small");
        assertThat(span.genAi().inputTokens()).hasValue(120);
        assertThat(span.genAi().backoffNanos()).isEqualTo(300_000_000);
    }

    @Test
    void recordsOneLinePerRequestThatReadsBackAsTheSameSpans() throws Exception {
        Path recording = folder.resolve("made/traces.jsonl");
        try (OtlpReceiver receiver =
                OtlpReceiver.builder(received::add).recordTo(recording).start()) {
            post(receiver, "application/x-protobuf", "gzip", gzip(protobuf().toByteArray()));
            post(
                    receiver,
                    "application/json; charset=utf-8",
                    null,
                    SPAN_JSON.replace(",", ",\r\n  ").getBytes(StandardCharsets.UTF_8));
        }
        List<String> lines = Files.readAllLines(recording);
        assertThat(lines).hasSize(2);
        assertThat(lines.get(0))
                .contains("\"service.name\"")
                .contains("\"values\":[{\"stringValue\":\"stop\"},{\"doubleValue\":0.5}]")
                .contains("\"kvlistValue\"")
                .contains("\"bytesValue\":\"AQI=\"")
                .contains("\"boolValue\":false")
                .contains("\"intValue\":\"120\"");
        ConcurrentLinkedQueue<Span> again = new ConcurrentLinkedQueue<>();
        OtlpJson json = new OtlpJson();
        for (String line : lines) {
            byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
            json.read(bytes, 0, bytes.length, again::add);
        }
        assertThat(again).containsExactlyElementsOf(received);
    }

    @Test
    void forwardsTheRequestUnchanged() throws Exception {
        BlockingQueue<byte[]> onward = new LinkedBlockingQueue<>();
        HttpServer jaeger = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        jaeger.createContext(OtlpReceiver.TRACES_PATH, exchange -> {
            assertThat(exchange.getRequestHeaders().getFirst("Content-Encoding"))
                    .isEqualTo("gzip");
            onward.add(exchange.getRequestBody().readAllBytes());
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        jaeger.start();
        URI endpoint = URI.create("http://127.0.0.1:" + jaeger.getAddress().getPort() + "/");
        byte[] sent = gzip(protobuf().toByteArray());
        try (OtlpReceiver receiver =
                OtlpReceiver.builder(received::add).forwardTo(endpoint).start()) {
            post(receiver, "application/x-protobuf", "gzip", sent);

            assertThat(onward.poll(10, TimeUnit.SECONDS)).isEqualTo(sent);
        } finally {
            jaeger.stop(0);
        }
    }

    @Test
    void answersOnlyWhatItUnderstands() throws Exception {
        try (OtlpReceiver receiver =
                OtlpReceiver.builder(received::add).maxRequestBytes(1000).start()) {
            byte[] json = SPAN_JSON.getBytes(StandardCharsets.UTF_8);
            byte[] zeros = new byte[5000];

            assertThat(post(receiver, "application/json", null, new byte[0]).statusCode())
                    .isEqualTo(400);
            assertThat(post(receiver, "application/x-protobuf", null, new byte[] {0x0a, 0x7f})
                            .statusCode())
                    .isEqualTo(400);
            assertThat(post(receiver, "application/json", "gzip", json).statusCode())
                    .isEqualTo(400);
            assertThat(post(receiver, "application/json", "br", json).statusCode())
                    .isEqualTo(415);
            assertThat(post(receiver, "text/plain", null, json).statusCode()).isEqualTo(415);
            assertThat(post(receiver, "application/json", null, zeros).statusCode())
                    .isEqualTo(413);
            assertThat(post(receiver, "application/json", "gzip", gzip(zeros)).statusCode())
                    .isEqualTo(413);
            assertThat(received).isEmpty();
            assertThat(receiver.counts()).isEqualTo(new OtlpReceiver.Counts(0, 0, 7, 0));

            assertThat(post(receiver, "application/json", null, json).statusCode())
                    .isEqualTo(200);
            assertThat(receiver.counts()).isEqualTo(new OtlpReceiver.Counts(1, 1, 7, 0));
        }
    }

    @Test
    void countsWhatTheFurtherEndpointDoesNotTake() throws Exception {
        int free;
        try (java.net.ServerSocket socket = new java.net.ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            free = socket.getLocalPort();
        }
        OtlpReceiver receiver = OtlpReceiver.builder(received::add)
                .forwardTo(URI.create("http://127.0.0.1:" + free))
                .start();
        try (receiver) {
            assertThat(post(receiver, "application/json", null, SPAN_JSON.getBytes(StandardCharsets.UTF_8))
                            .statusCode())
                    .isEqualTo(200);
        }
        // close waits for what is under way
        assertThat(receiver.counts().notForwarded()).isEqualTo(1);
    }

    private HttpResponse<byte[]> post(OtlpReceiver receiver, String type, String encoding, byte[] body)
            throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(receiver.endpoint().resolve(OtlpReceiver.TRACES_PATH))
                .header("Content-Type", type)
                .POST(HttpRequest.BodyPublishers.ofByteArray(body));
        if (encoding != null) {
            request.header("Content-Encoding", encoding);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    static byte[] gzip(byte[] plain) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(plain);
        }
        return bytes.toByteArray();
    }

    /** Built by the official classes, as an oracle for the table that the transcoder is driven by. */
    private static ExportTraceServiceRequest protobuf() {
        io.opentelemetry.proto.trace.v1.Span span = io.opentelemetry.proto.trace.v1.Span.newBuilder()
                .setTraceId(bytes("5b8efff798038103d269b633813fc60c"))
                .setSpanId(bytes("eee19b7ec3c1b174"))
                .setParentSpanId(bytes("eee19b7ec3c1b173"))
                .setTraceState("a=b")
                .setFlags(0x301)
                .setName("chat small")
                .setKind(io.opentelemetry.proto.trace.v1.Span.SpanKind.SPAN_KIND_CLIENT)
                .setStartTimeUnixNano(1_544_712_660_000_000_001L)
                .setEndTimeUnixNano(1_544_712_661_000_000_000L)
                .addAttributes(attribute(
                        "gen_ai.operation.name",
                        AnyValue.newBuilder().setStringValue("chat").build()))
                .addAttributes(attribute(
                        "gen_ai.request.model",
                        AnyValue.newBuilder().setStringValue("small").build()))
                .addAttributes(attribute(
                        "gen_ai.usage.input_tokens",
                        AnyValue.newBuilder().setIntValue(120).build()))
                .addAttributes(attribute(
                        "scepsy.call.backoff_seconds",
                        AnyValue.newBuilder().setDoubleValue(0.3).build()))
                .addAttributes(attribute(
                        "gen_ai.response.finish_reasons",
                        AnyValue.newBuilder()
                                .setArrayValue(ArrayValue.newBuilder()
                                        .addValues(AnyValue.newBuilder().setStringValue("stop"))
                                        .addValues(AnyValue.newBuilder().setDoubleValue(0.5)))
                                .build()))
                .addAttributes(attribute(
                        "a.map",
                        AnyValue.newBuilder()
                                .setKvlistValue(KeyValueList.newBuilder()
                                        .addValues(attribute(
                                                "flag",
                                                AnyValue.newBuilder()
                                                        .setBoolValue(false)
                                                        .build()))
                                        .addValues(attribute(
                                                "raw",
                                                AnyValue.newBuilder()
                                                        .setBytesValue(ByteString.copyFrom(new byte[] {1, 2}))
                                                        .build())))
                                .build()))
                .addEvents(io.opentelemetry.proto.trace.v1.Span.Event.newBuilder()
                        .setName("first chunk")
                        .setTimeUnixNano(5))
                .addLinks(io.opentelemetry.proto.trace.v1.Span.Link.newBuilder()
                        .setTraceId(bytes("5b8efff798038103d269b633813fc60c")))
                .setStatus(Status.newBuilder()
                        .setCode(Status.StatusCode.STATUS_CODE_ERROR)
                        .setMessage("\"späť\""))
                .build();
        return ExportTraceServiceRequest.newBuilder()
                .addResourceSpans(ResourceSpans.newBuilder()
                        .setResource(Resource.newBuilder()
                                .addAttributes(attribute(
                                        "service.name",
                                        AnyValue.newBuilder()
                                                .setStringValue("demo")
                                                .build())))
                        .addScopeSpans(ScopeSpans.newBuilder()
                                .setScope(InstrumentationScope.newBuilder().setName("scepsy"))
                                .addSpans(span)))
                .build();
    }

    private static KeyValue attribute(String key, AnyValue value) {
        return KeyValue.newBuilder().setKey(key).setValue(value).build();
    }

    private static ByteString bytes(String hex) {
        return ByteString.copyFrom(java.util.HexFormat.of().parseHex(hex));
    }
}
