package dev.scepsy.samples.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** {@code scepsy serve} as a process of its own, from the built jar, and what its API answers. */
final class ServiceProcess implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();
    private final Path folder;
    private final String kubeconfig;
    private final List<String> arguments;
    private final Instant origin = Instant.now();
    private final int web = freePort();
    private final int otlpHttp = freePort();
    private final int otlpGrpc = freePort();
    private @Nullable Process process;
    private int starts;

    /** An answer of the API. */
    record Answer(int status, String body) {
        JsonNode json() {
            try {
                return JSON.readTree(body);
            } catch (JsonProcessingException e) {
                throw new UncheckedIOException(body, e);
            }
        }
    }

    /**
     * Writes {@code serve.yaml}; the files that it names are in the folder already.
     *
     * @param apiServer of the cluster that serves
     * @param yaml the configuration without {@code listen}
     * @param arguments further ones of the command
     */
    ServiceProcess(Path folder, String apiServer, String yaml, String... arguments) throws IOException {
        this.folder = folder;
        this.arguments = List.of(arguments);
        Path config = folder.resolve("kubeconfig");
        Files.writeString(config, """
                apiVersion: v1
                kind: Config
                clusters: [{name: emulated, cluster: {server: "%s"}}]
                contexts: [{name: emulated, context: {cluster: emulated, user: nobody, namespace: default}}]
                users: [{name: nobody, user: {}}]
                current-context: emulated
                """.formatted(apiServer));
        kubeconfig = config.toString();
        Files.writeString(
                folder.resolve("serve.yaml"),
                "listen: {otlpGrpc: \"127.0.0.1:%d\", otlpHttp: \"127.0.0.1:%d\", web: \"127.0.0.1:%d\"}\n"
                                .formatted(otlpGrpc, otlpHttp, web)
                        + yaml);
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts it, and waits until it is ready. */
    void start() throws IOException {
        process = command().start();
        awaitReady();
    }

    /** The command with its output in a file beside the configuration. */
    ProcessBuilder command() {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-jar",
                Path.of(System.getProperty("scepsy.root"), "scepsy-planner/target/scepsy-cli.jar")
                        .toString(),
                "serve",
                "--config",
                "serve.yaml",
                "--time-scale",
                Double.toString(ServiceFolder.TIME_SCALE),
                "--time-origin",
                origin.toString()));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("serve-" + ++starts + ".log").toFile());
        builder.environment().put("KUBECONFIG", kubeconfig);
        return builder;
    }

    void awaitReady() {
        Engines.await("the service is ready; " + log(), () -> {
            assertThat(running()).as(this::log).isTrue();
            return tried("/readyz") == 200;
        });
    }

    private int tried(String path) {
        try {
            return get(path).status();
        } catch (UncheckedIOException notYet) {
            return 0;
        }
    }

    boolean running() {
        return process != null && process.isAlive();
    }

    long pid() {
        return started().pid();
    }

    private Process started() {
        if (process == null) {
            throw new IllegalStateException("The service was not started.");
        }
        return process;
    }

    /** What it wrote since its last start. */
    String log() {
        try {
            Path file = folder.resolve("serve-" + starts + ".log");
            return Files.exists(file) ? Files.readString(file) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** SIGKILL. */
    void kill() throws InterruptedException {
        started().destroyForcibly().waitFor();
    }

    /** SIGTERM; the exit code. */
    int stop() throws InterruptedException {
        Process ending = started();
        ending.destroy();
        assertThat(ending.waitFor(30, TimeUnit.SECONDS)).as(this::log).isTrue();
        return ending.exitValue();
    }

    /** The time in which it thinks: the cluster's, now. */
    Instant now() {
        return origin.plusNanos((long) (Duration.between(origin, Instant.now()).toNanos() * ServiceFolder.TIME_SCALE));
    }

    String url() {
        return "http://127.0.0.1:" + web;
    }

    String otlpUrl() {
        return "http://127.0.0.1:" + otlpHttp;
    }

    Answer get(String path) {
        return send(HttpRequest.newBuilder(URI.create(url() + path)).GET());
    }

    Answer post(String path, String body) {
        return change("POST", path, body);
    }

    Answer change(String method, String path, String body) {
        return send(HttpRequest.newBuilder(URI.create(url() + path))
                .header("Content-Type", "application/json")
                .header("X-Scepsy-Request", "1")
                .method(method, HttpRequest.BodyPublishers.ofString(body)));
    }

    private Answer send(HttpRequest.Builder request) {
        try {
            HttpResponse<String> response =
                    http.send(request.timeout(PATIENCE).build(), HttpResponse.BodyHandlers.ofString());
            return new Answer(response.statusCode(), response.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** The proposal, once it is in one of these states. */
    JsonNode awaitProposal(String id, String... states) {
        JsonNode[] seen = new JsonNode[1];
        Engines.await("proposal " + id + " is " + String.join(" or ", states), () -> {
            Answer answer = get("/api/v1/proposals/" + id);
            assertThat(answer.status()).as(answer.body()).isEqualTo(200);
            seen[0] = answer.json();
            return List.of(states).contains(seen[0].path("state").asText());
        });
        return seen[0];
    }

    @Override
    public void close() {
        if (process != null) {
            process.destroyForcibly();
        }
    }
}
