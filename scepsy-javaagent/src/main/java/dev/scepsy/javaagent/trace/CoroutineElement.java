package dev.scepsy.javaagent.trace;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An operation as an element of a coroutine's context ({@code kotlinx.coroutines.ThreadContextElement}): current on whatever
 * thread runs the coroutine, for as long as it does. Kotlin's types are known by name only.
 */
public final class CoroutineElement implements InvocationHandler {

    private static final String CONTEXT = "kotlin.coroutines.CoroutineContext";

    /** What is needed of the Kotlin that a class of contexts belongs to; empty where it has no coroutines library. */
    private static final ClassValue<Optional<Kotlin>> KOTLIN = new ClassValue<>() {
        @Override
        protected Optional<Kotlin> computeValue(Class<?> context) {
            return Kotlin.around(context);
        }
    };

    private final Kotlin kotlin;
    private final Operation operation;

    private CoroutineElement(Kotlin kotlin, Operation operation) {
        this.kotlin = kotlin;
        this.operation = operation;
    }

    /** A context with the operation in it; null where there is none, or it cannot be. */
    public static @Nullable Object in(@Nullable Object context, Operation operation) {
        Class<?> type = context == null ? null : TypesByName.interfaceOf(context.getClass(), CONTEXT);
        Optional<Kotlin> kotlin = type == null ? Optional.empty() : KOTLIN.get(type);
        if (kotlin.isEmpty() || type == null) {
            return null;
        }
        try {
            Kotlin its = kotlin.get();
            Object element = Proxy.newProxyInstance(
                    its.element.getClassLoader(), new Class<?>[] {its.element}, new CoroutineElement(its, operation));
            return type.getMethod("plus", type).invoke(context, element);
        } catch (ReflectiveOperationException | RuntimeException | LinkageError impossible) {
            return null;
        }
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments) throws Throwable {
        Object first = arguments == null ? null : arguments[0];
        switch (method.getName()) {
            case "updateThreadContext" -> {
                return operation.tracer().makeCurrent(operation);
            }
            case "restoreThreadContext" -> {
                operation.tracer().restore(arguments == null ? null : arguments[1]);
                return null;
            }
            case "getKey" -> {
                return kotlin.key;
            }
            case "equals" -> {
                return proxy == first;
            }
            case "hashCode" -> {
                return System.identityHashCode(proxy);
            }
            case "toString" -> {
                return "scepsy(" + operation.kind() + ")";
            }
            default -> {
                return kotlin.inherited(proxy, method, arguments);
            }
        }
    }

    /** @param key by which the element is found in a context; one for all elements */
    private record Kotlin(
            Class<?> element, Object key, @Nullable Class<?> defaults) {

        private static Optional<Kotlin> around(Class<?> context) {
            try {
                ClassLoader loader = context.getClassLoader();
                Class<?> element = Class.forName("kotlinx.coroutines.ThreadContextElement", false, loader);
                Class<?> key = Class.forName(CONTEXT + "$Key", false, loader);
                Object made = Proxy.newProxyInstance(
                        loader, new Class<?>[] {key}, (proxy, method, arguments) -> switch (method.getName()) {
                            case "equals" -> arguments != null && proxy == arguments[0];
                            case "hashCode" -> System.identityHashCode(proxy);
                            default -> "scepsy";
                        });
                Class<?> defaults = null;
                try {
                    defaults = Class.forName(CONTEXT + "$Element$DefaultImpls", true, loader);
                } catch (ClassNotFoundException none) {
                    // Compiled with default methods only.
                }
                return Optional.of(new Kotlin(element, made, defaults));
            } catch (ClassNotFoundException | LinkageError absent) {
                return Optional.empty();
            }
        }

        /** What every element does: get, fold, minusKey, plus. */
        private @Nullable Object inherited(Object proxy, Method method, Object @Nullable [] arguments)
                throws Throwable {
            if (method.isDefault()) {
                return InvocationHandler.invokeDefault(proxy, method, arguments);
            }
            Object[] given = arguments == null ? new Object[0] : arguments;
            if (defaults != null) {
                for (Method body : defaults.getMethods()) {
                    if (body.getName().equals(method.getName()) && body.getParameterCount() == given.length + 1) {
                        Object[] all = new Object[given.length + 1];
                        all[0] = proxy;
                        System.arraycopy(given, 0, all, 1, given.length);
                        try {
                            return body.invoke(null, all);
                        } catch (InvocationTargetException thrown) {
                            throw thrown.getCause() == null ? thrown : thrown.getCause();
                        }
                    }
                }
            }
            throw new UnsupportedOperationException(method.toString());
        }
    }
}
