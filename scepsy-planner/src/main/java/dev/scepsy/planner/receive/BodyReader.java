package dev.scepsy.planner.receive;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpObject;
import java.io.ByteArrayOutputStream;
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

    private final int mostBytes;
    private final ByteBudget budget;
    private final ByteArrayOutputStream body = new ByteArrayOutputStream(1024);
    private final CompletableFuture<byte[]> whole = new CompletableFuture<>();
    private @Nullable Subscription subscription;

    public BodyReader(int mostBytes, ByteBudget budget) {
        this.mostBytes = mostBytes;
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
        if (whole.isDone()) {
            return;
        }
        if (piece instanceof HttpData data) {
            if (data.length() > mostBytes - body.size()) {
                fail(new TooLargeException());
                return;
            }
            if (!budget.tryTake(data.length())) {
                fail(new BusyException());
                return;
            }
            body.writeBytes(data.array());
        }
        if (subscription != null) {
            subscription.request(1);
        }
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
            whole.complete(body.toByteArray());
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
        budget.give(body.size());
        body.reset();
    }
}
