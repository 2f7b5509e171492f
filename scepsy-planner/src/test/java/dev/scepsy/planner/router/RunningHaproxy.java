package dev.scepsy.planner.router;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BooleanSupplier;

/** The real program with a configuration of ours, at a loopback address of its own; DNS is a stand-in. */
final class RunningHaproxy implements AutoCloseable {

    private static final int PORT = 8000;
    private static final HttpClient CLIENT =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private final Process process;
    private final String address;
    private final Path log;

    private RunningHaproxy(Process process, String address, Path log) {
        this.process = process;
        this.address = address;
        this.log = log;
    }

    /** {@code SCEPSY_HAPROXY}, else what the path has; empty where there is none. */
    static Optional<String> binary() {
        return program("SCEPSY_HAPROXY", "haproxy");
    }

    static Optional<String> program(String variable, String name) {
        String named = System.getenv(variable);
        if (named != null && !named.isBlank()) {
            return Optional.of(named);
        }
        return Arrays.stream((System.getenv("PATH") + File.pathSeparator + "/usr/sbin").split(File.pathSeparator))
                .map(folder -> Path.of(folder, name))
                .filter(Files::isExecutable)
                .map(Path::toString)
                .findFirst();
    }

    static RouterProgram program(RouterSettings settings, RoutedModel... models) {
        return RouterProgram.of(Routing.of(settings.withKind(RouterKind.HAPROXY), List.of(models)), "models", PORT)
                .orElseThrow();
    }

    static void write(RouterProgram program, Path folder, String nameserver) throws IOException {
        for (Map.Entry<String, String> file : program.files().entrySet()) {
            Files.writeString(folder.resolve(file.getKey()), file.getValue().replace("parse-resolv-conf", nameserver));
        }
    }

    static RunningHaproxy start(RouterProgram program, StandInDns dns, Path folder) throws IOException {
        write(program, folder, "nameserver dns 127.0.0.1:" + dns.port());
        ThreadLocalRandom random = ThreadLocalRandom.current();
        String address = "127." + random.nextInt(64, 250) + "." + random.nextInt(1, 250) + "." + random.nextInt(1, 250);
        Path log = folder.resolve("log");
        ProcessBuilder builder = new ProcessBuilder(
                        binary().orElseThrow(),
                        "-W",
                        "-db",
                        "-f",
                        folder.resolve("haproxy.cfg").toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().put(RouterProgram.POD_IP, address);
        RunningHaproxy running = new RunningHaproxy(builder.start(), address, log);
        running.until(() -> running.state("/readyz") == 200);
        return running;
    }

    URI uri(String path) {
        return URI.create("http://" + address + ":" + PORT + path);
    }

    String address() {
        return address;
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** As a container runtime asks it to end: the image's stop signal. */
    void softStop() throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-USR1", Long.toString(process.pid()))
                .start()
                .waitFor();
    }

    int state(String path) {
        try {
            return get(path).statusCode();
        } catch (IOException notYet) {
            return 0;
        }
    }

    HttpResponse<String> get(String path) throws IOException {
        try {
            return CLIENT.send(
                    HttpRequest.newBuilder(URI.create("http://" + address + ":8404" + path))
                            .timeout(Duration.ofSeconds(5))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        } catch (InterruptedException asked) {
            Thread.currentThread().interrupt();
            throw new IOException(asked);
        }
    }

    void until(BooleanSupplier condition) throws IOException {
        Instant deadline = Instant.now().plusSeconds(30);
        while (!condition.getAsBoolean()) {
            if (Instant.now().isAfter(deadline)) {
                throw new AssertionError("Still not so after 30 s. HAProxy says: " + Files.readString(log));
            }
            try {
                Thread.sleep(20);
            } catch (InterruptedException asked) {
                Thread.currentThread().interrupt();
                throw new IOException(asked);
            }
        }
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }
}
