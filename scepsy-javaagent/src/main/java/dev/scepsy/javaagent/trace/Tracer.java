package dev.scepsy.javaagent.trace;

import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Begins operations and knows the current one of each thread. Thread-safe.
 *
 * <p>The current operation is set and restored lexically, in the token of one woven call; work that goes to another thread
 * takes it along by capture ({@link CapturedWork}). So a scope cannot leak.
 */
public final class Tracer {

    private final ThreadLocal<@Nullable Operation> current = new ThreadLocal<>();
    private final Sampling sampling;
    private final FinishedOperations finished;
    private final Endings endings = new Endings();

    public Tracer(Sampling sampling, FinishedOperations finished) {
        this.sampling = sampling;
        this.finished = finished;
    }

    /** The operation this thread works for. */
    public @Nullable Operation current() {
        return current.get();
    }

    /** Makes an operation current, or none; returns what was. */
    public @Nullable Operation makeCurrent(@Nullable Operation operation) {
        Operation before = current.get();
        current.set(operation);
        return before;
    }

    /**
     * Begins an operation below the thread's current one; does not make it current.
     *
     * @param subject the object whose work it is, by identity: the same logical call is recognised by it
     */
    public Operation begin(OperationKind kind, String name, Object subject) {
        Operation above = current.get();
        Operation parent = above == null ? null : above.asParentOf(kind);
        if (parent == null) {
            ThreadLocalRandom random = ThreadLocalRandom.current();
            long high = random.nextLong();
            long low = nonZero(random);
            return new Operation(this, null, kind, name, subject, Clock.now(), high, low, sampling.keeps(low));
        }
        return new Operation(
                this,
                parent,
                kind,
                name,
                subject,
                parent.clock(),
                parent.traceIdHigh(),
                parent.traceIdLow(),
                parent.sampled());
    }

    /** The same work, to be run on another thread under the operation that is current on this one. */
    public Object capture(Object work) {
        Operation operation = current.get();
        return operation == null ? work : CapturedWork.of(this, operation, work);
    }

    public Endings endings() {
        return endings;
    }

    void finish(Operation operation) {
        finished.accept(operation);
    }

    static long nonZero(ThreadLocalRandom random) {
        long id;
        do {
            id = random.nextLong();
        } while (id == 0);
        return id;
    }
}
