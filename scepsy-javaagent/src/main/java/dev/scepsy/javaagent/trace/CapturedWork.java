package dev.scepsy.javaagent.trace;

import java.io.Serializable;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.AbstractQueuedSynchronizer;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Work that runs later, maybe on another thread, under the operation it was handed over in. The work is wrapped as the type it
 * was handed over as, whatever else its class implements.
 */
final class CapturedWork {

    /** Whether a task's class is nothing but that: an executor, its queue and its handlers may ask for more. */
    private static final ClassValue<Boolean> PLAIN = new ClassValue<>() {
        @Override
        protected Boolean computeValue(Class<?> type) {
            for (Class<?> at = type; at != null; at = at.getSuperclass()) {
                for (Class<?> promise : at.getInterfaces()) {
                    if (promise != Runnable.class && promise != Callable.class && promise != Serializable.class) {
                        return false;
                    }
                }
            }
            return true;
        }
    };

    private static final Object NOT_ENTERED = new Object();

    private CapturedWork() {}

    /** A task may be wrapped only when nobody can expect to see it again as something else: no Comparable, no future. */
    static boolean isPlain(Object task) {
        return PLAIN.get(task.getClass());
    }

    /** The loop of a pool's thread, as a thread factory gets it: it outlives whatever made the pool want one more thread. */
    static boolean isPoolWorker(Object work) {
        return work instanceof AbstractQueuedSynchronizer
                || work.getClass().getName().endsWith("Worker");
    }

    @SuppressWarnings("unchecked")
    static Object of(Tracer tracer, Operation operation, Object work, Class<?> type) {
        if (type == Runnable.class) {
            Runnable runnable = (Runnable) work;
            return (Runnable) () -> call(tracer, operation, () -> {
                runnable.run();
                return null;
            });
        }
        if (type == Callable.class) {
            Callable<Object> callable = (Callable<Object>) work;
            return (Callable<Object>) () -> {
                Object before = enter(tracer, operation);
                try {
                    return callable.call();
                } finally {
                    leave(tracer, before);
                }
            };
        }
        if (type == Supplier.class) {
            Supplier<Object> supplier = (Supplier<Object>) work;
            return (Supplier<Object>) () -> call(tracer, operation, supplier);
        }
        if (type == Function.class) {
            Function<Object, Object> function = (Function<Object, Object>) work;
            return (Function<Object, Object>) value -> call(tracer, operation, () -> function.apply(value));
        }
        if (type == BiFunction.class) {
            BiFunction<Object, Object, Object> function = (BiFunction<Object, Object, Object>) work;
            return (BiFunction<Object, Object, Object>)
                    (value, other) -> call(tracer, operation, () -> function.apply(value, other));
        }
        if (type == Consumer.class) {
            Consumer<Object> consumer = (Consumer<Object>) work;
            return (Consumer<Object>) value -> call(tracer, operation, () -> {
                consumer.accept(value);
                return null;
            });
        }
        if (type == BiConsumer.class) {
            BiConsumer<Object, Object> consumer = (BiConsumer<Object, Object>) work;
            return (BiConsumer<Object, Object>) (value, other) -> call(tracer, operation, () -> {
                consumer.accept(value, other);
                return null;
            });
        }
        return work;
    }

    private static @Nullable Object call(Tracer tracer, Operation operation, Supplier<@Nullable Object> work) {
        Object before = enter(tracer, operation);
        try {
            return work.get();
        } finally {
            leave(tracer, before);
        }
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
