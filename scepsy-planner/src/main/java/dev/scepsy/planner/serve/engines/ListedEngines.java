package dev.scepsy.planner.serve.engines;

import dev.scepsy.planner.serve.settings.ServeSettings.Endpoint;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Engines at the addresses that {@code engines.endpoints} lists. An address without a path is asked at {@code /metrics}, then
 * at {@code /prometheus/metrics}; one with a path there alone. Redirects are not followed. Thread-safe.
 */
final class ListedEngines implements EngineSource {

    static final int MOST_BYTES = 16 << 20;
    static final int ANSWER_SECONDS = 5;

    /** vLLM and most others; TensorRT-LLM. */
    static final List<String> PATHS = List.of("/metrics", "/prometheus/metrics");

    private static final int NOT_FOUND = 404;

    private final List<Target> targets;

    ListedEngines(List<Endpoint> endpoints) {
        HttpClient client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(Duration.ofSeconds(ANSWER_SECONDS))
                .build();
        targets = endpoints.stream()
                .map(endpoint -> (Target) new Listed(endpoint, client))
                .toList();
    }

    @Override
    public List<Target> targets() {
        return targets;
    }

    private record Listed(Endpoint endpoint, HttpClient client) implements Target {

        @Override
        public String id() {
            URI url = endpoint.url();
            return "The engine at " + url.getScheme() + "://" + url.getHost()
                    + (url.getPort() < 0 ? "" : ":" + url.getPort()) + (hasPath(url) ? url.getPath() : "") + " (model "
                    + model()
                    + ")";
        }

        @Override
        public String model() {
            return endpoint.model();
        }

        @Override
        public List<String> paths() {
            return hasPath(endpoint.url()) ? List.of("") : PATHS;
        }

        private static boolean hasPath(URI url) {
            return url.getPath() != null
                    && !url.getPath().isEmpty()
                    && !url.getPath().equals("/");
        }

        @Override
        public byte[] fetch(String path) throws IOException, InterruptedException {
            URI url = path.isEmpty() ? endpoint.url() : endpoint.url().resolve(path);
            CompletableFuture<HttpResponse<byte[]>> exchange = client.sendAsync(
                    HttpRequest.newBuilder(url)
                            .header(
                                    "Accept",
                                    "text/plain;version=0.0.4, application/openmetrics-text;version=1.0.0;q=0.5")
                            .header("Accept-Encoding", "gzip")
                            .build(),
                    head -> new BoundedBody(MOST_BYTES));
            try {
                // the request's own time-out ends with the answer's head
                return body(exchange.get(ANSWER_SECONDS, TimeUnit.SECONDS));
            } catch (TimeoutException e) {
                throw new IOException("no whole answer within " + ANSWER_SECONDS + " s");
            } catch (ExecutionException e) {
                throw new IOException(why(e.getCause()), e.getCause());
            } finally {
                exchange.cancel(true);
            }
        }

        private static byte[] body(HttpResponse<byte[]> answer) throws IOException {
            if (answer.statusCode() == NOT_FOUND) {
                return new byte[0];
            }
            if (answer.statusCode() != 200) {
                throw new IOException("it answers " + answer.statusCode());
            }
            boolean gzip = answer.headers()
                    .firstValue("Content-Encoding")
                    .filter("gzip"::equalsIgnoreCase)
                    .isPresent();
            try {
                return gzip ? BoundedBody.unpacked(answer.body(), MOST_BYTES) : answer.body();
            } catch (java.util.zip.ZipException | java.io.EOFException e) {
                throw new IOException("its answer is no gzip", e);
            }
        }

        private static String why(@Nullable Throwable failure) {
            for (Throwable each = failure; each != null; each = each.getCause()) {
                if (each instanceof UnresolvedAddressException) {
                    return "its host is not known";
                }
            }
            if (failure instanceof ConnectException) {
                return "connection refused";
            }
            String message = failure == null ? null : failure.getMessage();
            return message != null && message.startsWith("its answer") ? message : "the connection broke";
        }
    }
}
