package dev.scepsy.planner.receive;

import dev.scepsy.planner.receive.Notices.Kind;
import java.net.ConnectException;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Passes requests on to another OTLP/HTTP endpoint as they came, whatever transport they came by. The queue is bounded by
 * bytes and never waited for: what finds no room is dropped and counted. What the endpoint cannot take now, by OTLP's rules
 * (no whole answer, 429, 502, 503, 504), is sent again with growing pauses or when {@code Retry-After} says; what it refuses
 * (a web page is no answer of OTLP either), or has not taken after {@link Patience#total}, is dropped and counted. Thread-safe.
 */
public final class Forwarder implements AutoCloseable {

    private static final int SENDERS = 2;
    private static final String LEFT = "had not taken it when the command ended";

    /** Of the heap, what a queued request takes besides its bytes. */
    private static final int OVERHEAD_BYTES = 512;

    /**
     * How long a forwarder tries.
     *
     * @param answer a whole answer takes at most
     * @param firstPause before the first repetition; doubles with each
     * @param longestPause pauses stay below
     * @param total age at which a request is given up
     * @param drain how long closing waits for what is queued
     */
    public record Patience(
            Duration answer, Duration firstPause, Duration longestPause, Duration total, Duration drain) {

        /** 10 s an answer; 1 s to 30 s, for 5 minutes; 5 s at the end. */
        public static Patience ofOtlp() {
            return new Patience(
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(1),
                    Duration.ofSeconds(30),
                    Duration.ofMinutes(5),
                    Duration.ofSeconds(5));
        }
    }

    /** What waits: of a request only what is sent on. */
    private record Pending(HttpRequest onward, long bytes, long sinceNanos) {}

    private final URI endpoint;
    private final Optional<URI> traces;
    private final Map<String, String> headers;
    private final Patience patience;
    private final Notices notices;
    private final ByteBudget room;
    private final LinkedBlockingQueue<Pending> queue = new LinkedBlockingQueue<>();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final List<Thread> senders = new ArrayList<>();
    private final LongAdder sent = new LongAdder();
    private final LongAdder dropped = new LongAdder();
    private final HttpClient client;
    private volatile long closingNanos;

    /**
     * Starts the senders.
     *
     * @param endpoint the base address, as {@code OTEL_EXPORTER_OTLP_ENDPOINT} has it
     * @param mostBytes of all queued requests
     * @param notices its own: what it says once is said of this endpoint
     */
    public Forwarder(URI endpoint, long mostBytes, Patience patience, Notices notices) {
        this(endpoint, Optional.empty(), Map.of(), mostBytes, patience, notices);
    }

    /**
     * Starts the senders.
     *
     * @param traces where traces go instead of below the base address, as {@code OTEL_EXPORTER_OTLP_TRACES_ENDPOINT} has it
     * @param headers sent with every request; never logged
     */
    public Forwarder(
            URI endpoint,
            Optional<URI> traces,
            Map<String, String> headers,
            long mostBytes,
            Patience patience,
            Notices notices) {
        this.endpoint = endpoint;
        this.traces = traces;
        this.headers = Map.copyOf(headers);
        this.patience = patience;
        this.notices = notices;
        room = new ByteBudget(mostBytes);
        client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(patience.answer())
                .build();
        for (int i = 0; i < SENDERS; i++) {
            Thread sender = new Thread(this::send, "scepsy-forward-" + i);
            sender.setDaemon(true);
            sender.start();
            senders.add(sender);
        }
    }

    public URI endpoint() {
        return endpoint;
    }

    /** Requests the endpoint took. */
    public long sent() {
        return sent.sum();
    }

    /** Requests it never got. */
    public long dropped() {
        return dropped.sum();
    }

    /** Bytes of what waits and what is under way. */
    public long queuedBytes() {
        return room.held();
    }

    /** Queues a request and returns at once. */
    public void pass(ReceivedRequest request) {
        Pending pending =
                new Pending(onward(request), OVERHEAD_BYTES + (long) request.sent().length, System.nanoTime());
        if (!room.tryTake(pending.bytes())) {
            drop("takes less than comes: the queue is full");
            return;
        }
        queue.add(pending);
    }

    private void send() {
        try {
            while (true) {
                Pending pending = queue.poll(100, TimeUnit.MILLISECONDS);
                if (pending != null) {
                    try {
                        deliver(pending);
                    } catch (InterruptedException e) {
                        drop(LEFT);
                        throw e;
                    }
                    room.give(pending.bytes());
                } else if (closing.getCount() == 0) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            // closing has no more patience; it counts what is left
            Thread.currentThread().interrupt();
        }
    }

    private void deliver(Pending pending) throws InterruptedException {
        Duration pause = patience.firstPause();
        while (true) {
            Attempt attempt = attempt(pending.onward());
            if (attempt.taken()) {
                sent.increment();
                notices.over(Kind.FORWARD_RETRY, endpoint + " takes requests again.");
                return;
            }
            if (!attempt.again()) {
                drop("refused a request: " + attempt.trouble());
                return;
            }
            boolean old =
                    System.nanoTime() - pending.sinceNanos() > patience.total().toNanos();
            if (old || closing.getCount() == 0) {
                drop("did not take it in time: " + attempt.trouble());
                return;
            }
            notices.once(
                    Kind.FORWARD_RETRY,
                    endpoint + " does not take requests (" + attempt.trouble()
                            + "): they are kept and sent again for up to "
                            + patience.total().toMinutes() + " min. What is recorded is not touched by it.");
            long millis = attempt.retryAfterSeconds().isPresent()
                    ? TimeUnit.SECONDS.toMillis(attempt.retryAfterSeconds().getAsLong())
                    : jittered(pause.toMillis());
            var unused = closing.await(Math.min(millis, patience.total().toMillis()), TimeUnit.MILLISECONDS);
            pause = shorter(pause.multipliedBy(2), patience.longestPause());
        }
    }

    /** One try. */
    private record Attempt(boolean taken, boolean again, String trouble, OptionalLong retryAfterSeconds) {}

    private Attempt attempt(HttpRequest onward) throws InterruptedException {
        // the request's own time-out ends with the answer's head
        CompletableFuture<HttpResponse<Void>> exchange =
                client.sendAsync(onward, HttpResponse.BodyHandlers.discarding());
        try {
            return judged(exchange.get(patience.answer().toMillis(), TimeUnit.MILLISECONDS));
        } catch (TimeoutException e) {
            return new Attempt(false, true, "no whole answer in time", OptionalLong.empty());
        } catch (ExecutionException e) {
            return new Attempt(false, true, trouble(e.getCause()), OptionalLong.empty());
        } finally {
            exchange.cancel(true);
        }
    }

    private static Attempt judged(HttpResponse<Void> answer) {
        int status = answer.statusCode();
        String type = answer.headers().firstValue("Content-Type").orElse("");
        boolean page = type.toLowerCase(Locale.ROOT).startsWith("text/html");
        boolean again = status == 429 || status == 502 || status == 503 || status == 504;
        OptionalLong retryAfter = answer.headers().firstValue("Retry-After").stream()
                .filter(text -> text.matches("\\d{1,6}"))
                .mapToLong(Long::parseLong)
                .findFirst();
        boolean success = status >= 200 && status < 300;
        return new Attempt(
                success && !page,
                again,
                success ? "it answers with a web page, as a proxy or a login does" : "answer " + status,
                retryAfter);
    }

    /** In words: some of these exceptions have no message, others name classes in it. */
    private static String trouble(@Nullable Throwable cause) {
        for (Throwable each = cause; each != null; each = each.getCause()) {
            if (each instanceof UnresolvedAddressException || each instanceof UnknownHostException) {
                return "its host is not known";
            }
        }
        if (cause instanceof HttpTimeoutException) {
            return "no connection in time";
        }
        if (cause instanceof ConnectException) {
            return "connection refused";
        }
        return cause instanceof SSLException ? "no TLS with it" : "the connection broke";
    }

    private HttpRequest onward(ReceivedRequest request) {
        HttpRequest.Builder onward = HttpRequest.newBuilder(target(request.signal()))
                .header("Content-Type", request.form().mediaType())
                .POST(HttpRequest.BodyPublishers.ofByteArray(request.sent()));
        headers.forEach(onward::setHeader);
        if (request.gzip()) {
            onward.header("Content-Encoding", "gzip");
        }
        return onward.build();
    }

    private URI target(Signal signal) {
        if (signal == Signal.TRACES && traces.isPresent()) {
            return traces.get();
        }
        String base = endpoint.toString();
        return URI.create((base.endsWith("/") ? base.substring(0, base.length() - 1) : base) + signal.httpPath());
    }

    private void drop(String why) {
        dropped.increment();
        notices.once(Kind.FORWARD_DROPPED, "Not forwarded: " + endpoint + " " + why + ". Further ones are counted.");
    }

    private static long jittered(long millis) {
        return Math.round(millis * ThreadLocalRandom.current().nextDouble(0.8, 1.2));
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    /**
     * Asks several to close at once, so that their patience does not add up; {@link #close} waits for each of them.
     */
    public static void startClosing(List<Forwarder> forwarders) {
        forwarders.forEach(Forwarder::startClosing);
    }

    private void startClosing() {
        if (closing.getCount() > 0) {
            closingNanos = System.nanoTime();
            closing.countDown();
        }
    }

    /** Sends what is queued for as long as patience says; what is left then is dropped and counted. */
    @Override
    public void close() {
        startClosing();
        long deadline = closingNanos + patience.drain().toNanos();
        try {
            for (Thread sender : senders) {
                long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                sender.join(Math.max(1, left));
            }
            senders.forEach(Thread::interrupt);
            for (Thread sender : senders) {
                sender.join(1000);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        for (Pending left = queue.poll(); left != null; left = queue.poll()) {
            drop(LEFT);
        }
    }
}
