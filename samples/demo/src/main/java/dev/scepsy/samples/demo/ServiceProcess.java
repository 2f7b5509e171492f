package dev.scepsy.samples.demo;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** {@code scepsy serve} as a user would start it, in a JVM of its own, in emulated time. */
final class ServiceProcess implements AutoCloseable {

    private static final int PATIENCE_SECONDS = 15;
    private static final long READY_NANOS = 60_000_000_000L;

    private final Process process;
    private final Path log;
    private final URI web;
    private final URI otlp;
    private final Thread whenInterrupted;

    private ServiceProcess(Process process, Path log, URI web, URI otlp) {
        this.process = process;
        this.log = log;
        this.web = web;
        this.otlp = otlp;
        this.whenInterrupted = new Thread(process::destroy, "stop-service");
        Runtime.getRuntime().addShutdownHook(whenInterrupted);
    }

    /**
     * Starts it on free ports, for the cluster behind an API server.
     *
     * @param cli {@code scepsy-cli.jar}
     * @param mode {@code observe}, {@code propose} or {@code apply}
     * @param spareGpus that every plan leaves empty
     */
    static ServiceProcess start(
            Path cli, DemoFiles files, String apiServer, ScaledClock clock, String mode, int spareGpus)
            throws IOException {
        int grpc = freePort();
        int http = freePort();
        int web = freePort();
        Path config = files.path("serve.yaml");
        Files.writeString(config, """
                # What the demo's service is told; all times are emulated ones.
                listen: {otlpGrpc: "127.0.0.1:%d", otlpHttp: "127.0.0.1:%d", web: "127.0.0.1:%d"}
                cluster: {file: cluster.yaml, kubernetes: {namespace: default}}
                models: models.yaml
                store: "jdbc:h2:file:./service/scepsy"
                statistics: {window: 10m, settle: 10s, open: 5m}
                engines: {scrapeEvery: 10s}
                targets: {default: {quantile: 0.95, bin: 2m, headroom: 1.1}}
                replan:
                  mode: %s
                  minimumGain: 0.02
                  spareGpus: %d
                  cooldown: 1m
                  maximumMoves: 16
                  verify: {after: 2m, tolerance: 0.5, goBack: true}
                """.formatted(grpc, http, web, mode, spareGpus));
        Path kubeconfig = files.path("kubeconfig.yaml");
        Files.writeString(kubeconfig, """
                apiVersion: v1
                kind: Config
                clusters: [{name: emulated, cluster: {server: "%s"}}]
                users: [{name: nobody, user: {}}]
                contexts: [{name: emulated, context: {cluster: emulated, user: nobody, namespace: default}}]
                current-context: emulated
                """.formatted(apiServer));
        Path log = files.path("service.log");
        ProcessBuilder builder = new ProcessBuilder(List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-jar",
                cli.toAbsolutePath().toString(),
                "serve",
                "--config",
                config.toAbsolutePath().toString(),
                "--time-scale",
                String.format(Locale.ROOT, "%.0f", clock.scale()),
                "--time-origin",
                clock.origin().toString()));
        builder.environment().put("KUBECONFIG", kubeconfig.toAbsolutePath().toString());
        builder.redirectErrorStream(true).redirectOutput(log.toFile());
        return new ServiceProcess(
                builder.start(), log, URI.create("http://127.0.0.1:" + web), URI.create("http://127.0.0.1:" + http));
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** Where its page and its API are. */
    URI web() {
        return web;
    }

    /** Where it takes OTLP over HTTP. */
    URI otlp() {
        return otlp;
    }

    ProcessHandle process() {
        return process.toHandle();
    }

    /** Waits until it can be used, and says where it is. */
    void awaitReady(ServiceApi api) {
        long deadline = System.nanoTime() + READY_NANOS;
        while (!api.isReady()) {
            mustRun();
            if (System.nanoTime() > deadline) {
                throw new DemoFailure("scepsy serve was not ready within 60 s at " + web + ".");
            }
            LockSupport.parkNanos(100_000_000);
        }
        System.out.println("  the service is ready: " + web);
    }

    /** @throws DemoFailure if it has ended */
    void mustRun() {
        if (!process.isAlive()) {
            throw new DemoFailure("scepsy serve ended with exit code " + process.exitValue() + "; it says why in " + log
                    + ": " + lastWords());
        }
    }

    private String lastWords() {
        try {
            List<String> lines = Files.readAllLines(log);
            return String.join(" / ", lines.subList(Math.max(0, lines.size() - 3), lines.size()));
        } catch (IOException unreadable) {
            return "(not readable)";
        }
    }

    /** Ends it as SIGTERM does. */
    @Override
    public void close() {
        process.destroy();
        try {
            Runtime.getRuntime().removeShutdownHook(whenInterrupted);
        } catch (IllegalStateException e) {
            // the JVM is shutting down already, and the hook does the same
        }
        try {
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
