package dev.scepsy.javaagent;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.scepsy.javaagent.app.LivingApp;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The doctor looks into running JVMs, and each reason why nothing shows up is told from the others. */
class DoctorIT {

    @Test
    void tellsAnAgentAtWorkFromOneThatWaitsIsOffOrNotThere() {
        try (SpanReceiver receiver = new SpanReceiver()) {
            assertThat(examined(living(3).withAgent().exportingTo(receiver).env("OTEL_BSP_SCHEDULE_DELAY", "100")))
                    .contains("instrumented 2 classes (chat 2)", "saw 3 operations, dropped 0")
                    .containsAnyOf("Spans arrive", "the first spans are on their way");
        }
        assertThat(examined(living(0).withAgent())).contains("No LangChain4j class has been loaded");
        assertThat(examined(living(0).withAgent().env("SCEPSY_ENABLED", "false")))
                .contains("switched off by");
        assertThat(examined(living(0))).contains("is not in this JVM. Put -javaagent");
        assertThat(examined(living(0).argument("-javaagent:" + ForkedJvm.agentJar())))
                .contains("comes after the main class");
    }

    @Test
    void tellsWhatIsWrongWithTheReceiver() throws IOException {
        int nobody;
        try (ServerSocket socket = loopback()) {
            nobody = socket.getLocalPort();
        }
        assertThat(exporting("http://127.0.0.1:" + nobody)).contains("Nothing listens at");
        try (SpanReceiver receiver = new SpanReceiver()) {
            assertThat(exporting(receiver.endpoint() + "/wrong")).contains("takes no OTLP under this path (HTTP 404)");
        }
        try (ServerSocket socket = loopback()) {
            daemon(() -> hangUp(socket));
            assertThat(exporting("http://127.0.0.1:" + socket.getLocalPort())).contains("does not speak HTTP");
        }
        HttpServer pages = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        pages.createContext("/", exchange -> {
            exchange.getRequestBody().readAllBytes();
            exchange.getResponseHeaders().add("Content-Type", "text/html");
            exchange.sendResponseHeaders(200, 2);
            exchange.getResponseBody().write(new byte[] {'h', 'i'});
            exchange.close();
        });
        pages.start();
        try {
            assertThat(exporting("http://127.0.0.1:" + pages.getAddress().getPort()))
                    .contains("is a web page, not an OTLP receiver");
        } finally {
            pages.stop(0);
        }
    }

    @Test
    void tellsWhenTheSettingsKeepSpansIn() {
        assertThat(examined(living(3).withAgent().env("OTEL_TRACES_SAMPLER", "always_off")))
                .contains("The sampler (always_off) lets nothing through");
        assertThat(examined(living(3).withAgent().env("OTEL_TRACES_EXPORTER", "none")))
                .contains("switched off by OTEL_TRACES_EXPORTER=none");
    }

    @Test
    void saysHowItIsCalledAndThatAProcessCannotBeReached() {
        assertThat(doctor().exitCode()).isZero();
        assertThat(doctor("1x").exitCode()).isEqualTo(2);
        ForkedJvm.Outcome misused = new Asked("--help").outcome();
        assertThat(misused.exitCode()).isEqualTo(2);
        assertThat(misused.err()).contains("Usage:", "--doctor");
    }

    @Test
    void theStatisticsAreServedOnTheLoopbackAddressOnly() throws IOException {
        int port;
        try (ServerSocket socket = loopback()) {
            port = socket.getLocalPort();
        }
        URI statistics = URI.create("http://127.0.0.1:" + port + "/workflows.json");
        try (Running app = living(3)
                .withAgent()
                .env("OTEL_TRACES_EXPORTER", "none")
                .env("SCEPSY_STATISTICS_PORT", String.valueOf(port))
                .start()) {
            app.await("statistics", () -> get(statistics).contains("\"executions\""));

            assertThat(get(statistics)).contains("\"callsPerExecution\"", "\"model\": \"echo\"");
            assertThat(get(URI.create("http://127.0.0.1:" + port + "/plan.json")))
                    .isEqualTo("404");
            assertThat(rawGet(port, "evil.example")).startsWith("HTTP/1.1 403");
            assertThat(rawGet(port, "localhost:" + port)).startsWith("HTTP/1.1 200");
            assertThat(app.end().exitCode()).isZero();
        }
    }

    /** With calls that have ended long enough ago for the first export to have been tried, or not: the doctor asks then itself. */
    private static String exporting(String endpoint) {
        return examined(living(3).withAgent().env("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint));
    }

    private static ForkedJvm living(int calls) {
        return ForkedJvm.of(LivingApp.class)
                .option("-XX:TieredStopAtLevel=1")
                .argument(String.valueOf(calls))
                .env("SCEPSY_EXIT_FLUSH_MILLIS", "0");
    }

    private static String examined(ForkedJvm jvm) {
        try (Running app = jvm.start()) {
            app.await("its calls", () -> app.out().contains("called"));
            StringBuilder said = new StringBuilder();
            app.await("a diagnosis", () -> {
                ForkedJvm.Outcome outcome = doctor(String.valueOf(app.pid()));
                said.setLength(0);
                said.append(outcome.out());
                // Facts are published once a second.
                return outcome.exitCode() == 0 && !outcome.out().contains("No operation has ended yet");
            });
            return said.toString();
        }
    }

    private static ForkedJvm.Outcome doctor(String... pid) {
        String[] arguments = new String[pid.length + 1];
        arguments[0] = "--doctor";
        System.arraycopy(pid, 0, arguments, 1, pid.length);
        return new Asked(arguments).outcome();
    }

    /** The agent's jar as a program. */
    private record Asked(String... arguments) {

        ForkedJvm.Outcome outcome() {
            List<String> command = new java.util.ArrayList<>(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:TieredStopAtLevel=1",
                    "-jar",
                    ForkedJvm.agentJar().toString()));
            command.addAll(List.of(arguments));
            try (Running running = new Running(command, Map.of())) {
                return running.end();
            }
        }
    }

    private static ServerSocket loopback() throws IOException {
        return new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    }

    private static void hangUp(ServerSocket socket) {
        try {
            while (true) {
                try (Socket caller = socket.accept()) {
                    caller.getOutputStream()
                            .write(new byte[] {0, 0, 6, 4, 0, 0, 0, 0, 0, '\n', '\n'}); // As HTTP/2 would.
                }
            }
        } catch (IOException closed) {
            // That ends it.
        }
    }

    private static void daemon(Runnable work) {
        Thread thread = new Thread(work);
        thread.setDaemon(true);
        thread.start();
    }

    private static String get(URI address) {
        try {
            HttpURLConnection connection = (HttpURLConnection) address.toURL().openConnection();
            if (connection.getResponseCode() != 200) {
                return String.valueOf(connection.getResponseCode());
            }
            try (InputStream in = connection.getInputStream()) {
                return new String(in.readAllBytes(), StandardCharsets.UTF_8);
            }
        } catch (IOException notYet) {
            return "";
        }
    }

    private static String rawGet(int port, String host) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            OutputStream out = socket.getOutputStream();
            out.write(("GET /workflows.json HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
