package dev.scepsy.javaagent.planning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StatisticsServerTest {

    private static final String WORKFLOWS = "{\"workflows\":[\"rück\"]}";

    private StatisticsServer server;

    @BeforeEach
    void start() throws IOException {
        server = new StatisticsServer(
                0, Map.of("/workflows.json", () -> WORKFLOWS, "/plan.json", () -> null, "/failing.json", () -> {
                    throw new IllegalStateException();
                }));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void givesTheDocumentToAClientOfTheJdk() throws Exception {
        HttpResponse<String> answer = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + "/workflows.json?x=1"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo(WORKFLOWS);
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/json");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "GET /workflows.json HTTP/1.1|localhost|200",
                "GET /workflows.json HTTP/1.0|localhost:8080|200",
                "HEAD /workflows.json HTTP/1.1|[::1]:1|200",
                "GET http://localhost/workflows.json HTTP/1.1|localhost|200",
                "GET /workflows.json HTTP/1.1|evil.example|403",
                "GET /workflows.json HTTP/1.1||403",
                "GET /plan.json HTTP/1.1|localhost|404",
                "GET / HTTP/1.1|localhost|404",
                "POST /workflows.json HTTP/1.1|localhost|405",
                "GET /failing.json HTTP/1.1|localhost|500",
                "GET /%%% HTTP/1.1|localhost|400",
                "GET /workflows.json HTTP/2.0|localhost|400",
                "nonsense|localhost|400",
            })
    void answersWhatItIsAsked(String line, String host, int status) throws IOException {
        String answer = asked(line + "\r\n" + (host == null ? "" : "Host: " + host + "\r\n") + "\r\n");

        assertThat(answer).startsWith("HTTP/1.1 " + status + " ").contains("\r\nConnection: close\r\n");
        assertThat(answer.endsWith("\r\n\r\n" + WORKFLOWS)).isEqualTo(status == 200 && line.startsWith("GET"));
    }

    @Test
    void aRequestWithoutEndIsRefused() throws IOException {
        assertThat(asked("GET /workflows.json HTTP/1.1\r\nX: " + "x".repeat(16 << 10)))
                .startsWith("HTTP/1.1 431 ");
    }

    @Test
    void whoOnlyLooksWhetherAnybodyListensIsNoTrouble() throws IOException {
        new Socket(InetAddress.getLoopbackAddress(), server.port()).close();

        assertThat(asked("GET /workflows.json HTTP/1.1\nHost: localhost\n\n")).startsWith("HTTP/1.1 200 ");
    }

    @Test
    void itsThreadsAreDaemonsAndNoInterruptMakesThemSpinOrEnd() throws IOException {
        for (int round = 0; round < 3; round++) {
            threads().forEach(Thread::interrupt);

            assertThat(asked("GET /workflows.json HTTP/1.1\r\nHost: localhost\r\n\r\n"))
                    .startsWith("HTTP/1.1 200 ");
        }

        assertThat(threads())
                .singleElement()
                .matches(Thread::isDaemon)
                .matches(thread -> thread.getName().equals("scepsy-statistics"), "no selecting thread of the JDK's");
    }

    private List<Thread> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("scepsy-statistics")
                        || thread.getName().startsWith("HTTP-Dispatcher"))
                .toList();
    }

    @Test
    void aPortThatIsTakenIsSaid() {
        assertThatThrownBy(() -> new StatisticsServer(server.port(), Map.of())).isInstanceOf(BindException.class);
    }

    private String asked(String request) throws IOException {
        try (Socket client = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            client.setSoTimeout(30_000);
            client.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            client.getOutputStream().flush();
            client.shutdownOutput();
            return new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
