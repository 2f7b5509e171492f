package dev.scepsy.planner.otlp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import dev.scepsy.planner.otlp.TraceReader.MalformedLine;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TraceReaderTest {

    private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");

    @TempDir
    Path folder;

    private final List<Long> spanIds = new ArrayList<>();
    private final List<MalformedLine> malformed = new ArrayList<>();
    private final TraceReader reader = new TraceReader(span -> spanIds.add(span.spanId()), malformed::add, () -> NOW);
    private final List<String> asked = new ArrayList<>();
    private HttpServer jaeger;

    @AfterEach
    void stopJaeger() {
        if (jaeger != null) {
            jaeger.stop(0);
        }
    }

    @Test
    void linesEndAsOnAnySystemAndBlankOnesAreNone() throws IOException {
        read("\ufeff" + line(1) + "\r\n\n  \t\r\n" + line(2) + "\n" + line(3));

        assertThat(spanIds).containsExactly(1L, 2L, 3L);
        assertThat(malformed).isEmpty();
    }

    @Test
    void malformedLinesAreReportedWithTheirNumberAndSkipped() throws IOException {
        read(line(1) + "\n\noops\n{\"resourceMetrics\":[]}\n" + line(2) + "\n" + line(3).substring(0, 50));

        assertThat(spanIds).containsExactly(1L, 2L);
        assertThat(malformed).extracting(MalformedLine::line).containsExactly(3L, 6L);
        assertThat(malformed.get(0)).asString().startsWith("test:3: not JSON: ");
        assertThat(reader.spanCount()).isEqualTo(2);
        assertThat(reader.malformedCount()).isEqualTo(2);
    }

    @Test
    void gzipIsRecognisedByContentWithAnyNumberOfMembers() throws Exception {
        ByteArrayOutputStream members = new ByteArrayOutputStream();
        members.write(gzip(line(1) + "\n" + line(2).substring(0, 20)));
        members.write(gzip(line(2).substring(20) + "\n"));
        members.write(gzip(""));
        members.write(gzip(line(3)));
        Path file = Files.write(folder.resolve("traces.jsonl"), members.toByteArray());

        reader.read(new TraceSource.TraceFile(file));
        assertThat(spanIds).containsExactly(1L, 2L, 3L);
        assertThat(malformed).isEmpty();
    }

    @Test
    void gzipMembersAreReadFromStreamsThatGiveLittleAtATime() throws Exception {
        ByteArrayOutputStream members = new ByteArrayOutputStream();
        for (int id = 1; id <= 20; id++) {
            members.write(gzip(line(id) + "\n"));
        }
        reader.read("test", new ByteArrayInputStream(members.toByteArray()) {
            @Override
            public synchronized int read(byte[] bytes, int offset, int length) {
                return super.read(bytes, offset, Math.min(length, 7));
            }

            @Override
            public synchronized int available() {
                return 0;
            }
        });
        assertThat(spanIds).hasSize(20);
    }

    @Test
    void gzipThatIsCutShortKeepsTheWholeLines() throws Exception {
        byte[] whole =
                gzip(line(1) + "\n" + line(2) + "\n" + "x".repeat(100_000).replace("x", Math.random() + ""));
        reader.read("test", new ByteArrayInputStream(Arrays.copyOf(whole, whole.length - 500)));

        assertThat(spanIds).containsExactly(1L, 2L);
        assertThat(malformed)
                .singleElement()
                .satisfies(line -> assertThat(line.message()).contains("cut short"));
    }

    @Test
    void linesLongerThanAnyBufferAreRead() throws IOException {
        String prompt = "\"attributes\":[{\"key\":\"llm.input_messages\",\"value\":{\"stringValue\":\""
                + "n".repeat(3_000_000) + "\"}}],\"name\":\"s\"";
        read(line(1).replace("\"name\":\"s\"", prompt) + "\n" + line(2));

        assertThat(spanIds).containsExactly(1L, 2L);
    }

    @Test
    void jsonLaidOutForPeopleIsRead() throws IOException {
        String pretty = new ObjectMapper().readTree(line(1)).toPrettyString();
        read(pretty + "\n" + new ObjectMapper().readTree(line(2)).toPrettyString() + "\n");

        assertThat(spanIds).containsExactly(1L, 2L);
        assertThat(malformed).isEmpty();
    }

    @Test
    void listsOfRequestsAreReadOnOneLineOrMany() throws IOException {
        read("[" + line(1) + "," + line(2) + "]\n[" + line(3) + "]");
        read("[\n  " + line(4) + ",\n  " + line(5) + "\n]\n");

        assertThat(spanIds).containsExactly(1L, 2L, 3L, 4L, 5L);
        assertThat(malformed).isEmpty();
    }

    @Test
    void whatBreaksOffInAListIsReportedWithItsLineAndTheRestIsNotRead() throws IOException {
        read("[\n  " + line(1) + ",\n  oops,\n  " + line(2) + "\n]\n");

        assertThat(spanIds).containsExactly(1L);
        assertThat(malformed)
                .singleElement()
                .satisfies(line ->
                        assertThat(line.toString()).startsWith("test:3: ").contains("rest"));
    }

    @Test
    void manyLinesAreReadInTheirOrderByHoweverManyThreads() throws IOException {
        StringBuilder text = new StringBuilder();
        List<Long> expected = new ArrayList<>();
        for (int i = 1; i <= 20_000; i++) {
            boolean broken = i % 5_000 == 0;
            text.append(broken ? "broken" : line(i)).append('\n');
            if (!broken) {
                expected.add((long) i);
            }
        }
        read(text.toString());

        assertThat(spanIds).isEqualTo(expected);
        assertThat(malformed).extracting(MalformedLine::line).containsExactly(5_000L, 10_000L, 15_000L, 20_000L);
    }

    @Test
    void aLineBeyondTheLimitIsPassedOverWithoutBeingHeld() throws IOException {
        byte[] text = (line(1) + "\n" + "x".repeat(5 << 20) + "\n" + line(2) + "\n").getBytes(StandardCharsets.UTF_8);
        LineBlocks blocks = new LineBlocks(new ByteArrayInputStream(text), LineBlocks.BLOCK_BYTES);
        List<Long> read = new ArrayList<>();
        List<Long> passedOver = new ArrayList<>();
        LineParsing parsing = new LineParsing();
        for (LineBlocks.Block block = blocks.next(); block != null; block = blocks.next()) {
            parsing.add(block, parsed -> {
                parsed.spans().forEach(span -> read.add(span.spanId()));
                parsed.malformed().forEach(line -> passedOver.add(line.line()));
            });
        }
        parsing.finish(parsed -> {
            parsed.spans().forEach(span -> read.add(span.spanId()));
            parsed.malformed().forEach(line -> passedOver.add(line.line()));
        });

        assertThat(read).containsExactly(1L, 2L);
        assertThat(passedOver).containsExactly(0L);
    }

    @Test
    void jsonOfOtherToolsIsNamed() throws IOException {
        read("{\"data\":[{\"traceID\":\"1\",\"spans\":[]}]}");
        read("[{\"traceId\":\"0000000000000001\",\"id\":\"0000000000000002\",\"kind\":\"CLIENT\"}]");

        assertThat(malformed)
                .extracting(MalformedLine::message)
                .satisfiesExactly(
                        jaegers -> assertThat(jaegers).contains("Jaeger's own JSON"),
                        zipkins -> assertThat(zipkins).contains("Zipkin"));
    }

    @Test
    void theResourceAndScopeMayStandAfterTheirSpans() throws IOException {
        List<String> services = new ArrayList<>();
        TraceReader reading = new TraceReader(
                span -> services.add(String.valueOf(span.origin().service())), malformed::add, () -> NOW);
        String text = "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"traceId\":\"01\",\"spanId\":\"01\"}],"
                + "\"scope\":{\"name\":\"lib\"}}],\"resource\":{\"attributes\":[{\"value\":{\"stringValue\":\"shop\"},"
                + "\"key\":\"service.name\"}]}},{\"scopeSpans\":[{\"spans\":[{\"traceId\":\"01\",\"spanId\":\"02\"}]}]}]}";

        Seen seen = reading.read("test", new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));

        assertThat(services).containsExactly("shop", "null");
        assertThat(seen.scopes()).containsExactly(new Seen.Scope("", 1, 0), new Seen.Scope("lib", 1, 0));
    }

    @ParameterizedTest
    @ValueSource(strings = {"silent", "stalling"})
    void aJaegerThatFallsSilentIsGivenUp(String kind) throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread answering = new Thread(() -> {
                try (Socket socket = server.accept()) {
                    if (kind.equals("stalling")) {
                        socket.getOutputStream()
                                .write("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n{\"result\":"
                                        .getBytes(StandardCharsets.UTF_8));
                        socket.getOutputStream().flush();
                    }
                    // until the other side hangs up
                    while (socket.getInputStream().read() >= 0) {}
                } catch (IOException hungUp) {
                    // as expected
                }
            });
            answering.setDaemon(true);
            answering.start();
            TraceReader impatient = new TraceReader(
                    span -> {},
                    malformed::add,
                    () -> NOW,
                    new TraceReader.Limits(
                            Duration.ofSeconds(5),
                            Duration.ofMillis(300),
                            Duration.ofMillis(300),
                            Duration.ofSeconds(5)));
            TraceSource source = TraceSource.named("jaeger:http://127.0.0.1:" + server.getLocalPort() + "?service=a")
                    .get(0);

            assertThatThrownBy(() -> impatient.read(source))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(kind.equals("silent") ? "did not answer within" : "stopped in the middle");
        }
    }

    @Test
    void argumentsNameFilesFoldersAndPatterns() throws IOException {
        Files.createDirectories(folder.resolve("sub/.hidden"));
        for (String name : List.of("b.jsonl", "a.jsonl.gz", "sub/c.json", ".d.jsonl", "sub/.hidden/e.jsonl")) {
            Files.writeString(folder.resolve(name), line(1));
        }
        assertThat(names(folder.toString())).containsExactly("a.jsonl.gz", "b.jsonl", "sub/c.json");
        assertThat(names(folder + "/*.jsonl*")).containsExactly("a.jsonl.gz", "b.jsonl");
        assertThat(names(folder + "/**.json")).containsExactly("sub/c.json");
        assertThat(names(folder + "/b.jsonl")).containsExactly("b.jsonl");
        assertThatIllegalArgumentException().isThrownBy(() -> TraceSource.named(folder + "/none.jsonl"));
        assertThatIllegalArgumentException().isThrownBy(() -> TraceSource.named(folder + "/*.none"));
        assertThatIllegalArgumentException().isThrownBy(() -> TraceSource.named(folder + "/nowhere/*.jsonl"));
    }

    @Test
    void jaegerIsAskedForTheServicesTracesOfTheLastWhile() throws IOException {
        String address = startJaeger(200, "{\"result\":" + line(1) + "}\n{\"result\":" + line(2) + "}\n");

        reader.read(TraceSource.named("jaeger:" + address + "?service=my%20app&lookback=6h&limit=7")
                .get(0));
        assertThat(spanIds).containsExactly(1L, 2L);
        assertThat(asked)
                .containsExactly("/api/v3/traces?query.serviceName=my+app"
                        + "&query.startTimeMin=2026-11-21T06%3A00%3A00Z"
                        + "&query.startTimeMax=2026-11-21T12%3A00%3A00Z&query.searchDepth=7");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "chat executor",
                "chat%20executor",
                "chat+executor",
                "invoke_workflow Sequential(a@b,c)",
                "100 % {\"a\"}|#^\\<>`",
                "prüfen"
            })
    void operationsAreAskedForAsTheyAreWritten(String operation) {
        JaegerQuery query = JaegerQuery.parse("http://localhost:16686?service=my app&operation=" + operation);

        assertThat(query.service()).isEqualTo("my app");
        assertThat(query.operation()).contains(operation.replace("%20", " ").replace('+', ' '));
        assertThat(query.request(JaegerQuery.Spelling.CAMEL, Instant.EPOCH).getQuery())
                .contains("query.operationName=" + operation.replace("%20", "+").replace(' ', '+'));
    }

    @Test
    void anOlderJaegerIsAskedAgainInItsOwnSpelling() throws IOException {
        jaeger = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        jaeger.createContext("/", exchange -> {
            boolean snake = exchange.getRequestURI().getQuery().contains("query.start_time_min");
            byte[] body = (snake ? "{\"result\":" + line(1) + "}" : "{}").getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(snake ? 200 : 400, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        jaeger.start();

        reader.read(TraceSource.named(
                        "jaeger:http://127.0.0.1:" + jaeger.getAddress().getPort() + "/?service=app")
                .get(0));
        assertThat(spanIds).containsExactly(1L);
    }

    @Test
    void aJaegerWithoutTracesOfTheServiceHasNone() throws IOException {
        String address = startJaeger(404, "{\"error\":{\"httpCode\":404,\"message\":\"No traces found\"}}");

        reader.read(TraceSource.named("jaeger:" + address + "?service=app").get(0));
        assertThat(spanIds).isEmpty();
        assertThat(malformed).isEmpty();
    }

    @Test
    void whatIsNoJaegerIsSaidSo() throws IOException {
        String address = startJaeger(404, "not found");
        assertThatThrownBy(() -> reader.read(
                        TraceSource.named("jaeger:" + address + "?service=app").get(0)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("API v3");
        jaeger.stop(0);
        assertThatThrownBy(() -> reader.read(
                        TraceSource.named("jaeger:" + address + "?service=app").get(0)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("cannot be reached");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jaeger:localhost:16686?service=a",
                "jaeger:http://localhost:16686",
                "jaeger:http://localhost:16686?service=",
                "jaeger:http://localhost:16686?service=a&lookback=soon",
                "jaeger:http://localhost:16686?service=a&limit=0",
                "jaeger:http://localhost:16686?service=a&since=1h"
            })
    void anAddressThatIsNotUnderstoodIsSaidSo(String argument) {
        assertThatIllegalArgumentException().isThrownBy(() -> TraceSource.named(argument));
    }

    private String startJaeger(int status, String answer) throws IOException {
        jaeger = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        jaeger.createContext("/", exchange -> {
            asked.add(exchange.getRequestURI().toString());
            byte[] body = answer.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        jaeger.start();
        return "http://127.0.0.1:" + jaeger.getAddress().getPort();
    }

    private List<String> names(String argument) throws IOException {
        return TraceSource.named(argument).stream()
                .map(source -> folder.relativize(Path.of(source.name())).toString())
                .toList();
    }

    private void read(String text) throws IOException {
        try (InputStream stream = new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8))) {
            reader.read("test", stream);
        }
    }

    private static byte[] gzip(String text) throws Exception {
        return OtlpReceiverTest.gzip(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String line(int spanId) {
        return "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"traceId\":\"5b8efff798038103d269b633813fc60c\","
                + "\"spanId\":\"" + String.format("%016x", spanId) + "\",\"name\":\"s\"}]}]}]}";
    }
}
