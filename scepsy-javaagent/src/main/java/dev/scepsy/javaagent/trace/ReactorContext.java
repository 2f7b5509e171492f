package dev.scepsy.javaagent.trace;

import java.lang.reflect.Method;
import java.util.Collections;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Where the application has {@code io.micrometer:context-propagation}, the current operation is one of the things that it
 * carries: Reactor then restores it wherever it restores others. Known by names only. Thread-safe.
 */
final class ReactorContext {

    private static final String KEY = "scepsy.operation";
    private static final String REGISTRY = "io.micrometer.context.ContextRegistry";

    private static final Set<Class<?>> REGISTERED = Collections.newSetFromMap(new WeakHashMap<>());

    private ReactorContext() {}

    /** Registers with what a class of Reactor's sees, once. */
    static void of(Tracer tracer, Class<?> reactor) {
        try {
            Class<?> registry = Class.forName(REGISTRY, false, reactor.getClassLoader());
            synchronized (REGISTERED) {
                if (!REGISTERED.add(registry)) {
                    return;
                }
            }
            Supplier<@Nullable Operation> current = tracer::currentHere;
            Consumer<Operation> set = tracer::currentHere;
            Runnable reset = () -> tracer.currentHere(null);
            registry.getMethod(
                            "registerThreadLocalAccessor", String.class, Supplier.class, Consumer.class, Runnable.class)
                    .invoke(registry.getMethod("getInstance").invoke(null), KEY, current, set, reset);
        } catch (ReflectiveOperationException | LinkageError absent) {
            // Reactor without it: the operation follows its schedulers.
        }
    }

    /** A subscriber's context with the operation in it, where somebody reads that; else the context itself. */
    static @Nullable Object with(@Nullable Object context, Operation operation) {
        synchronized (REGISTERED) {
            if (REGISTERED.isEmpty() || context == null) {
                return context;
            }
        }
        try {
            Class<?> type = TypesByName.interfaceOf(context.getClass(), "reactor.util.context.Context");
            Method put = type == null ? null : type.getMethod("put", Object.class, Object.class);
            return put == null ? context : put.invoke(context, KEY, operation);
        } catch (ReflectiveOperationException | RuntimeException unchanged) {
            return context;
        }
    }
}
