package dev.scepsy.javaagent.trace;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A callback that a pipeline was assembled with inside an operation. Whenever and wherever the pipeline calls it, it runs under
 * that operation, or under the latest execution of the same pipeline, while that is open and nothing nearer is at work.
 */
final class AssembledWork {

    private static final List<Class<?>> TYPES = List.of(
            Runnable.class,
            Callable.class,
            Supplier.class,
            Function.class,
            BiFunction.class,
            Consumer.class,
            BiConsumer.class);

    private AssembledWork() {}

    /** The callback as the only type of these that it has; itself where it has none or several. */
    static Object of(Tracer tracer, Operation operation, Object work) {
        List<Class<?>> its =
                TYPES.stream().filter(type -> type.isInstance(work)).toList();
        return its.size() == 1 ? of(tracer, operation, work, its.get(0)) : work;
    }

    @SuppressWarnings("unchecked")
    private static Object of(Tracer tracer, Operation operation, Object work, Class<?> type) {
        if (type == Runnable.class) {
            Runnable runnable = (Runnable) work;
            return (Runnable) () -> call(tracer, operation, () -> {
                runnable.run();
                return null;
            });
        }
        if (type == Callable.class) {
            Callable<Object> callable = (Callable<Object>) work;
            return (Callable<Object>) () -> call(tracer, operation, callable);
        }
        if (type == Supplier.class) {
            Supplier<Object> supplier = (Supplier<Object>) work;
            return (Supplier<Object>) () -> call(tracer, operation, supplier::get);
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
        BiConsumer<Object, Object> consumer = (BiConsumer<Object, Object>) work;
        return (BiConsumer<Object, Object>) (value, other) -> call(tracer, operation, () -> {
            consumer.accept(value, other);
            return null;
        });
    }

    private static @Nullable Object call(Tracer tracer, Operation assembledIn, Callable<@Nullable Object> work) {
        Operation execution = assembledIn.latest();
        Operation here = tracer.currentHere();
        boolean nearer = execution.isOpen() && !execution.isAbove(here);
        Object before = nearer ? tracer.makeCurrent(execution) : null;
        try {
            return work.call();
        } catch (Exception thrown) {
            return AssembledWork.<@Nullable Object, RuntimeException>asItIs(thrown);
        } finally {
            if (nearer) {
                tracer.restore(before);
            }
        }
    }

    /** Throws on what the application threw, declared or not. */
    @SuppressWarnings("unchecked")
    private static <T extends @Nullable Object, E extends Exception> T asItIs(Exception thrown) throws E {
        throw (E) thrown;
    }
}
