package dev.scepsy.planner.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real HAProxy with the configuration that is rendered, before stand-ins for engines. NOT RUN where there is no HAProxy. */
class HaproxyRouterTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String ODD = "we\"ird %[x] 'n#me é";
    private static final RouterSettings SETTINGS = RouterSettings.DEFAULT;

    @TempDir
    static Path folder;

    private static final StandInDns DNS = new StandInDns();
    private static final List<StandInEngine> ENGINES = new ArrayList<>();
    private static final HttpClient CLIENT =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private static RunningHaproxy router;

    private static RoutedModel model(String name, String... aliases) {
        return new RoutedModel(name, name, name + "-engines", List.of(aliases), List.of(), 2);
    }

    private static StandInEngine engine(StandInEngine engine) {
        ENGINES.add(engine);
        return engine;
    }

    @BeforeAll
    static void start() throws IOException {
        assumeTrue(
                RunningHaproxy.binary().isPresent(), "NOT RUN: there is no haproxy on the path or in SCEPSY_HAPROXY.");
        RoutedModel spread = new RoutedModel(
                "Org/Spread-8B", "spread", "spread-engines", List.of("fast", ODD), List.of("polite"), 3);
        RouterProgram program = RunningHaproxy.program(
                SETTINGS,
                spread,
                model("retry"),
                model("doomed"),
                model("broken"),
                model("stream"),
                model("late"),
                model("left"),
                model("busy"));
        DNS.names(
                "spread-engines",
                engine(StandInEngine.named("a")),
                engine(StandInEngine.named("b")),
                engine(StandInEngine.named("c")));
        router = RunningHaproxy.start(program, DNS, folder);
    }

    @AfterAll
    static void stop() {
        if (router != null) {
            router.close();
        }
        ENGINES.forEach(StandInEngine::close);
        DNS.close();
    }

    private static HttpRequest.Builder post(String body) {
        return HttpRequest.newBuilder(router.uri("/v1/chat/completions"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body));
    }

    private static HttpResponse<String> ask(String body) throws IOException, InterruptedException {
        return CLIENT.send(post(body).build(), HttpResponse.BodyHandlers.ofString());
    }

    private static String asks(String model) throws IOException {
        return JSON.writeValueAsString(Map.of("model", model, "messages", List.of()));
    }

    /** Requests that wait for engines become answers once DNS and health checks have found them. */
    private static void names(String service, StandInEngine... engines) throws IOException {
        DNS.names(service + "-engines", engines);
        router.until(() -> up(service) == engines.length);
    }

    private static long up(String backend) {
        try {
            return router.get("/stats;csv;norefresh")
                    .body()
                    .lines()
                    .filter(line -> line.startsWith(backend + ",engine") && line.contains(",UP,"))
                    .count();
        } catch (IOException notYet) {
            return -1;
        }
    }

    @Test
    void oneConnectionsRequestsAreSpreadOverAllEngines() throws Exception {
        Map<String, Integer> answers = new HashMap<>();
        for (int i = 0; i < 30; i++) {
            HttpResponse<String> answer = ask(asks("fast"));
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            answers.merge(answer.body(), 1, Integer::sum);
        }
        assertThat(answers).hasSize(3);
        assertThat(answers.values()).allMatch(count -> count >= 8);
    }

    @Test
    void theEngineWithTheFewestRequestsGetsTheNext() throws Exception {
        CountDownLatch held = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        StandInEngine slow = engine(new StandInEngine((request, out, connection) -> {
            if (request.contains("/hold")) {
                held.countDown();
                end.await(30, TimeUnit.SECONDS);
            }
            out.write(StandInEngine.whole("slow"));
        }));
        names("busy", slow);
        CompletableFuture<HttpResponse<String>> holding = CLIENT.sendAsync(
                HttpRequest.newBuilder(router.uri("/hold"))
                        .POST(HttpRequest.BodyPublishers.ofString(asks("busy")))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(held.await(30, TimeUnit.SECONDS)).isTrue();
        names("busy", slow, engine(StandInEngine.named("free")));
        for (int i = 0; i < 10; i++) {
            assertThat(ask(asks("busy")).body()).isEqualTo("free");
        }
        end.countDown();
        assertThat(holding.get(30, TimeUnit.SECONDS).body()).isEqualTo("slow");
    }

    @Test
    void everyNameOfAModelFindsItHoweverTheBodyIsWritten() throws Exception {
        List<String> bodies = List.of(
                asks("Org/Spread-8B"),
                asks("polite"),
                asks(ODD),
                "{\"model\":\"Org\\/Spread-8B\"}",
                "{\"\\u006dodel\" :\n \"f\\u0061st\"}",
                "{\"tools\":[{\"model\":\"other\"},\"\\\"model\\\":\\\"x\\\"\"],\"model\":\"fast\"}",
                "{\"deep\":" + "[".repeat(60) + "]".repeat(60) + ",\"model\":\"fast\"}",
                "{\"text\":\"" + "a\\\"b\\\\ ".repeat(50_000) + "\",\"model\":\"fast\"}");
        for (String body : bodies) {
            HttpResponse<String> answer = ask(body);
            assertThat(answer.statusCode())
                    .as(body.substring(0, Math.min(80, body.length())))
                    .isEqualTo(200);
        }
    }

    @Test
    void anUnknownModelIsAnsweredAsVllmAnswersIt() throws Exception {
        HttpResponse<String> answer = ask(asks("no \"such\" é"));
        assertThat(answer.statusCode()).isEqualTo(404);
        JsonNode error = JSON.readTree(answer.body()).path("error");
        assertThat(error.path("message").asText()).isEqualTo("The model `no \"such\" é` does not exist.");
        assertThat(error.path("type").asText()).isEqualTo("NotFoundError");
        assertThat(error.path("code").asInt()).isEqualTo(404);
        for (String body : List.of("{}", "{\"model\":7}", "no JSON", "[\"model\"]")) {
            assertThat(ask(body).statusCode()).as(body).isEqualTo(404);
            assertThat(JSON.readTree(ask(body).body()).at("/error/message").asText())
                    .startsWith("Which model is meant?");
        }
    }

    @Test
    void requestsThatNameNoModelGoWhereTheHostNameSays() throws Exception {
        String answer = raw("GET /version HTTP/1.1\r\nHost: spread.models.svc:8000\r\nConnection: close\r\n\r\n");
        assertThat(answer).startsWith("HTTP/1.1 200").containsPattern("[abc]$");
        assertThat(raw("GET /health HTTP/1.1\r\nHost: scepsy-router:8000\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 200");
    }

    private static String raw(String request) throws IOException {
        try (java.net.Socket socket = new java.net.Socket(router.address(), 8000)) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        }
    }

    @Test
    void allModelsAreListed() throws Exception {
        HttpResponse<String> answer = CLIENT.send(
                HttpRequest.newBuilder(router.uri("/v1/models")).build(), HttpResponse.BodyHandlers.ofString());
        JsonNode data = JSON.readTree(answer.body()).path("data");
        assertThat(data.findValuesAsText("id")).contains("Org/Spread-8B", "fast", ODD, "polite", "retry");
        assertThat(data.get(3).path("parent").asText()).isEqualTo("Org/Spread-8B");
    }

    @Test
    void aBodyThatDoesNotFitIsRefusedWhetherItSaysItsLengthOrNot() throws Exception {
        String huge = "{\"model\":\"fast\",\"text\":\"" + "x".repeat(SETTINGS.maxRequestKiB() * 1024) + "\"}";
        String fits = huge.replace("x".repeat(200), "y".repeat(199));
        HttpResponse<String> said = ask(huge);
        assertThat(said.statusCode()).isEqualTo(413);
        assertThat(JSON.readTree(said.body()).at("/error/message").asText()).contains("maxRequestKiB");
        HttpRequest chunked = HttpRequest.newBuilder(router.uri("/v1/completions"))
                .POST(HttpRequest.BodyPublishers.ofInputStream(
                        () -> new java.io.ByteArrayInputStream(huge.getBytes(StandardCharsets.US_ASCII))))
                .build();
        assertThat(CLIENT.send(chunked, HttpResponse.BodyHandlers.ofString()).statusCode())
                .isEqualTo(413);
        assertThat(ask(fits).statusCode()).isEqualTo(200);
    }

    @Test
    void aRequestWhoseEngineDiesBeforeItAnswersIsSentOnceToAnother() throws Exception {
        StandInEngine dying = engine(new StandInEngine((request, out, connection) -> connection.close()));
        StandInEngine other = engine(StandInEngine.named("other"));
        names("retry", dying, other);
        for (int i = 0; i < 6; i++) {
            assertThat(ask(asks("retry")).body()).isEqualTo("other");
        }
        assertThat(dying.requests()).isNotEmpty();

        StandInEngine first = engine(new StandInEngine((request, out, connection) -> connection.close()));
        StandInEngine second = engine(new StandInEngine((request, out, connection) -> connection.close()));
        names("doomed", first, second);
        HttpResponse<String> failed = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .build() // on a connection that was used before HAProxy would close it without a word
                .send(post(asks("doomed")).build(), HttpResponse.BodyHandlers.ofString());
        assertThat(failed.statusCode()).isEqualTo(502);
        assertThat(JSON.readTree(failed.body()).at("/error/message").asText()).contains("without an answer");
        assertThat(first.requests().size() + second.requests().size()).isEqualTo(2);
    }

    @Test
    void anEngineThatIsGoneCostsNobodyAnything() throws Exception {
        StandInEngine stays = engine(StandInEngine.named("stays"));
        StandInEngine goes = engine(StandInEngine.named("goes"));
        names("left", stays, goes);
        goes.close();
        for (int i = 0; i < 6; i++) {
            assertThat(ask(asks("left")).body()).isEqualTo("stays");
        }
        router.until(() -> up("left") == 1);
    }

    @Test
    void nothingIsSentAgainOnceAnAnswerBegan() throws Exception {
        StandInEngine.Behaviour breaks = (request, out, connection) -> {
            out.write(StandInEngine.streamHead());
            out.write(StandInEngine.chunk("data: 1\n\n"));
            out.flush();
            connection.close();
        };
        StandInEngine one = engine(new StandInEngine(breaks));
        StandInEngine two = engine(new StandInEngine(breaks));
        names("broken", one, two);
        assertThatThrownBy(() -> ask(asks("broken"))).isInstanceOf(IOException.class);
        assertThat(one.requests().size() + two.requests().size()).isEqualTo(1);
    }

    @Test
    void streamedAnswersFlowAsTheyComeAndEndWithTheirClient() throws Exception {
        CountDownLatch seen = new CountDownLatch(1);
        CountDownLatch ended = new CountDownLatch(1);
        CompletableFuture<Boolean> left = new CompletableFuture<>();
        names("stream", engine(new StandInEngine((request, out, connection) -> {
            out.write(StandInEngine.streamHead());
            out.write(StandInEngine.chunk("data: 1\n"));
            out.flush();
            if (!seen.await(30, TimeUnit.SECONDS)) {
                left.completeExceptionally(new AssertionError("The first part did not arrive before the second."));
            }
            try {
                while (!left.isDone()) {
                    out.write(StandInEngine.chunk("data: 2\n"));
                    out.flush();
                    ended.await(20, TimeUnit.MILLISECONDS);
                }
            } catch (IOException nobodyReads) {
                left.complete(true);
            }
        })));
        var client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        var answer = client.send(post(asks("stream")).build(), HttpResponse.BodyHandlers.ofInputStream());
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.US_ASCII))) {
            assertThat(lines.readLine()).isEqualTo("data: 1");
            seen.countDown();
            assertThat(lines.readLine()).isEqualTo("data: 2");
        }
        assertThat(left.get(30, TimeUnit.SECONDS))
                .as("the engine hears that nobody reads any more")
                .isTrue();
    }

    @Test
    void requestsWaitForTheFirstEngineOfTheirModel() throws Exception {
        CompletableFuture<HttpResponse<String>> early =
                CLIENT.sendAsync(post(asks("late")).build(), HttpResponse.BodyHandlers.ofString());
        assertThat(ask(asks("fast")).statusCode())
                .as("others are served meanwhile")
                .isEqualTo(200);
        assertThat(early).isNotDone();
        names("late", engine(StandInEngine.named("late")));
        assertThat(early.get(30, TimeUnit.SECONDS).body()).isEqualTo("late");
    }

    @Test
    void aRouterThatIsAskedToEndFinishesItsRequestsAndTakesNoMore(@TempDir Path own) throws Exception {
        CountDownLatch held = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        StandInEngine slow = engine(new StandInEngine((request, out, connection) -> {
            held.countDown();
            end.await(30, TimeUnit.SECONDS);
            out.write(StandInEngine.whole("finished"));
        }));
        DNS.names("slow-engines", slow);
        try (RunningHaproxy leaving = RunningHaproxy.start(RunningHaproxy.program(SETTINGS, model("slow")), DNS, own)) {
            CompletableFuture<HttpResponse<String>> answer = CLIENT.sendAsync(
                    HttpRequest.newBuilder(leaving.uri("/v1/completions"))
                            .POST(HttpRequest.BodyPublishers.ofString(asks("slow")))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(held.await(30, TimeUnit.SECONDS)).isTrue();
            leaving.softStop();
            leaving.until(() -> leaving.state("/healthz") == 0);
            end.countDown();
            assertThat(answer.get(30, TimeUnit.SECONDS).body()).isEqualTo("finished");
            leaving.until(() -> !leaving.isAlive());
        }
    }

    @Test
    void itsOwnStateIsToldInPrometheusWordsToo() throws Exception {
        assertThat(router.state("/healthz")).isEqualTo(200);
        HttpResponse<String> metrics = router.get("/metrics");
        assumeTrue(metrics.statusCode() == 200, "NOT RUN: this haproxy was built without its Prometheus exporter.");
        Map<Boolean, List<String>> lines = metrics.body()
                .lines()
                .collect(Collectors.partitioningBy(line -> line.startsWith("haproxy_backend_current_sessions{")));
        assertThat(lines.get(true)).anyMatch(line -> line.contains("proxy=\"spread\""));
    }
}
