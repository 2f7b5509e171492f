package dev.scepsy.javaagent.trace;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The subscriptions to what a method returned: the first one is the method's operation, each later one an execution of its own.
 * Thread-safe.
 */
final class Subscriptions {

    private final Tracer tracer;
    private final Operation operation;
    private final Subscribed first;
    private final AtomicBoolean taken = new AtomicBoolean();

    Subscriptions(Tracer tracer, Operation operation) {
        this.tracer = tracer;
        this.operation = operation;
        this.first = new Subscribed(tracer, operation, taken::get);
    }

    /** Somebody subscribes, on this thread. */
    Subscribed next() {
        Subscribed next =
                taken.compareAndSet(false, true) ? first : new Subscribed(tracer, operation.again(), () -> true);
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
