package dev.scepsy.javaagent.trace;

import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Work that runs on another thread under the operation it was handed over in. */
final class CapturedWork {

    private static final Object NOT_ENTERED = new Object();

    private CapturedWork() {}

    static Object of(Tracer tracer, Operation operation, Object work) {
        if (work instanceof Supplier<?> supplier) {
            return (Supplier<Object>) () -> {
                @Nullable Object before = enter(tracer, operation);
                try {
                    return supplier.get();
                } finally {
                    leave(tracer, before);
                }
            };
        }
        if (work instanceof Callable<?> callable) {
            return (Callable<Object>) () -> {
                @Nullable Object before = enter(tracer, operation);
                try {
                    return callable.call();
                } finally {
                    leave(tracer, before);
                }
            };
        }
        if (work instanceof Runnable runnable) {
            return (Runnable) () -> {
                @Nullable Object before = enter(tracer, operation);
                try {
                    runnable.run();
                } finally {
                    leave(tracer, before);
                }
            };
        }
        return work;
    }

    /** Whatever happens here, the work itself is done. */
    private static @Nullable Object enter(Tracer tracer, Operation operation) {
        try {
            return tracer.makeCurrent(operation);
        } catch (RuntimeException | LinkageError failure) {
            return NOT_ENTERED;
        }
    }

    private static void leave(Tracer tracer, @Nullable Object before) {
        if (before == NOT_ENTERED) {
            return;
        }
        try {
            tracer.restore(before);
        } catch (RuntimeException | LinkageError failure) {
            // The work's own result counts.
        }
    }
}
