package dev.scepsy.planner.receive;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.linecorp.armeria.client.WebClient;
import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.common.RequestHeadersBuilder;
import dev.scepsy.planner.otlp.OtlpDecoder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

class OtlpServerTest {

    private static final String SPAN_JSON = "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"traceId\":"
            + "\"5B8EFFF798038103D269B633813FC60C\",\"spanId\":\"EEE19B7EC3C1B174\",\"name\":\"chat small\"}]}]}]}";

    private final List<String> told = new CopyOnWriteArrayList<>();
    private final List<ReceivedRequest> taken = new CopyOnWriteArrayList<>();
    private final HttpClient client = HttpClient.newHttpClient();

    @Test
    void overHttpEachFormIsTakenAndAnsweredInItsOwn() throws Exception {
        try (OtlpServer server = start(this::accept, ReceiverLimits.defaults())) {
            HttpResponse<String> json =
                    post(server, "/v1/traces", "application/json; charset=utf-8", null, SPAN_JSON.getBytes(UTF_8));
            HttpResponse<String> packed =
                    post(server, "/v1/traces", "application/x-protobuf", "gzip", gzip(new byte[50]));
            HttpResponse<String> metrics = post(server, "/v1/metrics", "application/x-protobuf", null, new byte[9]);
            HttpResponse<String> logs = post(server, "/v1/logs", "application/json", null, "{}".getBytes(UTF_8));

            assertThat(List.of(json.statusCode(), packed.statusCode(), metrics.statusCode(), logs.statusCode()))
                    .containsOnly(200);
            assertThat(json.body()).isEqualTo("{}");
            assertThat(json.headers().firstValue("content-type")).hasValue("application/json");
            assertThat(packed.body()).isEmpty();
            assertThat(packed.headers().firstValue("content-type")).hasValue("application/x-protobuf");
            assertThat(server.counts().accepted(Signal.TRACES)).isEqualTo(2);
            assertThat(server.counts().accepted(Signal.METRICS)).isEqualTo(1);
            assertThat(server.counts().accepted(Signal.LOGS)).isEqualTo(1);
        }
        assertThat(taken)
                .extracting(ReceivedRequest::signal)
                .containsExactly(Signal.TRACES, Signal.TRACES, Signal.METRICS, Signal.LOGS);
        assertThat(taken.get(1).message()).hasSize(50);
        assertThat(taken.get(1).gzip()).isTrue();
        assertThat(told).isEmpty();
    }

    @Test
    void overGrpcPlainAndCompressedMessagesAreTakenOnEitherPort() {
        try (OtlpServer server = start(this::accept, ReceiverLimits.defaults())) {
            for (InetSocketAddress address : server.addresses()) {
                AggregatedHttpResponse plain = call(address, frame(0, new byte[5]), null);
                AggregatedHttpResponse packed = call(address, frame(1, gzip(new byte[50])), "gzip");

                for (AggregatedHttpResponse answer : List.of(plain, packed)) {
                    assertThat(answer.trailers().get("grpc-status")).isEqualTo("0");
                    assertThat(answer.content().array()).containsExactly(0, 0, 0, 0, 0);
                }
            }
        }
        assertThat(taken).extracting(request -> request.message().length).containsExactly(5, 50, 5, 50);
    }

    @Test
    void whatIsNoOtlpIsRefusedCountedAndToldOnce() throws Exception {
        try (OtlpServer server = start(this::accept, ReceiverLimits.defaults())) {
            byte[] json = SPAN_JSON.getBytes(UTF_8);

            assertThat(post(server, "/v1/traces", "application/json", "gzip", json)
                            .statusCode())
                    .isEqualTo(400);
            assertThat(post(server, "/v1/traces", "application/json", null, "[]".getBytes(UTF_8))
                            .statusCode())
                    .isEqualTo(400);
            assertThat(post(server, "/v1/traces", "application/x-protobuf", null, new byte[] {0x0a, 0x7f})
                            .statusCode())
                    .isEqualTo(400);
            assertThat(post(server, "/v1/traces", "application/json", "br", json)
                            .statusCode())
                    .isEqualTo(415);
            assertThat(post(server, "/v1/traces", "text/plain", null, json).statusCode())
                    .isEqualTo(415);
            assertThat(get(server, "/v1/traces")).isEqualTo(405);
            assertThat(told).hasSize(1);
            assertThat(get(server, "/")).isEqualTo(404);
            assertThat(told).hasSize(2).last().asString().contains("OTLP/HTTP's path is /v1/traces");
            assertThat(server.counts().refused()).isEqualTo(7);
            assertThat(taken).isEmpty();

            AggregatedHttpResponse cut = call(server.addresses().get(0), new byte[] {0, 0, 0, 0, 9, 1}, null);
            AggregatedHttpResponse odd = call(server.addresses().get(0), frame(1, new byte[3]), "snappy");
            assertThat(cut.headers().get("grpc-status")).isEqualTo("3");
            assertThat(odd.headers().get("grpc-status")).isEqualTo("12");
        }
    }

    @Test
    void theLimitsOfSizeHoldForWhatIsSentAndForWhatItUnpacksTo() throws Exception {
        ReceiverLimits small = new ReceiverLimits(1000, 2000, 3000, 1 << 20, Duration.ofSeconds(30), 100, 2);
        try (OtlpServer server = start(this::accept, small)) {
            byte[] bomb = gzip(new byte[3001]);

            assertThat(post(server, "/v1/traces", "application/x-protobuf", null, new byte[2001])
                            .statusCode())
                    .isEqualTo(413);
            assertThat(chunked(server, 2001)).isEqualTo(413);
            assertThat(post(server, "/v1/traces", "application/x-protobuf", "gzip", bomb)
                            .statusCode())
                    .isEqualTo(413);
            assertThat(call(server.addresses().get(0), frame(0, new byte[1001]), null)
                            .headers()
                            .get("grpc-status"))
                    .isEqualTo("8");
            AggregatedHttpResponse overGrpc = call(server.addresses().get(0), frame(1, bomb), "gzip");
            assertThat(overGrpc.headers().get("grpc-status")).isEqualTo("8");
            assertThat(overGrpc.headers().get("grpc-message")).contains("unpacks");
            assertThat(server.counts().tooLarge()).isEqualTo(5);
            assertThat(taken).isEmpty();

            assertThat(post(server, "/v1/traces", "application/x-protobuf", null, new byte[2000])
                            .statusCode())
                    .isEqualTo(200);
            assertThat(post(server, "/v1/traces", "application/x-protobuf", "gzip", gzip(new byte[3000]))
                            .statusCode())
                    .isEqualTo(200);
        }
        assertThat(told).singleElement().asString().contains("OTEL_BSP_MAX_EXPORT_BATCH_SIZE");
    }

    @Test
    void aFullReceiverAsksSendersToComeAgainByOtlpsCodes() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        CountDownLatch working = new CountDownLatch(1);
        Intake slow = request -> {
            working.countDown();
            await(release);
            return accept(request);
        };
        try (OtlpServer server = start(slow, ReceiverLimits.defaults().withBytesInFlight(100))) {
            var first = client.sendAsync(
                    request(server, "/v1/traces", "application/x-protobuf", null, new byte[80]),
                    HttpResponse.BodyHandlers.discarding());
            await(working);

            HttpResponse<String> http = post(server, "/v1/traces", "application/json", null, new byte[80]);
            AggregatedHttpResponse grpc = call(server.addresses().get(0), frame(0, new byte[80]), null);

            assertThat(http.statusCode()).isEqualTo(503);
            assertThat(http.headers().firstValue("retry-after")).hasValue("1");
            assertThat(http.body()).contains("send this one again");
            assertThat(grpc.headers().get("grpc-status")).isEqualTo("14");
            byte[] details = Base64.getDecoder().decode(grpc.headers().get("grpc-status-details-bin"));
            assertThat(new String(details, UTF_8)).contains("google.rpc.RetryInfo");
            assertThat(server.counts().deferred()).isEqualTo(2);
            release.countDown();
            assertThat(first.get().statusCode()).isEqualTo(200);
            // the room is free again
            assertThat(post(server, "/v1/traces", "application/x-protobuf", null, new byte[80])
                            .statusCode())
                    .isEqualTo(200);
        } finally {
            release.countDown();
        }
    }

    @Test
    void aSenderThatStallsInTheMiddleIsCutOff() throws Exception {
        ReceiverLimits hasty = ReceiverLimits.defaults().withBodyTimeout(Duration.ofMillis(300));
        try (OtlpServer server = start(this::accept, hasty);
                Socket inBody = new Socket(
                        InetAddress.getLoopbackAddress(),
                        server.addresses().get(0).getPort());
                Socket inHeader = new Socket(
                        InetAddress.getLoopbackAddress(),
                        server.addresses().get(0).getPort())) {
            inBody.setSoTimeout(20_000);
            inHeader.setSoTimeout(20_000);
            send(
                    inBody,
                    "POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{");
            send(inHeader, "POST /v1/traces HTTP/1.1\r\nHos");

            String answer = new String(inBody.getInputStream().readAllBytes(), UTF_8);
            assertThat(answer).startsWith("HTTP/1.1 408");
            // no answer, only the end
            assertThat(inHeader.getInputStream().readAllBytes()).isEmpty();
            assertThat(server.counts().stalled()).isEqualTo(1);
            assertThat(told).singleElement().asString().contains("stopped in the middle");
        }
    }

    @Test
    void anAddressInUseIsNamed() throws Exception {
        try (OtlpServer server = start(this::accept, ReceiverLimits.defaults())) {
            InetSocketAddress free = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
            InetSocketAddress used = server.addresses().get(1);
            assertThatThrownBy(() -> OtlpServer.start(
                            List.of(free, used), this::accept, ReceiverLimits.defaults(), new Notices(told::add)))
                    .isInstanceOfSatisfying(
                            OtlpServer.AddressException.class,
                            failure -> assertThat(failure.address()).isEqualTo(used));
        }
    }

    private Outcome accept(ReceivedRequest request) {
        if (request.signal() == Signal.TRACES) {
            try {
                new OtlpDecoder().decode(request.message(), request.form(), span -> {});
            } catch (IOException e) {
                // zeros are no protobuf, and no test here needs them to be
                if (request.message().length == 0 || request.message()[0] != 0) {
                    return new Outcome.Refused(String.valueOf(e.getMessage()));
                }
            }
        }
        taken.add(request);
        return Outcome.ACCEPTED;
    }

    private OtlpServer start(Intake intake, ReceiverLimits limits) {
        InetSocketAddress free = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try {
            return OtlpServer.start(List.of(free, free), intake, limits, new Notices(told::add));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static URI uri(OtlpServer server, String path) {
        return URI.create("http://127.0.0.1:" + server.addresses().get(1).getPort() + path);
    }

    private static HttpRequest request(OtlpServer server, String path, String type, String encoding, byte[] body) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri(server, path))
                .header("Content-Type", type)
                .POST(HttpRequest.BodyPublishers.ofByteArray(body));
        if (encoding != null) {
            request.header("Content-Encoding", encoding);
        }
        return request.build();
    }

    private HttpResponse<String> post(OtlpServer server, String path, String type, String encoding, byte[] body)
            throws Exception {
        return client.send(request(server, path, type, encoding, body), HttpResponse.BodyHandlers.ofString());
    }

    /** Without a length in the headers. */
    private int chunked(OtlpServer server, int bytes) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(uri(server, "/v1/traces"))
                .header("Content-Type", "application/x-protobuf")
                .POST(HttpRequest.BodyPublishers.ofInputStream(() -> new java.io.ByteArrayInputStream(new byte[bytes])))
                .build();
        return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    }

    private int get(OtlpServer server, String path) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(uri(server, path)).build();
        return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    }

    private static AggregatedHttpResponse call(InetSocketAddress address, byte[] body, String encoding) {
        RequestHeadersBuilder headers = RequestHeaders.builder(HttpMethod.POST, Signal.TRACES.grpcPath())
                .set("content-type", "application/grpc")
                .set("te", "trailers");
        if (encoding != null) {
            headers.set("grpc-encoding", encoding);
        }
        return WebClient.of("h2c://127.0.0.1:" + address.getPort())
                .execute(headers.build(), HttpData.wrap(body))
                .aggregate()
                .join();
    }

    private static byte[] frame(int compressed, byte[] message) {
        return ByteBuffer.allocate(5 + message.length)
                .put((byte) compressed)
                .putInt(message.length)
                .put(message)
                .array();
    }

    private static byte[] gzip(byte[] plain) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(plain);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static void send(Socket socket, String text) throws IOException {
        OutputStream out = socket.getOutputStream();
        out.write(text.getBytes(UTF_8));
        out.flush();
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(20, java.util.concurrent.TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
