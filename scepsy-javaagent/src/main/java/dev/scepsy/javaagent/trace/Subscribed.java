package dev.scepsy.javaagent.trace;

import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** An operation that ends with the first subscription to what its method returned. Thread-safe. */
final class Subscribed implements OpenWork.Piece {

    private final Tracer tracer;
    private final Operation operation;
    private final AtomicBoolean taken = new AtomicBoolean();
    private volatile long heardAtNanos = System.nanoTime();

    Subscribed(Tracer tracer, Operation operation) {
        this.tracer = tracer;
        this.operation = operation;
        tracer.openWork().add(this);
        operation.whenEnded((ended, failure) -> tracer.openWork().remove(this));
    }

    /** True once: later subscriptions are executions of nobody. */
    boolean first() {
        return taken.compareAndSet(false, true);
    }

    /** A sign of life. */
    void heard() {
        heardAtNanos = System.nanoTime();
    }

    /** Runs what makes the publisher work under the operation. */
    <T extends @Nullable Object> T run(Callable<T> work) throws Exception {
        heard();
        Object before = tracer.makeCurrent(operation);
        try {
            return work.call();
        } finally {
            tracer.restore(before);
        }
    }

    void ends(@Nullable Throwable error) {
        StreamState.end(operation, error);
    }

    void cancelled() {
        StreamState.CANCELLED.end(operation);
    }

    @Override
    public long heardAtNanos() {
        return heardAtNanos;
    }

    @Override
    public void giveUp(boolean atExit) {
        (taken.get() ? StreamState.silent(atExit) : StreamState.ABANDONED).end(operation);
    }
}
