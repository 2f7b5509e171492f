package dev.scepsy.javaagent.trace;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Set;
import java.util.concurrent.Flow;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Publishers as methods return them: the JDK's, Reactive Streams', Reactor's, Mutiny's. The libraries' types are known by
 * name only; they live in the application.
 */
final class Publishers {

    private static final String FLOW = "java.util.concurrent.Flow$Publisher";
    private static final String REACTIVE_STREAMS = "org.reactivestreams.Publisher";
    private static final Set<String> TOLD_OF_ITS_END = Set.of(
            "reactor.core.publisher.Flux",
            "reactor.core.publisher.Mono",
            "io.smallrye.mutiny.Uni",
            "io.smallrye.mutiny.Multi");

    private Publishers() {}

    /**
     * What the method returns instead, so that its operation ends with the first subscription.
     *
     * @param returned the name of the type that the stand-in must have
     * @return null when the result is no publisher, or one that cannot be stood in for
     */
    static @Nullable Object observed(Tracer tracer, Operation operation, Object result, String returned) {
        if (result instanceof Flow.Publisher<?> publisher && returned.equals(FLOW)) {
            return new ObservedPublisher<>(publisher, new Subscribed(tracer, operation));
        }
        try {
            if (TOLD_OF_ITS_END.contains(returned)) {
                return withTermination(operation, result, returned);
            }
            Class<?> type =
                    returned.equals(REACTIVE_STREAMS) ? TypesByName.interfaceOf(result.getClass(), returned) : null;
            return type == null ? null : reactiveStreams(result, type, new Subscribed(tracer, operation));
        } catch (ReflectiveOperationException | RuntimeException unknown) {
            return null;
        }
    }

    private static Object reactiveStreams(Object result, Class<?> publisher, Subscribed subscribed) {
        return proxy(publisher, result, (method, arguments) -> {
            if (!method.getName().equals("subscribe") || arguments.length != 1 || !subscribed.first()) {
                return method.invoke(result, arguments);
            }
            Object subscriber = proxy(method.getParameterTypes()[0], arguments[0], (callback, told) -> {
                Object[] passed = told;
                switch (callback.getName()) {
                    case "onSubscribe" -> passed = new Object[] {subscription(callback, told[0], subscribed)};
                    case "onComplete" -> subscribed.ends(null);
                    case "onError" -> subscribed.ends((Throwable) told[0]);
                    default -> subscribed.heard();
                }
                return callback.invoke(arguments[0], passed);
            });
            return subscribed.run(() -> method.invoke(result, subscriber));
        });
    }

    private static Object subscription(Method callback, Object subscription, Subscribed subscribed) {
        return proxy(callback.getParameterTypes()[0], subscription, (method, arguments) -> {
            if (method.getName().equals("cancel")) {
                subscribed.cancelled();
            }
            return subscribed.run(() -> method.invoke(subscription, arguments));
        });
    }

    @FunctionalInterface
    private interface Call {
        @Nullable
        Object on(Method method, Object[] arguments) throws Exception;
    }

    private static Object proxy(Class<?> type, Object target, Call call) {
        InvocationHandler handler = (proxy, method, arguments) -> {
            try {
                return method.getDeclaringClass() == Object.class
                        ? method.invoke(target, arguments)
                        : call.on(method, arguments == null ? new Object[0] : arguments);
            } catch (InvocationTargetException thrown) {
                throw thrown.getCause() == null ? thrown : thrown.getCause();
            }
        };
        return Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler);
    }

    /** Reactor's and Mutiny's own way to be told of the end. */
    private static @Nullable Object withTermination(Operation operation, Object result, String returned)
            throws ReflectiveOperationException {
        if (returned.startsWith("io.smallrye")) {
            Class<?> type = TypesByName.interfaceOf(result.getClass(), returned);
            if (type == null) {
                return null;
            }
            Method termination = type.getMethod("onTermination");
            Runnable ended = () -> operation.end(null);
            return termination
                    .getReturnType()
                    .getMethod("invoke", Runnable.class)
                    .invoke(termination.invoke(result), ended);
        }
        Class<?> type = result.getClass();
        while (type != null && !type.getName().equals(returned)) {
            type = type.getSuperclass();
        }
        if (type == null) {
            return null;
        }
        Consumer<Throwable> failed = operation::failed;
        Consumer<Object> ended = signal -> {
            if (signal.toString().equals("cancel")) {
                StreamState.CANCELLED.end(operation);
            }
            operation.end(null);
        };
        Object told = type.getMethod("doOnError", Consumer.class).invoke(result, failed);
        return type.getMethod("doFinally", Consumer.class).invoke(told, ended);
    }
}
