package dev.scepsy.planner.serve.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.scepsy.planner.serve.web.Running.Reply;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Bodies that are wrong, hostile, large or slow; names that are hostile. */
class BodiesTest {

    private Running running;

    @BeforeEach
    void start() throws IOException {
        running = Running.open();
    }

    @AfterEach
    void stop() {
        running.close();
    }

    @Test
    void everyProblemOfABodyIsNamed() {
        Reply pin = running.change(
                "PUT",
                "/api/v1/pins/large",
                "{\"gpu\":7,\"gpuFraction\":1.5,\"tensorParallel\":0,\"replicas\":\"2\",\"until\":\"tomorrow\",\"colour\":1}");
        assertThat(pin.status()).isEqualTo(400);
        assertThat(pin.json().get("problems").toString())
                .contains(
                        "gpu must",
                        "gpuFraction must",
                        "tensorParallel must",
                        "replicas must",
                        "until must",
                        "colour is not known");
        Reply whatIf = running.change(
                "POST",
                "/api/v1/proposals",
                "{\"whatIf\":{\"targets\":{\"a\":-1},\"limits\":{\"a\":0},\"gpus\":{\"n\":1.5},\"without\":[1],\"faster\":{\"m\":0},\"slower\":{}}}");
        assertThat(whatIf.json().get("problems").toString())
                .contains(
                        "whatIf.targets.a",
                        "whatIf.limits.a",
                        "whatIf.gpus.n",
                        "whatIf.without",
                        "whatIf.faster.m",
                        "whatIf.slower is not known");
        assertThat(running.change("POST", "/api/v1/proposals", "{\"whatIf\":{},\"targets\":{}}")
                        .status())
                .isEqualTo(400);
        assertThat(running.change("POST", "/api/v1/proposals", "{\"whatIf\":1}").status())
                .isEqualTo(400);
        assertThat(running.change("PUT", "/api/v1/freeze", "{\"until\":\"2020-01-01T00:00:00Z\"}")
                        .json()
                        .get("detail")
                        .textValue())
                .contains("has passed");
        assertThat(running.change("POST", "/api/v1/rollback", "{\"reason\":\"" + "x".repeat(1001) + "\"}")
                        .status())
                .isEqualTo(400);
        assertThat(running.operations.asked).isEmpty();
    }

    @Test
    void whatIsNoJsonObjectIsRefusedWithItsPlace() {
        for (String body : List.of(
                "[]",
                "1",
                "null",
                "{",
                "{\"reason\":\"a\",\"reason\":\"b\"}",
                "{} {}",
                "{\"targets\":{\"a\":NaN}}",
                "{\"targets\":{\"a\":1e999}}",
                "{\"targets\":{\"a\":" + "9".repeat(200) + "}}",
                "\u0000")) {
            assertThat(running.change("POST", "/api/v1/proposals", body).status())
                    .as(body)
                    .isEqualTo(400);
        }
        assertThat(running.change("POST", "/api/v1/proposals", "{\n\"reason\": }")
                        .json()
                        .get("detail")
                        .textValue())
                .contains("line 2");
        assertThat(running.operations.asked).isEmpty();
    }

    @Test
    void aDeepBombIsRefused() {
        for (String open : List.of("{\"a\":", "[")) {
            String bomb = (open.equals("[") ? "{\"whatIf\":" : "") + open.repeat(100_000);
            Reply reply = running.change("POST", "/api/v1/proposals", bomb);
            assertThat(reply.status()).isEqualTo(400);
            assertThat(reply.body().length()).isLessThan(2_000);
        }
    }

    @Test
    void aBodyAboveAMebibyteIsRefusedWhetherItSaysSoOrNot() throws IOException {
        assertThat(running.change("PUT", "/api/v1/freeze", "x".repeat(WebLimits.MOST_BODY_BYTES + 1))
                        .status())
                .isEqualTo(413);
        String chunk = "10000\r\n" + "x".repeat(0x10000) + "\r\n";
        String answer = running.raw("PUT /api/v1/freeze HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                + "Content-Type: application/json\r\nX-Scepsy-Request: 1\r\nTransfer-Encoding: chunked\r\n\r\n"
                + chunk.repeat(17));
        assertThat(answer).startsWith("HTTP/1.1 413");
    }

    @Test
    void aSlowSenderIsCutOff() throws IOException {
        WebLimits hasty = new WebLimits(
                Duration.ofMillis(300),
                Running.LIMITS.answerTimeout(),
                Running.LIMITS.connections(),
                Running.LIMITS.eventStreams(),
                Running.LIMITS.waitingEvents(),
                Running.LIMITS.heartbeat());
        try (Running hurried = Running.open(hasty)) {
            String answer = hurried.raw("PUT /api/v1/freeze HTTP/1.1\r\nHost: localhost\r\n"
                    + "Content-Type: application/json\r\nX-Scepsy-Request: 1\r\nContent-Length: 100\r\n\r\n{");
            assertThat(answer).startsWith("HTTP/1.1 408").contains("application/problem+json");
            assertThat(hurried.raw("GET /api/v1/mod")).isEmpty();
            assertThat(hurried.operations.asked).isEmpty();
        }
    }

    @Test
    void longLinesAndHeadersAreRefused() throws IOException {
        assertThat(running.raw(
                        "GET /" + "x".repeat(WebLimits.MOST_LINE_BYTES) + " HTTP/1.1\r\nHost: localhost\r\n\r\n"))
                .startsWith("HTTP/1.1 414");
        assertThat(running.raw("GET / HTTP/1.1\r\nHost: localhost\r\nX: " + "x".repeat(WebLimits.MOST_HEADER_BYTES)
                        + "\r\n\r\n"))
                .startsWith("HTTP/1.1 431");
    }

    @Test
    void connectionsAreLimited() throws IOException {
        WebLimits few = new WebLimits(
                Running.LIMITS.bodyTimeout(),
                Running.LIMITS.answerTimeout(),
                2,
                Running.LIMITS.eventStreams(),
                Running.LIMITS.waitingEvents(),
                Running.LIMITS.heartbeat());
        try (Running small = Running.open(few);
                Socket one = socket(small);
                Socket two = socket(small)) {
            for (Socket socket : List.of(one, two)) {
                OutputStream out = socket.getOutputStream();
                out.write("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.UTF_8));
                assertThat(socket.getInputStream().read()).isEqualTo('H');
            }
            try (Socket three = socket(small)) {
                assertThat(three.getInputStream().read()).isEqualTo(-1);
            } catch (java.net.SocketException e) {
                assertThat(e).hasMessageContaining("reset");
            }
        }
    }

    private static Socket socket(Running running) throws IOException {
        Socket socket = new Socket(
                running.server.address().getAddress(), running.server.address().getPort());
        socket.setSoTimeout(20_000);
        return socket;
    }

    @Test
    void hostileNamesComeBackAsTheyAreInsideJson() {
        for (String name : List.of(
                "</script><script>alert(1)</script>",
                "\u202Egnp.exe\u202C\u200F",
                "a\"\\\n\u0000\u2028b",
                "x".repeat(1 << 20))) {
            running.observations.workflow = name;
            running.operations.modelName = name;
            Reply statistics = running.get("/api/v1/statistics");
            JsonNode models = running.get("/api/v1/models").json();
            assertThat(statistics.json().at("/workflows/0/name").textValue()).isEqualTo(name);
            assertThat(statistics.header("content-type")).isEqualTo("application/json");
            assertThat(models.at("/models/0/model").textValue()).isEqualTo(name);
        }
        running.observations.workflow = "</script>";
        Reply unknown = running.get("/api/v1/shares?workflow="
                + URLEncoder.encode("<img src=x onerror=alert(1)>\u202E" + "y".repeat(500), StandardCharsets.UTF_8));
        assertThat(unknown.status()).isEqualTo(404);
        assertThat(unknown.json().get("detail").textValue()).hasSizeLessThan(250);
        assertThat(running.change(
                                "PUT", "/api/v1/pins/" + URLEncoder.encode("<b>/\u202E", StandardCharsets.UTF_8), "{}")
                        .json()
                        .get("model")
                        .textValue())
                .isEqualTo("<b>/\u202E");
    }
}
