package dev.scepsy.planner.cluster;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Cuts off an answer of the API server that has begun and does not end, one that is a web page, and what a pod answers through it
 * at too great a length. The client's own time-out
 * ends with the answer's head.
 */
final class AnswerLimit implements Interceptor {

    /** Seconds for a whole answer; the system property is documented in docs/reference/limits.md. */
    static final String PROPERTY = "scepsy.api-answer-seconds";

    private static final int DEFAULT_SECONDS = 60;

    /** The limit over one answer, in seconds, at least 1. */
    static int seconds() {
        return Math.max(1, Integer.getInteger(PROPERTY, DEFAULT_SECONDS));
    }

    /** What pods answer through the API server's proxy is as long as they like. */
    static final int MOST_PROXIED_BYTES = 16 << 20;

    @Override
    public AsyncBody.Consumer<List<ByteBuffer>> consumer(
            AsyncBody.Consumer<List<ByteBuffer>> consumer, HttpRequest request) {
        return request.uri().getPath() != null && request.uri().getPath().contains("/proxy/")
                ? new Bounded(consumer)
                : consumer;
    }

    /** Fails the answer where it grows beyond the bound. */
    private static final class Bounded implements AsyncBody.Consumer<List<ByteBuffer>> {
        private final AsyncBody.Consumer<List<ByteBuffer>> next;
        private long bytes;

        Bounded(AsyncBody.Consumer<List<ByteBuffer>> next) {
            this.next = next;
        }

        @Override
        public void consume(List<ByteBuffer> buffers, AsyncBody body) throws Exception {
            for (ByteBuffer buffer : buffers) {
                bytes += buffer.remaining();
            }
            if (bytes > MOST_PROXIED_BYTES) {
                throw new IOException("what it answers is longer than " + (MOST_PROXIED_BYTES >> 20) + " MiB");
            }
            next.consume(buffers, body);
        }
    }

    static String sentence() {
        return "no complete answer within " + seconds() + " s";
    }

    @Override
    public void after(HttpRequest request, HttpResponse<?> response, AsyncBody.Consumer<List<ByteBuffer>> consumer) {
        if (!(response.body() instanceof AsyncBody body)) {
            return;
        }
        String type = response.header("Content-Type");
        if (type != null && type.toLowerCase(Locale.ROOT).startsWith("text/html")) {
            body.cancel();
            String why = "a web page answers there (status " + response.code()
                    + "), not a Kubernetes API; is it the right address, and no proxy or login before it?";
            throw new KubernetesClientException(why, new IOException(why));
        }
        CompletableFuture.delayedExecutor(seconds(), TimeUnit.SECONDS).execute(() -> {
            if (!body.done().isDone()) {
                body.cancel();
            }
        });
    }
}
