package dev.scepsy.planner.receive;

import dev.scepsy.planner.receive.Notices.Kind;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * Passes requests on to another OTLP/HTTP endpoint as they came, whatever transport they came by. The queue is bounded by
 * bytes and never waited for: what finds no room is dropped and counted. What the endpoint cannot take now, by OTLP's rules
 * (no answer, 429, 502, 503, 504), is sent again with growing pauses or when {@code Retry-After} says; what it refuses, or has
 * not taken after {@link Patience#total}, is dropped and counted. Thread-safe.
 */
public final class Forwarder implements AutoCloseable {

    private static final int SENDERS = 2;
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    /**
     * How long a forwarder tries.
     *
     * @param firstPause before the first repetition; doubles with each
     * @param longestPause pauses stay below
     * @param total age at which a request is given up
     * @param drain how long closing waits for what is queued
     */
    public record Patience(Duration firstPause, Duration longestPause, Duration total, Duration drain) {

        /** 1 s to 30 s, for 5 minutes; 5 s at the end. */
        public static Patience ofOtlp() {
            return new Patience(
                    Duration.ofSeconds(1), Duration.ofSeconds(30), Duration.ofMinutes(5), Duration.ofSeconds(5));
        }
    }

    private record Pending(ReceivedRequest request, long sinceNanos) {
        int bytes() {
            return request.sent().length;
        }
    }

    private final URI endpoint;
    private final Patience patience;
    private final Notices notices;
    private final ByteBudget room;
    private final LinkedBlockingQueue<Pending> queue = new LinkedBlockingQueue<>();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final List<Thread> senders = new ArrayList<>();
    private final LongAdder sent = new LongAdder();
    private final LongAdder dropped = new LongAdder();
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(TIMEOUT)
            .build();

    /**
     * Starts the senders.
     *
     * @param endpoint the base address, as {@code OTEL_EXPORTER_OTLP_ENDPOINT} has it
     * @param mostBytes of all queued requests
     */
    public Forwarder(URI endpoint, long mostBytes, Patience patience, Notices notices) {
        this.endpoint = endpoint;
        this.patience = patience;
        this.notices = notices;
        room = new ByteBudget(mostBytes);
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

    /** Queues a request and returns at once. */
    public void pass(ReceivedRequest request) {
        Pending pending = new Pending(request, System.nanoTime());
        if (!room.tryTake(pending.bytes())) {
            drop(endpoint + " takes less than comes: the queue is full");
            return;
        }
        queue.add(pending);
    }

    private void send() {
        try {
            while (true) {
                Pending pending = queue.poll(100, TimeUnit.MILLISECONDS);
                if (pending != null) {
                    deliver(pending);
                    room.give(pending.bytes());
                } else if (closing.getCount() == 0) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            // closing had no more patience; what is left is counted there
            Thread.currentThread().interrupt();
        }
    }

    private void deliver(Pending pending) throws InterruptedException {
        Duration pause = patience.firstPause();
        while (true) {
            Attempt attempt = attempt(pending.request());
            if (attempt.taken()) {
                sent.increment();
                notices.over(Kind.FORWARD_RETRY, endpoint + " takes requests again.");
                return;
            }
            if (!attempt.again()) {
                drop(endpoint + " refused a request: " + attempt.trouble());
                return;
            }
            boolean old =
                    System.nanoTime() - pending.sinceNanos() > patience.total().toNanos();
            if (old || closing.getCount() == 0) {
                drop(endpoint + " did not take it in time: " + attempt.trouble());
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

    private Attempt attempt(ReceivedRequest request) throws InterruptedException {
        HttpRequest.Builder onward = HttpRequest.newBuilder(target(request.signal()))
                .timeout(TIMEOUT)
                .header("Content-Type", request.form().mediaType())
                .POST(HttpRequest.BodyPublishers.ofByteArray(request.sent()));
        if (request.gzip()) {
            onward.header("Content-Encoding", "gzip");
        }
        try {
            HttpResponse<Void> answer = client.send(onward.build(), HttpResponse.BodyHandlers.discarding());
            int status = answer.statusCode();
            boolean again = status == 429 || status == 502 || status == 503 || status == 504;
            OptionalLong retryAfter = answer.headers().firstValue("Retry-After").stream()
                    .filter(text -> text.matches("\\d{1,6}"))
                    .mapToLong(Long::parseLong)
                    .findFirst();
            return new Attempt(status >= 200 && status < 300, again, "answer " + status, retryAfter);
        } catch (ConnectException e) {
            return new Attempt(false, true, "connection refused", OptionalLong.empty());
        } catch (IOException e) {
            return new Attempt(false, true, String.valueOf(e.getMessage()), OptionalLong.empty());
        }
    }

    private URI target(Signal signal) {
        String base = endpoint.toString();
        return URI.create((base.endsWith("/") ? base.substring(0, base.length() - 1) : base) + signal.httpPath());
    }

    private void drop(String why) {
        dropped.increment();
        notices.once(Kind.FORWARD_DROPPED, "Not forwarded: " + why + ". Further ones are counted.");
    }

    private static long jittered(long millis) {
        return Math.round(millis * ThreadLocalRandom.current().nextDouble(0.8, 1.2));
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    /** Sends what is queued for as long as patience says; what is left then is dropped and counted. */
    @Override
    public void close() {
        closing.countDown();
        long deadline = System.nanoTime() + patience.drain().toNanos();
        try {
            for (Thread sender : senders) {
                long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                sender.join(Math.max(1, left));
                if (sender.isAlive()) {
                    sender.interrupt();
                    sender.join(1000);
                    dropped.increment();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        for (Pending left = queue.poll(); left != null; left = queue.poll()) {
            drop(endpoint + " had not taken it when the command ended");
        }
    }
}
