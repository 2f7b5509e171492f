package dev.scepsy.planner.measure;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Sends requests to an {@link Endpoint} without ever blocking the sender: one connection per request in flight, HTTP/1.1,
 * answers read on a few threads. Thread-safe.
 */
final class EndpointClient implements AutoCloseable {

    /** Below the five seconds after which the usual Python servers close an idle connection. */
    private static final String IDLE_CONNECTION_SECONDS = "4";

    private static final Duration LONGEST_LIST = Duration.ofSeconds(10);
    private static final int READERS = Math.max(2, Runtime.getRuntime().availableProcessors());

    private final Endpoint endpoint;
    private final ExecutorService readers;
    private final ScheduledThreadPoolExecutor timeouts;
    private final HttpClient http;

    EndpointClient(Endpoint endpoint) {
        this.endpoint = endpoint;
        if (System.getProperty("jdk.httpclient.keepalive.timeout") == null) {
            System.setProperty("jdk.httpclient.keepalive.timeout", IDLE_CONNECTION_SECONDS);
        }
        AtomicInteger count = new AtomicInteger();
        readers = Executors.newFixedThreadPool(
                READERS, task -> daemon(task, "scepsy-answers-" + count.incrementAndGet()));
        timeouts = new ScheduledThreadPoolExecutor(1, task -> daemon(task, "scepsy-timeouts"));
        timeouts.setRemoveOnCancelPolicy(true);
        http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .executor(readers)
                .connectTimeout(min(endpoint.timeout(), Duration.ofSeconds(10)))
                .followRedirects(HttpClient.Redirect.NEVER)
                .build();
    }

    private static Duration min(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    private static Thread daemon(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    /** One request on its way. */
    static final class InFlight {
        private final CompletableFuture<Answer> answer = new CompletableFuture<>();
        private final long sentNanos;
        private volatile boolean aborted;
        private volatile boolean timedOut;
        private volatile @Nullable CompletableFuture<?> exchange;

        private InFlight(long sentNanos) {
            this.sentNanos = sentNanos;
        }

        /** Completes with the answer or the failure, never exceptionally. */
        CompletableFuture<Answer> answer() {
            return answer;
        }

        long sentNanos() {
            return sentNanos;
        }

        boolean isAborted() {
            return aborted;
        }

        /** Closes its connection, so that the server stops working on it; the answer is a failure then. */
        void abort() {
            aborted = true;
            cancel();
        }

        private void cancel() {
            CompletableFuture<?> running = exchange;
            if (running != null) {
                running.cancel(true);
            }
        }
    }

    /** Sends a request now. */
    InFlight send(RequestLengths lengths, Dialect dialect, String text) {
        byte[] body = RequestBodies.of(endpoint, dialect, text, lengths.outputTokens());
        HttpRequest.Builder request = HttpRequest.newBuilder(endpoint.requests())
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(body));
        endpoint.key().ifPresent(key -> request.header("Authorization", "Bearer " + key));
        InFlight inFlight = new InFlight(System.nanoTime());
        attempt(request.build(), lengths, inFlight, true);
        return inFlight;
    }

    private void attempt(HttpRequest request, RequestLengths lengths, InFlight inFlight, boolean mayTryAgain) {
        CompletableFuture<HttpResponse<Answer>> exchange = http.sendAsync(
                request, response -> new AnswerReader(lengths, inFlight.sentNanos, System::nanoTime, response));
        inFlight.exchange = exchange;
        ScheduledFuture<?> limit = timeouts.schedule(
                () -> {
                    inFlight.timedOut = true;
                    exchange.cancel(true);
                },
                endpoint.timeout().toNanos(),
                TimeUnit.NANOSECONDS);
        exchange.whenComplete((response, problem) -> {
            limit.cancel(false);
            if (problem == null) {
                inFlight.answer.complete(withoutKey(response.body()));
            } else if (mayTryAgain && isStaleConnection(problem) && !inFlight.aborted && !inFlight.timedOut) {
                attempt(request, lengths, inFlight, false);
            } else {
                inFlight.answer.complete(failed(lengths, inFlight, problem));
            }
        });
    }

    /** Servers repeat what they were sent when they refuse it. */
    private Answer withoutKey(Answer answer) {
        return endpoint.key().map(answer::hiding).orElse(answer);
    }

    /** The server closed a kept connection at the moment it was used again: nobody's fault, and nothing was worked on. */
    private static boolean isStaleConnection(Throwable problem) {
        Throwable cause = cause(problem);
        return cause instanceof IOException
                && !(cause instanceof ConnectException)
                && !(cause instanceof HttpTimeoutException)
                && String.valueOf(cause.getMessage()).contains("received no bytes");
    }

    private Answer failed(RequestLengths lengths, InFlight inFlight, Throwable problem) {
        Throwable cause = cause(problem);
        Failure failure;
        if (inFlight.timedOut || cause instanceof HttpTimeoutException) {
            failure = new Failure(
                    Failure.Kind.TIMEOUT,
                    "no complete answer within " + endpoint.timeout().toSeconds() + " s");
        } else if (cause instanceof CancellationException) {
            failure = new Failure(Failure.Kind.CONNECTION, "aborted");
        } else {
            String said = String.valueOf(cause.getMessage());
            failure = new Failure(
                    Failure.Kind.CONNECTION,
                    cause instanceof ConnectException
                            ? "no connection to " + endpoint.base().getAuthority()
                            : "the connection broke (" + (said.equals("null") ? cause.toString() : said) + ")");
        }
        long now = System.nanoTime();
        return new Answer(
                lengths, inFlight.sentNanos, 0, 0, now, 0, OptionalInt.empty(), OptionalInt.empty(), false, failure);
    }

    private static Throwable cause(Throwable problem) {
        Throwable cause = problem;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }

    /** What the server says it serves, as JSON; empty where it does not say. */
    Optional<String> models() throws InterruptedException {
        return get(endpoint.models());
    }

    /** What the server counts, as Prometheus reads it; empty where it does not say. */
    Optional<String> metrics() throws InterruptedException {
        return get(endpoint.metrics());
    }

    private Optional<String> get(URI address) throws InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(address).GET();
        Duration limit = min(endpoint.timeout(), LONGEST_LIST);
        endpoint.key().ifPresent(key -> request.header("Authorization", "Bearer " + key));
        CompletableFuture<HttpResponse<String>> exchange =
                http.sendAsync(request.build(), HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
        try {
            // over the whole answer; a request's own time-out ends with the answer's head
            HttpResponse<String> response = exchange.get(limit.toMillis(), TimeUnit.MILLISECONDS);
            return response.statusCode() == 200
                    ? Optional.of(endpoint.key()
                            .map(key -> response.body().replace(key, "..."))
                            .orElse(response.body()))
                    : Optional.empty();
        } catch (ExecutionException | TimeoutException e) {
            return Optional.empty();
        } finally {
            exchange.cancel(true);
        }
    }

    @Override
    public void close() {
        timeouts.shutdownNow();
        readers.shutdownNow();
    }
}
