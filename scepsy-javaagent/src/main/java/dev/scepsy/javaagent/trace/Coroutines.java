package dev.scepsy.javaagent.trace;

import java.lang.ref.WeakReference;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * Kotlin's {@code suspend} functions. One is called with a continuation and called again, with its own state machine as the
 * continuation, whenever it goes on; its result goes to the continuation of the first call. Before that one an observing one is
 * put: it tells the end, and brings the operation into the coroutine's context, so that it is current on every dispatcher.
 * Kotlin's types are known by name only; they live in the application.
 */
public final class Coroutines {

    private static final String CONTINUATION = "kotlin.coroutines.Continuation";
    private static final String STACK_FRAME = "kotlin.coroutines.jvm.internal.CoroutineStackFrame";
    private static final String SUSPENDED = "kotlin.coroutines.intrinsics.CoroutineSingletons";
    private static final String FAILURE = "kotlin.Result$Failure";

    /** The state of a compiled function; its sign says that it is being called again. */
    private static final ClassValue<Optional<Field>> LABELS = new ClassValue<>() {
        @Override
        protected Optional<Field> computeValue(Class<?> type) {
            try {
                Field label = type.getDeclaredField("label");
                return label.getType() == int.class && label.trySetAccessible() ? Optional.of(label) : Optional.empty();
            } catch (NoSuchFieldException | RuntimeException none) {
                return Optional.empty();
            }
        }
    };

    private Coroutines() {}

    /** Whether a method's descriptor is a {@code suspend} function's. */
    public static boolean isSuspending(String descriptor) {
        return descriptor.endsWith("Lkotlin/coroutines/Continuation;)Ljava/lang/Object;");
    }

    /** Whether a function is called to go on, or it cannot be told that it is not. */
    public static boolean goesOn(@Nullable Object continuation) {
        if (continuation == null) {
            return true;
        }
        Class<?> type = continuation.getClass();
        if (TypesByName.superClassOf(type, "kotlin.coroutines.jvm.internal.BaseContinuationImpl") == null) {
            return false; // Somebody's own continuation, no state machine.
        }
        Optional<Field> label = LABELS.get(type);
        try {
            return label.isPresent()
                    ? label.get().getInt(continuation) < 0
                    : !type.getModule().isOpen(type.getPackageName(), Coroutines.class.getModule());
        } catch (IllegalAccessException unreadable) {
            return true;
        }
    }

    /** Whether this is what a function returns whose result will come later. */
    public static boolean isSuspended(@Nullable Object result) {
        return result != null && result.getClass().getName().equals(SUSPENDED);
    }

    /** A continuation that ends the operation, then passes the result on; the one given where that cannot be. */
    public static Object observed(Operation operation, Object continuation, @Nullable Operation outside) {
        Class<?> type = continuation.getClass();
        Class<?> plain = TypesByName.interfaceOf(type, CONTINUATION);
        if (plain == null) {
            return continuation;
        }
        List<Class<?>> types = new ArrayList<>(List.of(plain));
        Class<?> frame = TypesByName.interfaceOf(type, STACK_FRAME);
        if (frame != null) {
            types.add(frame); // For stack traces of coroutines.
        }
        Object context = CoroutineElement.in(contextOf(plain, continuation), operation);
        Object observed = Proxy.newProxyInstance(
                plain.getClassLoader(), types.toArray(Class<?>[]::new), (proxy, method, arguments) -> {
                    switch (method.getName()) {
                        case "resumeWith" -> {
                            ended(operation, arguments[0]);
                            return under(operation.tracer(), outside, () -> method.invoke(continuation, arguments));
                        }
                        case "getContext" -> {
                            return context != null ? context : call(method, continuation, arguments);
                        }
                        default -> {
                            return call(method, continuation, arguments);
                        }
                    }
                });
        OpenWork open = operation.tracer().openWork();
        Suspended piece = new Suspended(operation, new WeakReference<>(observed));
        open.add(piece);
        operation.whenEnded((ended, failure) -> open.remove(piece));
        return observed;
    }

    private static void ended(Operation operation, @Nullable Object result) {
        Throwable failure = null;
        if (result != null && result.getClass().getName().equals(FAILURE)) {
            try {
                failure = (Throwable) result.getClass().getField("exception").get(result);
            } catch (ReflectiveOperationException unreadable) {
                operation.failedAs("unknown");
            }
        } else {
            operation.returned(result);
        }
        StreamState.end(operation, failure);
    }

    private static @Nullable Object contextOf(Class<?> type, Object continuation) {
        try {
            return type.getMethod("getContext").invoke(continuation);
        } catch (ReflectiveOperationException unknown) {
            return null;
        }
    }

    private static @Nullable Object under(Tracer tracer, @Nullable Operation outside, Callable<@Nullable Object> work)
            throws Throwable {
        Object before = tracer.makeCurrent(outside);
        try {
            return work.call();
        } catch (InvocationTargetException thrown) {
            throw thrown.getCause() == null ? thrown : thrown.getCause();
        } finally {
            tracer.restore(before);
        }
    }

    private static @Nullable Object call(Method method, Object on, Object @Nullable [] arguments) throws Throwable {
        try {
            return method.invoke(on, arguments);
        } catch (InvocationTargetException thrown) {
            throw thrown.getCause() == null ? thrown : thrown.getCause();
        }
    }

    /** A call that has been suspended; when nobody can resume it any more, it is over. */
    private record Suspended(Operation operation, WeakReference<Object> continuation) implements OpenWork.Piece {

        @Override
        public long heardAtNanos() {
            long now = System.nanoTime();
            return continuation.get() != null ? now : now - Long.MAX_VALUE / 2;
        }

        @Override
        public void giveUp(boolean atExit) {
            (continuation.get() != null ? StreamState.silent(atExit) : StreamState.ABANDONED).end(operation);
        }
    }
}
