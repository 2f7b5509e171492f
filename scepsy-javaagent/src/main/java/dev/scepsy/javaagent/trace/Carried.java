package dev.scepsy.javaagent.trace;

import java.util.HashSet;
import java.util.Set;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Work that was handed over, while it runs under the operation it was handed over in. It may go on when that has ended: what a
 * request leaves to be done later is its own. But once it comes round again, it is a loop that the request happened to start (a
 * consumer, a poller): what it begins at a place (the calls on its stack) where it has begun something before, it does not begin for
 * the request. Used by its thread only; ends as a token does.
 */
final class Carried implements BiFunction<@Nullable Object, @Nullable Throwable, @Nullable Object> {

    private static final int MOST_PLACES = 256;

    private final Tracer tracer;
    private final Operation operation;
    private final @Nullable Carried around;
    private final @Nullable Object before;
    private @Nullable Set<Long> places;
    private boolean over;

    private Carried(Tracer tracer, Operation operation) {
        this.tracer = tracer;
        this.operation = operation;
        this.around = tracer.carriedHere();
        this.before = tracer.makeCurrent(operation);
        tracer.carriedHere(this);
    }

    /** Whatever happens here, the work itself is done; null when there is nothing to undo. */
    @SuppressWarnings("ReferenceEquality") // Identity is the point.
    static @Nullable Carried enter(Tracer tracer, Operation operation) {
        try {
            return tracer.currentHere() == operation ? null : new Carried(tracer, operation);
        } catch (RuntimeException | LinkageError failure) {
            return null;
        }
    }

    static void leave(@Nullable Carried carried) {
        if (carried != null) {
            carried.apply(null, null);
        }
    }

    @Override
    public @Nullable Object apply(@Nullable Object result, @Nullable Throwable error) {
        try {
            tracer.carriedHere(around);
            tracer.restore(before);
        } catch (RuntimeException | LinkageError failure) {
            // The work's own result counts.
        }
        return result;
    }

    /** Whether what begins now below this operation still does so for it. */
    @SuppressWarnings("ReferenceEquality") // Identity is the point.
    boolean mayBeginBelow(Operation above) {
        if (above != operation) {
            return true;
        }
        if (!over) {
            Set<Long> known = places;
            if (known == null) {
                known = new HashSet<>();
                places = known;
            }
            boolean again = known.size() >= MOST_PLACES || !known.add(place());
            over = again && !operation.isUnderWay();
        }
        return !over;
    }

    /** Of the calls on the stack, each counted once: a loop may be written as a recursion. */
    private static long place() {
        return StackWalker.getInstance()
                .walk(frames -> frames.mapToLong(Carried::hash)
                        .distinct()
                        .reduce(0, (sum, frame) -> sum + frame * 0x9E3779B97F4A7C15L));
    }

    private static long hash(StackWalker.StackFrame frame) {
        long call =
                31L * frame.getClassName().hashCode() + frame.getMethodName().hashCode();
        return (call << 20) ^ frame.getByteCodeIndex();
    }
}
