package dev.scepsy.javaagent.export;

import dev.scepsy.javaagent.host.AgentThreads;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.common.export.Compressor;
import io.opentelemetry.sdk.common.export.HttpResponse;
import io.opentelemetry.sdk.common.export.HttpSender;
import io.opentelemetry.sdk.common.export.HttpSenderConfig;
import io.opentelemetry.sdk.common.export.MessageWriter;
import io.opentelemetry.sdk.common.export.RetryPolicy;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * OTLP over {@link ReceiverConnection}. The JDK's own clients would cost every application hundreds of classes, a selector thread
 * or an SSL context for plain HTTP to localhost too, and would carry what is the application's. One request at a time, on one
 * daemon thread; retries as the exporter's policy says.
 */
final class OtlpSender implements HttpSender {

    private static final Set<Integer> RETRYABLE = Set.of(429, 502, 503, 504);

    /** By endpoint, of which there are one or two: the exporter tells nobody why it failed. */
    private static final Map<String, String> PROBLEMS = new ConcurrentHashMap<>();

    private static final Set<OtlpSender> ALL = ConcurrentHashMap.newKeySet();

    private final HttpSenderConfig config;
    private final ReceiverConnection connection;
    private final long allowedNanos;
    private volatile long busySinceNanos;
    private volatile boolean busy;
    private final ExecutorService sending =
            Executors.newSingleThreadExecutor(work -> AgentThreads.daemon(work, "scepsy-otlp"));

    OtlpSender(HttpSenderConfig config) {
        this.config = config;
        int connectMillis = millis(config.getConnectTimeout().toMillis());
        int readMillis = millis(config.getTimeout().toMillis());
        this.connection =
                new ReceiverConnection(config.getEndpoint(), connectMillis, readMillis, config.getSslContext());
        this.allowedNanos = TimeUnit.MILLISECONDS.toNanos((long) connectMillis + 2L * readMillis);
        ALL.add(this);
    }

    /** Zero would mean for ever. */
    private static int millis(long millis) {
        return (int) Math.max(1, Math.min(millis, Integer.MAX_VALUE));
    }

    /** Why the last message to an endpoint was not taken, as {@code HTTP 404} or an exception; empty when it was. */
    static String problem(String endpoint) {
        return PROBLEMS.getOrDefault(endpoint, "");
    }

    /** Ends what is under way: the exporter hears of it as of any failure. */
    static void abortAll() {
        ALL.forEach(one -> one.connection.abort());
    }

    /** Called now and then: a receiver that does not even read would hold its sender for ever. */
    static void abortOverdue() {
        long now = System.nanoTime();
        for (OtlpSender one : ALL) {
            if (one.busy && now - one.busySinceNanos > one.allowedNanos) {
                one.connection.abort();
            }
        }
    }

    @Override
    public void send(MessageWriter message, Consumer<HttpResponse> onResponse, Consumer<Throwable> onError) {
        try {
            sending.execute(() -> {
                try {
                    Answer answer = sendWithRetries(message);
                    PROBLEMS.put(endpoint(), answer.problem());
                    onResponse.accept(answer);
                } catch (Throwable failure) { // Also an error: whoever waits for the answer must hear of it.
                    PROBLEMS.put(endpoint(), failure.toString());
                    onError.accept(failure);
                }
            });
        } catch (RejectedExecutionException stopped) {
            onError.accept(stopped);
        }
    }

    private String endpoint() {
        return config.getEndpoint().toString();
    }

    private Answer sendWithRetries(MessageWriter message) throws IOException {
        RetryPolicy policy = config.getRetryPolicy();
        int attempts = policy == null ? 1 : policy.getMaxAttempts();
        double pauseMillis = policy == null ? 0 : policy.getInitialBackoff().toMillis();
        for (int attempt = 1; ; attempt++) {
            Answer answer = sendOnce(message);
            if (policy == null || attempt >= attempts || !RETRYABLE.contains(answer.statusCode)) {
                return answer;
            }
            pause((long) pauseMillis);
            pauseMillis = Math.min(
                    pauseMillis * policy.getBackoffMultiplier(),
                    policy.getMaxBackoff().toMillis());
        }
    }

    /** Whoever interrupts threads he does not know means others. */
    private void pause(long millis) {
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        for (long left = until - System.nanoTime(); left > 0; left = until - System.nanoTime()) {
            LockSupport.parkNanos(this, left);
            Thread.interrupted();
        }
    }

    private Answer sendOnce(MessageWriter message) throws IOException {
        Map<String, List<String>> headers = new HashMap<>();
        Map<String, List<String>> given = config.getHeadersSupplier().get();
        if (given != null) {
            headers.putAll(given);
        }
        headers.put("Content-Type", List.of(config.getContentType()));
        ByteArrayOutputStream body = new ByteArrayOutputStream(Math.max(1_024, message.getContentLength()));
        Compressor compressor = config.getCompressor();
        if (compressor == null) {
            message.writeMessage(body);
        } else {
            headers.put("Content-Encoding", List.of(compressor.getEncoding()));
            try (OutputStream out = compressor.compress(body)) {
                message.writeMessage(out);
            }
        }
        busySinceNanos = System.nanoTime();
        busy = true;
        try {
            return Answer.of(connection.post(headers, body.toByteArray()));
        } finally {
            busy = false;
        }
    }

    @Override
    public CompletableResultCode shutdown() {
        sending.shutdown();
        ALL.remove(this);
        return CompletableResultCode.ofSuccess();
    }

    private record Answer(int statusCode, String message, byte[] body, String problem) implements HttpResponse {

        private static final int NOT_FOUND = 404;

        /** A status below zero: what came was not HTTP. A page is none of a receiver, whatever its status. */
        private static Answer of(ReceiverConnection.Response response) {
            boolean page = response.contentType().toLowerCase(Locale.ROOT).startsWith("text/html");
            int status = response.status();
            if (page && status >= 200 && status < 300) {
                return new Answer(NOT_FOUND, "a web page", new byte[0], "a web page instead of an answer");
            }
            return new Answer(
                    status,
                    response.reason(),
                    response.body(),
                    status < 0 ? "no HTTP response" : status >= 200 && status < 300 ? "" : "HTTP " + status);
        }

        @Override
        public int getStatusCode() {
            return statusCode;
        }

        @Override
        public @Nullable String getStatusMessage() {
            return message;
        }

        @Override
        public byte[] getResponseBody() {
            return body;
        }
    }
}
