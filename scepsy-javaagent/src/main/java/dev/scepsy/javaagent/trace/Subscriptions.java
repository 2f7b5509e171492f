package dev.scepsy.javaagent.trace;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The subscriptions to what a method returned: the first one is the method's operation, each later one an execution of its own.
 * Thread-safe.
 */
final class Subscriptions {

    private final Tracer tracer;
    private final Operation operation;
    private final boolean oneItem;
    private final Subscribed first;
    private final AtomicBoolean taken = new AtomicBoolean();

    Subscriptions(Tracer tracer, Operation operation) {
        this(tracer, operation, false);
    }

    private Subscriptions(Tracer tracer, Operation operation, boolean oneItem) {
        this.tracer = tracer;
        this.operation = operation;
        this.oneItem = oneItem;
        this.first = new Subscribed(tracer, operation, oneItem, taken::get);
    }

    /** To what has at most one item, which is its end: whoever waits for it goes on before completion is told. */
    static Subscriptions ofOneItem(Tracer tracer, Operation operation) {
        return new Subscriptions(tracer, operation, true);
    }

    /** Somebody subscribes, on this thread. */
    Subscribed next() {
        Subscribed next = taken.compareAndSet(false, true)
                ? first
                : new Subscribed(tracer, operation.again(), oneItem, () -> true);
        next.begins();
        return next;
    }

    /** The one that {@link #next} gave last on this thread's behalf belongs to this operation. */
    Operation latest() {
        return operation.latest();
    }

    /** Nobody will subscribe to anything observed. */
    void forget() {
        tracer.openWork().remove(first);
    }
}
