package dev.scepsy.planner.serve.engines;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.scepsy.planner.serve.log.ServiceLog;
import dev.scepsy.planner.serve.settings.ServeSettings.Endpoint;
import dev.scepsy.planner.serve.settings.ServeSettings.EngineSettings;
import dev.scepsy.planner.serve.settings.ServiceTime;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ListedEnginesTest {

    private static final String PAGE = "vllm:num_requests_running{model_name=\"m\"} 3\n";

    private HttpServer server;
    private volatile String path = "/metrics";
    private volatile byte[] body = PAGE.getBytes(StandardCharsets.UTF_8);
    private volatile boolean gzip;
    private volatile int status = 200;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        if (gzip) {
            exchange.getResponseHeaders().add("Content-Encoding", "gzip");
        }
        exchange.getResponseHeaders().add("Location", "/elsewhere");
        boolean there = exchange.getRequestURI().getPath().equals(path);
        exchange.sendResponseHeaders(there ? status : 404, there ? body.length : -1);
        if (there) {
            exchange.getResponseBody().write(body);
        }
        exchange.close();
    }

    private EngineSource.Target target(String urlPath) {
        return new ListedEngines(List.of(new Endpoint("m", url(urlPath))))
                .targets()
                .get(0);
    }

    private URI url(String urlPath) {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + urlPath);
    }

    private static byte[] zipped(int zeros) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(bytes)) {
            out.write(new byte[zeros]);
        }
        return bytes.toByteArray();
    }

    @Test
    void anAddressWithoutAPathIsAskedWhereEnginesPublish() throws Exception {
        EngineSource.Target target = target("");

        assertThat(target.paths()).containsExactly("/metrics", "/prometheus/metrics");
        assertThat(target.fetch("/metrics")).asString(StandardCharsets.UTF_8).isEqualTo(PAGE);
        assertThat(target.fetch("/prometheus/metrics")).isEmpty();
        assertThat(target.id()).isEqualTo("The engine at " + url("") + " (model m)");
    }

    @Test
    void oneWithAPathIsAskedThereAlone() throws Exception {
        path = "/engines/a/metrics";
        EngineSource.Target target = target("/engines/a/metrics?token=secret");

        assertThat(target.paths()).containsExactly("");
        assertThat(target.fetch("")).isNotEmpty();
        assertThat(target.id()).doesNotContain("secret");
    }

    @Test
    void gzipIsUnpackedUpToTheBound() throws Exception {
        gzip = true;
        body = zipped(1000);
        assertThat(target("").fetch("/metrics")).hasSize(1000);

        body = zipped(ListedEngines.MOST_BYTES + 1);
        assertThatThrownBy(() -> target("").fetch("/metrics")).hasMessage("its answer is longer than 16 MiB");

        body = new byte[100];
        assertThatThrownBy(() -> target("").fetch("/metrics")).hasMessage("its answer is no gzip");
    }

    @Test
    void whatIsTooLongOrNoAnswerIsSaid() throws Exception {
        body = new byte[ListedEngines.MOST_BYTES + 1];
        assertThatThrownBy(() -> target("").fetch("/metrics")).hasMessage("its answer is longer than 16 MiB");

        body = new byte[0];
        status = 302;
        assertThatThrownBy(() -> target("").fetch("/metrics")).hasMessage("it answers 302");

        int unused;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            unused = socket.getLocalPort();
        }
        assertThatThrownBy(() -> new ListedEngines(List.of(new Endpoint("m", URI.create("http://127.0.0.1:" + unused))))
                        .targets()
                        .get(0)
                        .fetch("/metrics"))
                .hasMessage("connection refused");
    }

    @Test
    void theScraperAsksThemByItself() {
        path = "/prometheus/metrics";
        try (EngineScraper scraper = EngineScraper.start(
                new EngineSettings(Duration.ofMillis(100), List.of(new Endpoint("m", url("")))),
                Map.of("m", Set.of()),
                Optional.empty(),
                ServiceTime.WALL,
                new ServiceLog(
                        new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8),
                        true,
                        ServiceTime.WALL))) {
            long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
            while (scraper.samples(Duration.ofMinutes(1))
                                    .getOrDefault("m", List.of())
                                    .size()
                            < 2
                    && System.nanoTime() < deadline) {
                LockSupport.parkNanos(5_000_000);
            }
            assertThat(scraper.models().get("m").running()).isEqualTo(3);
        }
    }
}
