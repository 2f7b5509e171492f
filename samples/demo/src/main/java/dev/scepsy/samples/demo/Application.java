package dev.scepsy.samples.demo;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The sample application in a JVM of its own, under the agent, as a user would start it. */
final class Application implements AutoCloseable {

    private static final String LISTENS = "listens on ";

    private final Process process;
    private final URI url;

    private final Thread whenInterrupted;

    private Application(Process process, URI url, Thread whenInterrupted) {
        this.process = process;
        this.url = url;
        this.whenInterrupted = whenInterrupted;
    }

    /**
     * Starts it and waits until it listens.
     *
     * @param models where the models are served, as the application's option takes it
     * @param otlp where the agent exports to
     */
    static Application start(DemoSettings settings, String models, URI otlp, DemoFiles files) throws IOException {
        return start(settings, models, otlp, files.path("application.log"), Map.of());
    }

    /**
     * The same with more variables of OpenTelemetry.
     *
     * @param log where it writes what is wrong
     */
    static Application start(DemoSettings settings, String models, URI otlp, Path log, Map<String, String> variables)
            throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command(settings, models));
        builder.environment().put("OTEL_EXPORTER_OTLP_ENDPOINT", otlp.toString());
        builder.environment().put("OTEL_SERVICE_NAME", "research-assistant");
        builder.environment().put("OTEL_BSP_SCHEDULE_DELAY", "500");
        builder.environment().put("OTEL_BSP_MAX_QUEUE_SIZE", "65536");
        builder.environment().putAll(variables);
        builder.redirectError(log.toFile());
        Process process = builder.start();
        Thread whenInterrupted = new Thread(process::destroy, "stop-application");
        Runtime.getRuntime().addShutdownHook(whenInterrupted);
        BufferedReader output =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            int at = line.indexOf(LISTENS);
            if (at >= 0) {
                return new Application(process, URI.create(line.substring(at + LISTENS.length())), whenInterrupted);
            }
        }
        process.destroyForcibly();
        throw new IOException("The application ended before it listened; it says why in " + log + ".");
    }

    private static List<String> command(DemoSettings settings, String models) {
        return List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-javaagent:" + settings.agentJar(),
                "-Xmx512m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-jar",
                settings.applicationJar().toString(),
                "--models",
                models,
                "--port",
                "0");
    }

    URI url() {
        return url;
    }

    /** Lets a release happen: the critic is asked so many times per review from now on. */
    void askCritics(int times) throws IOException {
        try {
            int status = HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(url.resolve("/critics"))
                                    .POST(BodyPublishers.ofString("{\"count\": " + times + "}"))
                                    .build(),
                            BodyHandlers.discarding())
                    .statusCode();
            if (status != 200) {
                throw new DemoFailure("The application did not change: " + status + ".");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    ProcessHandle process() {
        return process.toHandle();
    }

    @Override
    public void close() {
        process.destroy();
        try {
            Runtime.getRuntime().removeShutdownHook(whenInterrupted);
        } catch (IllegalStateException e) {
            // the JVM is shutting down already, and the hook does the same
        }
        try {
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
