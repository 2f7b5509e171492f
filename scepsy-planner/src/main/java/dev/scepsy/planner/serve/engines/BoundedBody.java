package dev.scepsy.planner.serve.engines;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/** A body in memory, cut off where it grows beyond a bound. */
final class BoundedBody implements BodySubscriber<byte[]> {

    private final BodySubscriber<byte[]> inner = BodySubscribers.ofByteArray();
    private final int mostBytes;
    private long bytes;
    private Flow.@Nullable Subscription subscription;

    BoundedBody(int mostBytes) {
        this.mostBytes = mostBytes;
    }

    @Override
    public CompletionStage<byte[]> getBody() {
        return inner.getBody();
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
        this.subscription = subscription;
        inner.onSubscribe(subscription);
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
        for (ByteBuffer buffer : buffers) {
            bytes += buffer.remaining();
        }
        Flow.Subscription current = subscription;
        if (bytes > mostBytes && current != null) {
            current.cancel();
            inner.onError(new IOException(tooLong(mostBytes)));
        } else {
            inner.onNext(buffers);
        }
    }

    @Override
    public void onError(Throwable failure) {
        inner.onError(failure);
    }

    @Override
    public void onComplete() {
        inner.onComplete();
    }

    static byte[] unpacked(byte[] gzip, int mostBytes) throws IOException {
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(gzip))) {
            byte[] plain = in.readNBytes(mostBytes + 1);
            if (plain.length > mostBytes) {
                throw new IOException(tooLong(mostBytes));
            }
            return plain;
        }
    }

    private static String tooLong(int mostBytes) {
        return "its answer is longer than " + (mostBytes >> 20) + " MiB";
    }
}
