package dev.scepsy.javaagent.trace;

import java.util.concurrent.Callable;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** An operation that ends with one subscription to what its method returned. Thread-safe. */
final class Subscribed implements OpenWork.Piece {

    private final Tracer tracer;
    private final Operation operation;
    private final boolean oneItem;
    private final BooleanSupplier begun;
    private volatile @Nullable Operation outside;
    private volatile long heardAtNanos = System.nanoTime();

    Subscribed(Tracer tracer, Operation operation, boolean oneItem, BooleanSupplier begun) {
        this.tracer = tracer;
        this.operation = operation;
        this.oneItem = oneItem;
        this.begun = begun;
        tracer.openWork().add(this);
        operation.whenEnded((ended, failure) -> tracer.openWork().remove(this));
    }

    /** The subscriber works for what is current on this thread. */
    void begins() {
        outside = tracer.currentHere();
        heard();
    }

    Operation operation() {
        return operation;
    }

    /** A sign of life. */
    void heard() {
        heardAtNanos = System.nanoTime();
    }

    /** An item is about to be passed on. */
    void item() {
        heard();
        if (oneItem) {
            ends(null);
        }
    }

    /** Runs what makes the publisher work under the operation. */
    <T extends @Nullable Object> T run(Callable<T> work) throws Exception {
        heard();
        return under(operation, work);
    }

    /** Runs what the subscriber does with what it is told. */
    <T extends @Nullable Object> T runOutside(Callable<T> work) throws Exception {
        return under(outside, work);
    }

    private <T extends @Nullable Object> T under(@Nullable Operation current, Callable<T> work) throws Exception {
        Object before = tracer.makeCurrent(current);
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
        (begun.getAsBoolean() ? StreamState.silent(atExit) : StreamState.ABANDONED).end(operation);
    }
}
