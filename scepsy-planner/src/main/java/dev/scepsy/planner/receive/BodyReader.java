package dev.scepsy.planner.receive;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpObject;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;

/**
 * Gathers the body of one request, piece by piece, within a limit of its own and a budget of all. Every byte is taken from the
 * budget before the next piece is asked for. Runs on one event loop.
 */
public final class BodyReader implements Subscriber<HttpObject> {

    /** The body is longer than it may be. */
    public static final class TooLargeException extends RuntimeException {
        private static final long serialVersionUID = 1;

        TooLargeException() {
            super("too large", null, false, false);
        }
    }

    /** Too much is being received already. */
    public static final class BusyException extends RuntimeException {
        private static final long serialVersionUID = 1;

        BusyException() {
            super("busy", null, false, false);
        }
    }

    /** It did not arrive whole: too slow, or given up by its sender. */
    public static final class CutOffException extends RuntimeException {
        private static final long serialVersionUID = 1;

        CutOffException(Throwable cause) {
            super("cut off", cause, false, false);
        }
    }

    private static final byte[] NOTHING = {};
    private static final int GROWTH = 2;

    private final int mostBytes;
    private final ByteBudget budget;
    private final long announced;
    private byte[] body = NOTHING;
    private int size;
    private final CompletableFuture<byte[]> whole = new CompletableFuture<>();
    private @Nullable Subscription subscription;

    /**
     * Reads one.
     *
     * @param mostBytes longest body
     * @param announced length that its sender states; 0: none. Only what arrives takes memory, a few times as much at most
     */
    public BodyReader(int mostBytes, long announced, ByteBudget budget) {
        this.mostBytes = mostBytes;
        this.announced = announced;
        this.budget = budget;
    }

    /** The body; its bytes are the receiver's to give back to the budget. Failed, nothing is held. */
    public CompletableFuture<byte[]> whole() {
        return whole;
    }

    @Override
    public void onSubscribe(Subscription subscribed) {
        subscription = subscribed;
        subscribed.request(1);
    }

    @Override
    public void onNext(HttpObject piece) {
        if (piece instanceof HttpData data) {
            try (data) {
                if (!whole.isDone()) {
                    take(data);
                }
            }
        }
        if (subscription != null && !whole.isDone()) {
            subscription.request(1);
        }
    }

    private void take(HttpData data) {
        int length = data.length();
        if (length > mostBytes - size) {
            fail(new TooLargeException());
            return;
        }
        if (!budget.tryTake(length)) {
            fail(new BusyException());
            return;
        }
        if (length > body.length - size) {
            long room = Math.max((long) size + length, (long) GROWTH * Math.max(size, length));
            long wanted = announced >= size + length ? Math.min(announced, room) : room;
            body = Arrays.copyOf(body, (int) Math.min(mostBytes, wanted));
        }
        data.byteBuf().getBytes(data.byteBuf().readerIndex(), body, size, length);
        size += length;
    }

    @Override
    public void onError(Throwable cause) {
        if (!whole.isDone()) {
            giveBack();
            whole.completeExceptionally(new CutOffException(cause));
        }
    }

    @Override
    public void onComplete() {
        if (!whole.isDone()) {
            whole.complete(size == body.length ? body : Arrays.copyOf(body, size));
        }
    }

    private void fail(RuntimeException why) {
        giveBack();
        whole.completeExceptionally(why);
        if (subscription != null) {
            subscription.cancel();
        }
    }

    private void giveBack() {
        budget.give(size);
        body = NOTHING;
        size = 0;
    }
}
