package dev.scepsy.planner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** A head node of Ray as a process of this machine, which pretends to have four GPUs; its Serve listens on loopback. */
final class RealRay implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Process process;
    private final int dashboard;
    private final int serve;
    private final Path log;
    private final HttpClient http = HttpClient.newHttpClient();

    RealRay(Path folder) throws Exception {
        dashboard = freePort();
        serve = freePort();
        log = folder.resolve("ray.log");
        List<String> command = List.of(
                environment().resolve("bin/ray").toString(),
                "start",
                "--head",
                "--block",
                "--node-ip-address=127.0.0.1",
                "--port=" + freePort(),
                "--dashboard-host=127.0.0.1",
                "--dashboard-port=" + dashboard,
                "--ray-client-server-port=" + freePort(),
                "--dashboard-agent-listen-port=" + freePort(),
                "--min-worker-port=0",
                "--max-worker-port=0",
                "--num-cpus=4",
                "--num-gpus=4",
                "--object-store-memory=100000000",
                "--disable-usage-stats",
                "--temp-dir=" + folder.resolve("t"));
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment()
                .put(
                        "PYTHONPATH",
                        Path.of("src/it/resources/ray").toAbsolutePath().toString());
        builder.environment().put("PYTHONDONTWRITEBYTECODE", "1");
        process = builder.start();
        await("the dashboard", ignored -> details().isObject());
    }

    /** The Python environment that has Ray. */
    static Path environment() {
        return Path.of(System.getenv().getOrDefault("SCEPSY_RAY", ""));
    }

    static Optional<String> missing() {
        if (System.getenv().getOrDefault("SCEPSY_RAY", "").isEmpty()) {
            return Optional.of("SCEPSY_RAY names no Python environment with ray[serve] and pyarrow");
        }
        return Files.isExecutable(environment().resolve("bin/ray"))
                ? Optional.empty()
                : Optional.of(environment().resolve("bin/ray") + " is no program");
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    String address() {
        return "http://127.0.0.1:" + dashboard;
    }

    /** What Serve says, or nothing while nobody answers. */
    JsonNode details() {
        try {
            HttpResponse<String> answer = http.send(
                    HttpRequest.newBuilder(URI.create(address() + "/api/serve/applications/"))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            return answer.statusCode() == 200 ? JSON.readTree(answer.body()) : JSON.missingNode();
        } catch (IOException notYet) {
            return JSON.missingNode();
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }

    /** What somebody else's client puts: these applications and no others. */
    void put(String... applications) throws Exception {
        HttpResponse<String> answer = http.send(
                HttpRequest.newBuilder(URI.create(address() + "/api/serve/applications/"))
                        .header("Content-Type", "application/json")
                        .PUT(HttpRequest.BodyPublishers.ofString(
                                "{\"proxy_location\": \"HeadOnly\", \"http_options\": {\"host\": \"127.0.0.1\", \"port\": "
                                        + serve + "}, \"applications\": [" + String.join(",", applications) + "]}"))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    /** Answer of an application over HTTP. */
    String ask(String route) throws Exception {
        return http.send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + serve + route))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }

    String status(String application) {
        return details().path("applications").path(application).path("status").asText("gone");
    }

    void await(String what, Predicate<RealRay> reached) throws InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!reached.test(this)) {
            assertThat(System.nanoTime())
                    .as("waiting for " + what + ", see " + log)
                    .isLessThan(end);
            assertThat(process.isAlive()).as("Ray lives, see " + log).isTrue();
            Thread.sleep(200);
        }
    }

    @Override
    public void close() {
        List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
        process.destroy();
        try {
            process.waitFor(30, TimeUnit.SECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        all.forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }
}
