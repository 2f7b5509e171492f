package dev.scepsy.javaagent.export;

import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.common.export.HttpResponse;
import io.opentelemetry.sdk.common.export.HttpSender;
import io.opentelemetry.sdk.common.export.HttpSenderConfig;
import io.opentelemetry.sdk.common.export.MessageWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import javax.net.ssl.HttpsURLConnection;
import org.jspecify.annotations.Nullable;

/**
 * OTLP over {@link HttpURLConnection}. The JDK's newer client would cost every application some 300 classes, an SSL context and
 * a selector thread, for plain HTTP to localhost too. One request at a time, on one daemon thread; retries as the
 * exporter's policy says.
 */
final class UrlConnectionSender implements HttpSender {

    private static final Set<Integer> RETRYABLE = Set.of(429, 502, 503, 504);

    /** By endpoint, of which there are one or two: the exporter tells nobody why it failed. */
    private static final Map<String, String> PROBLEMS = new ConcurrentHashMap<>();

    private final HttpSenderConfig config;
    private final ExecutorService sending = Executors.newSingleThreadExecutor(work -> {
        Thread thread = new Thread(work, "scepsy-otlp");
        thread.setDaemon(true);
        return thread;
    });

    UrlConnectionSender(HttpSenderConfig config) {
        this.config = config;
    }

    /** Why the last message to an endpoint was not taken, as {@code HTTP 404} or an exception; empty when it was. */
    static String problem(String endpoint) {
        return PROBLEMS.getOrDefault(endpoint, "");
    }

    @Override
    public void send(MessageWriter message, Consumer<HttpResponse> onResponse, Consumer<Throwable> onError) {
        try {
            sending.execute(() -> {
                try {
                    Answer answer = sendWithRetries(message);
                    PROBLEMS.put(endpoint(), answer.problem());
                    onResponse.accept(answer);
                } catch (IOException | RuntimeException failure) {
                    PROBLEMS.put(endpoint(), failure.toString());
                    onError.accept(failure);
                } catch (InterruptedException stopped) {
                    Thread.currentThread().interrupt();
                    onError.accept(stopped);
                }
            });
        } catch (RejectedExecutionException stopped) {
            onError.accept(stopped);
        }
    }

    private String endpoint() {
        return config.getEndpoint().toString();
    }

    private Answer sendWithRetries(MessageWriter message) throws IOException, InterruptedException {
        int attempts =
                config.getRetryPolicy() == null ? 1 : config.getRetryPolicy().getMaxAttempts();
        double pauseMillis = config.getRetryPolicy() == null
                ? 0
                : config.getRetryPolicy().getInitialBackoff().toMillis();
        for (int attempt = 1; ; attempt++) {
            Answer answer = sendOnce(message);
            if (attempt >= attempts || !RETRYABLE.contains(answer.statusCode)) {
                return answer;
            }
            Thread.sleep((long) pauseMillis);
            pauseMillis = Math.min(
                    pauseMillis * config.getRetryPolicy().getBackoffMultiplier(),
                    config.getRetryPolicy().getMaxBackoff().toMillis());
        }
    }

    private Answer sendOnce(MessageWriter message) throws IOException {
        HttpURLConnection connection =
                (HttpURLConnection) config.getEndpoint().toURL().openConnection();
        if (connection instanceof HttpsURLConnection secure && config.getSslContext() != null) {
            secure.setSSLSocketFactory(config.getSslContext().getSocketFactory());
        }
        connection.setConnectTimeout((int) config.getConnectTimeout().toMillis());
        connection.setReadTimeout((int) config.getTimeout().toMillis());
        connection.setRequestMethod("POST");
        connection.setDoOutput(true);
        connection.setUseCaches(false);
        connection.setRequestProperty("Content-Type", config.getContentType());
        Map<String, List<String>> headers = config.getHeadersSupplier().get();
        if (headers != null) {
            headers.forEach((name, values) -> values.forEach(value -> connection.addRequestProperty(name, value)));
        }
        if (config.getCompressor() == null) {
            if (message.getContentLength() >= 0) {
                connection.setFixedLengthStreamingMode(message.getContentLength());
            }
            try (OutputStream out = connection.getOutputStream()) {
                message.writeMessage(out);
            }
        } else {
            connection.setRequestProperty(
                    "Content-Encoding", config.getCompressor().getEncoding());
            try (OutputStream out = config.getCompressor().compress(connection.getOutputStream())) {
                message.writeMessage(out);
            }
        }
        int status = connection.getResponseCode();
        try (InputStream in = status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
            return new Answer(status, connection.getResponseMessage(), in == null ? new byte[0] : in.readAllBytes());
        }
    }

    @Override
    public CompletableResultCode shutdown() {
        sending.shutdown();
        return CompletableResultCode.ofSuccess();
    }

    private record Answer(int statusCode, @Nullable String message, byte[] body) implements HttpResponse {

        /** A status below zero: what came was not HTTP. */
        private String problem() {
            return statusCode < 0 ? "no HTTP response" : statusCode < 300 ? "" : "HTTP " + statusCode;
        }

        @Override
        public int getStatusCode() {
            return statusCode;
        }

        @Override
        public String getStatusMessage() {
            return message == null ? "" : message;
        }

        @Override
        public byte[] getResponseBody() {
            return body;
        }
    }
}
