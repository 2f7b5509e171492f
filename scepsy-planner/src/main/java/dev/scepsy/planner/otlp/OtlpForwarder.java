package dev.scepsy.planner.otlp;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Passes trace requests on to another OTLP/HTTP endpoint, such as Jaeger's, as they were received. At most
 * {@value #MAX_IN_FLIGHT} at a time; what does not fit or fails is counted and forgotten. Thread-safe.
 */
final class OtlpForwarder implements AutoCloseable {

    private static final int MAX_IN_FLIGHT = 64;
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final URI traces;
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(TIMEOUT)
            .build();
    private final Semaphore places = new Semaphore(MAX_IN_FLIGHT);
    private final LongAdder failures = new LongAdder();

    OtlpForwarder(URI endpoint) {
        String base = endpoint.toString();
        traces = URI.create(
                (base.endsWith("/") ? base.substring(0, base.length() - 1) : base) + OtlpReceiver.TRACES_PATH);
    }

    /** Starts sending and returns at once. */
    void send(byte[] request, String contentType, @Nullable String contentEncoding) {
        if (!places.tryAcquire()) {
            failures.increment();
            return;
        }
        HttpRequest.Builder onward = HttpRequest.newBuilder(traces)
                .timeout(TIMEOUT)
                .header("Content-Type", contentType)
                .POST(HttpRequest.BodyPublishers.ofByteArray(request));
        if (contentEncoding != null && !contentEncoding.isEmpty()) {
            onward.header("Content-Encoding", contentEncoding);
        }
        CompletableFuture<HttpResponse<Void>> exchange =
                client.sendAsync(onward.build(), HttpResponse.BodyHandlers.discarding());
        // the request's own time-out ends with the answer's head
        CompletableFuture.delayedExecutor(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
                .execute(() -> exchange.cancel(true));
        var unused = exchange.whenComplete((response, failure) -> {
            if (failure != null || response.statusCode() >= 400) {
                failures.increment();
            }
            places.release();
        });
    }

    long failures() {
        return failures.sum();
    }

    /** Waits a moment for what is under way. */
    @Override
    public void close() {
        try {
            if (places.tryAcquire(MAX_IN_FLIGHT, 2, TimeUnit.SECONDS)) {
                places.release(MAX_IN_FLIGHT);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
