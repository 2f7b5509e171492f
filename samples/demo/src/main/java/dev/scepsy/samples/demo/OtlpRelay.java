package dev.scepsy.samples.demo;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPInputStream;

/**
 * Between an application whose engines are emulated and a service that lives in emulated time: takes OTLP over HTTP, makes its times
 * emulated ones, and passes it on; traces go in real time to a recorder too. The answer is the service's, so that its refusals reach the
 * exporter, which knows how to wait. Where there is no service yet, requests go to the recorder alone. Thread-safe.
 */
final class OtlpRelay implements AutoCloseable {

    private static final int BACKLOG = 100;

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final HttpServer server;
    private final ExecutorService threads = Executors.newFixedThreadPool(2, task -> {
        Thread thread = new Thread(task, "otlp-relay");
        thread.setDaemon(true);
        return thread;
    });
    private final ScaledClock clock;
    private volatile Optional<URI> service;
    private volatile Optional<URI> recorder;
    private final AtomicInteger passedOn = new AtomicInteger();
    private final AtomicInteger refused = new AtomicInteger();

    private OtlpRelay(ScaledClock clock, Optional<URI> service, Optional<URI> recorder) throws IOException {
        this.clock = clock;
        this.service = service;
        this.recorder = recorder;
        this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), BACKLOG);
        server.setExecutor(threads);
        server.createContext("/v1/traces", this::traces);
        server.createContext("/v1/metrics", this::metrics);
    }

    /**
     * Starts it.
     *
     * @param service base address that gets emulated times
     * @param recorder base address that gets traces as they came
     */
    static OtlpRelay start(ScaledClock clock, URI service, URI recorder) throws IOException {
        return start(new OtlpRelay(clock, Optional.of(service), Optional.of(recorder)));
    }

    /** Starts it with a recorder alone. */
    static OtlpRelay start(ScaledClock clock, URI recorder) throws IOException {
        return start(new OtlpRelay(clock, Optional.empty(), Optional.of(recorder)));
    }

    private static OtlpRelay start(OtlpRelay relay) {
        relay.server.start();
        return relay;
    }

    /**
     * From now on.
     *
     * @param newService base address that gets emulated times
     * @param newRecorder base address that gets traces as they come; empty: nobody
     */
    void passOnTo(URI newService, Optional<URI> newRecorder) {
        service = Optional.of(newService);
        recorder = newRecorder;
    }

    URI endpoint() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** Requests that the service took. */
    int passedOn() {
        return passedOn.get();
    }

    /** Requests that it did not take, or that did not reach it; exporters may have sent them again. */
    int refused() {
        return refused.get();
    }

    private void traces(HttpExchange exchange) throws IOException {
        byte[] body = body(exchange);
        Optional<URI> toRecord = recorder;
        if (toRecord.isPresent()) {
            try {
                send(toRecord.get(), "/v1/traces", body.clone());
            } catch (IOException e) {
                // The recording misses it; what is planned does not depend on that.
            }
        }
        ScaledTimes.ofTraces(body, clock);
        passOn(exchange, "/v1/traces", body);
    }

    private void metrics(HttpExchange exchange) throws IOException {
        byte[] body = body(exchange);
        ScaledTimes.ofMetrics(body, clock);
        passOn(exchange, "/v1/metrics", body);
    }

    private static byte[] body(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        return "gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"))
                ? new GZIPInputStream(new ByteArrayInputStream(body)).readAllBytes()
                : body;
    }

    private void passOn(HttpExchange exchange, String path, byte[] body) throws IOException {
        Optional<URI> to = service;
        int status = to.isPresent() ? 503 : 200;
        byte[] said = new byte[0];
        if (to.isPresent()) {
            try {
                HttpResponse<byte[]> answer = send(to.get(), path, body);
                status = answer.statusCode();
                said = answer.body();
            } catch (IOException unreachable) {
                // 503: the exporter tries again.
            }
        }
        (status == 200 ? passedOn : refused).incrementAndGet();
        exchange.getResponseHeaders().set("Content-Type", "application/x-protobuf");
        exchange.sendResponseHeaders(status, said.length == 0 ? -1 : said.length);
        try (exchange) {
            if (said.length > 0) {
                exchange.getResponseBody().write(said);
            }
        }
    }

    private HttpResponse<byte[]> send(URI base, String path, byte[] body) throws IOException {
        HttpRequest request = HttpRequest.newBuilder(base.resolve(path))
                .header("Content-Type", "application/x-protobuf")
                .POST(BodyPublishers.ofByteArray(body))
                .build();
        try {
            return http.send(request, BodyHandlers.ofByteArray());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
