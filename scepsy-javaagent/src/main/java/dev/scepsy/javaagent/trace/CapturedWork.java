package dev.scepsy.javaagent.trace;

import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.AbstractQueuedSynchronizer;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.BiPredicate;
import java.util.function.BinaryOperator;
import java.util.function.Consumer;
import java.util.function.DoubleFunction;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;
import java.util.function.IntUnaryOperator;
import java.util.function.LongFunction;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.function.ToIntFunction;
import java.util.function.ToLongFunction;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Work in the place of work, which runs under the operation it was handed over in. Only for where nobody of the application's can see
 * it: inside the JDK's own futures, streams and threads. By the type it was handed over as.
 */
final class CapturedWork {

    @FunctionalInterface
    private interface Wrapping {
        Object wrap(Tracer tracer, Operation operation, Object work);
    }

    private static final Map<String, Wrapping> BY_TYPE = Map.ofEntries(
            of(Runnable.class, (t, o, work) -> (Runnable) () -> run(t, o, work::run)),
            of(Callable.class, (t, o, work) -> (Callable<Object>) () -> {
                Carried carried = Carried.enter(t, o);
                try {
                    return work.call();
                } finally {
                    Carried.leave(carried);
                }
            }),
            of(Supplier.class, (t, o, work) -> (Supplier<Object>) () -> get(t, o, work::get)),
            of(Function.class, (t, o, work) -> (Function<Object, Object>) x -> get(t, o, () -> work.apply(x))),
            of(UnaryOperator.class, (t, o, work) -> (UnaryOperator<Object>) x -> get(t, o, () -> work.apply(x))),
            of(BiFunction.class, (t, o, work) ->
                    (BiFunction<Object, Object, Object>) (x, y) -> get(t, o, () -> work.apply(x, y))),
            of(BinaryOperator.class, (t, o, work) ->
                    (BinaryOperator<Object>) (x, y) -> get(t, o, () -> work.apply(x, y))),
            of(Consumer.class, (t, o, work) -> (Consumer<Object>) x -> run(t, o, () -> work.accept(x))),
            of(BiConsumer.class, (t, o, work) ->
                    (BiConsumer<Object, Object>) (x, y) -> run(t, o, () -> work.accept(x, y))),
            of(Predicate.class, (t, o, work) -> (Predicate<Object>) x -> get(t, o, () -> work.test(x))),
            of(BiPredicate.class, (t, o, work) ->
                    (BiPredicate<Object, Object>) (x, y) -> get(t, o, () -> work.test(x, y))),
            of(ToIntFunction.class, (t, o, work) -> (ToIntFunction<Object>) x -> get(t, o, () -> work.applyAsInt(x))),
            of(ToLongFunction.class, (t, o, work) ->
                    (ToLongFunction<Object>) x -> get(t, o, () -> work.applyAsLong(x))),
            of(ToDoubleFunction.class, (t, o, work) ->
                    (ToDoubleFunction<Object>) x -> get(t, o, () -> work.applyAsDouble(x))),
            of(IntFunction.class, (t, o, work) -> (IntFunction<Object>) x -> get(t, o, () -> work.apply(x))),
            of(LongFunction.class, (t, o, work) -> (LongFunction<Object>) x -> get(t, o, () -> work.apply(x))),
            of(DoubleFunction.class, (t, o, work) -> (DoubleFunction<Object>) x -> get(t, o, () -> work.apply(x))),
            of(IntPredicate.class, (t, o, work) -> (IntPredicate) x -> get(t, o, () -> work.test(x))),
            of(IntUnaryOperator.class, (t, o, work) -> (IntUnaryOperator) x -> get(t, o, () -> work.applyAsInt(x))),
            of(IntConsumer.class, (t, o, work) -> (IntConsumer) x -> run(t, o, () -> work.accept(x))));

    private CapturedWork() {}

    @FunctionalInterface
    private interface TypedWrapping<T> {
        Object wrap(Tracer tracer, Operation operation, T work);
    }

    @SuppressWarnings("unchecked")
    private static <T> Map.Entry<String, Wrapping> of(Class<T> type, TypedWrapping<T> wrapping) {
        return Map.entry(type.descriptorString(), (t, o, work) -> wrapping.wrap(t, o, (T) work));
    }

    /** Whether work of this type, as a descriptor has it, can be stood in for. */
    static boolean canBe(String type) {
        return BY_TYPE.containsKey(type);
    }

    /** The loop of a pool's thread, as a thread factory gets it: it outlives whatever made the pool want one more thread. */
    static boolean isPoolWorker(Object work) {
        return work instanceof AbstractQueuedSynchronizer
                || work.getClass().getName().endsWith("Worker");
    }

    /** @param type the descriptor of the functional interface it is handed over as */
    static Object of(Tracer tracer, Operation operation, Object work, String type) {
        Wrapping wrapping = BY_TYPE.get(type);
        return wrapping == null ? work : wrapping.wrap(tracer, operation, work);
    }

    private static void run(Tracer tracer, Operation operation, Runnable work) {
        Carried carried = Carried.enter(tracer, operation);
        try {
            work.run();
        } finally {
            Carried.leave(carried);
        }
    }

    @SuppressWarnings("TypeParameterUnusedInFormals")
    private static <T extends @Nullable Object> T get(Tracer tracer, Operation operation, Supplier<T> work) {
        Carried carried = Carried.enter(tracer, operation);
        try {
            return work.get();
        } finally {
            Carried.leave(carried);
        }
    }
}
