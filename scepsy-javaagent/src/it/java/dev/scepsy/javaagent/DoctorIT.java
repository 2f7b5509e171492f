package dev.scepsy.javaagent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.javaagent.app.LivingApp;
import dev.scepsy.javaagent.doctor.Doctor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.HttpURLConnection;
import java.net.InetAddress;
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
    void tellsThatNothingListensFromASamplerThatLetsNothingThrough() throws IOException {
        int nobody;
        try (ServerSocket socket = loopback()) {
            nobody = socket.getLocalPort();
        }
        assertThat(examined(living(3).withAgent().env("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:" + nobody)))
                .contains("Nothing listens at http://127.0.0.1:" + nobody + "/v1/traces");
        assertThat(examined(living(3).withAgent().env("OTEL_TRACES_SAMPLER", "always_off")))
                .contains("The sampler (always_off) lets nothing through");
    }

    @Test
    void theAgentsJarIsItsProgram() {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-jar",
                ForkedJvm.agentJar().toString(),
                "--doctor",
                String.valueOf(ProcessHandle.current().pid()));
        try (Running running = new Running(command, Map.of())) {
            ForkedJvm.Outcome outcome = running.end();

            assertThat(outcome.exitCode()).as(outcome.err()).isZero();
            assertThat(outcome.out()).contains("is not in this JVM");
        }
        assertThat(new Said("--doctor").exitCode).isZero();
        assertThat(new Said("--doctor", "no-process").exitCode).isEqualTo(2);
        assertThat(new Said("--help").text).contains("Usage:", "--doctor");
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

    private static ForkedJvm living(int calls) {
        return ForkedJvm.of(LivingApp.class)
                .option("-XX:TieredStopAtLevel=1")
                .argument(String.valueOf(calls))
                .env("SCEPSY_EXIT_FLUSH_MILLIS", "0");
    }

    private static String examined(ForkedJvm jvm) {
        try (Running app = jvm.start()) {
            app.await("its calls", () -> app.out().contains("called"));
            Said[] last = new Said[1];
            app.await("a diagnosis", () -> {
                last[0] = new Said("--doctor", String.valueOf(app.pid()));
                // Facts are published once a second.
                return last[0].exitCode == 0 && !last[0].text.contains("No operation has ended yet");
            });
            return last[0].text;
        }
    }

    /** What the doctor says, in this JVM. */
    private static final class Said {

        private final int exitCode;
        private final String text;

        private Said(String... arguments) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            PrintStream both = new PrintStream(bytes, true, StandardCharsets.UTF_8);
            exitCode = Doctor.run(arguments, both, both);
            text = bytes.toString(StandardCharsets.UTF_8);
        }
    }

    private static ServerSocket loopback() throws IOException {
        return new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
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
