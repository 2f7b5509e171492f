package dev.scepsy.javaagent.trace;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Flow;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Publishers as methods return them: the JDK's, Reactive Streams', Reactor's, Mutiny's. The libraries' types are known by
 * name only; they live in the application. Nothing stands in for an object of which somebody could expect more than its
 * method's return type says: a public class between, or one of the application's own.
 */
final class Publishers {

    private static final String FLOW = "java.util.concurrent.Flow$Publisher";
    private static final String REACTIVE_STREAMS = "org.reactivestreams.Publisher";
    private static final String REACTOR = "reactor.core.publisher.";
    private static final String MUTINY = "io.smallrye.mutiny.";

    /** What a method may say that it returns, so that a Mono may stand for a Mono. */
    private static final Set<String> WIDE_ENOUGH = Set.of(
            FLOW,
            REACTIVE_STREAMS,
            "reactor.core.CorePublisher",
            REACTOR + "Flux",
            REACTOR + "Mono",
            MUTINY + "Uni",
            MUTINY + "Multi");

    private Publishers() {}

    /**
     * What the method returns instead, so that its operation is at work during subscriptions and ends with the first one.
     *
     * @param returned the name of the type that the stand-in must have
     * @return null when the result is no publisher, or one that cannot be stood in for
     */
    static @Nullable Object observed(Tracer tracer, Operation operation, Object result, String returned) {
        if (!WIDE_ENOUGH.contains(returned)) {
            return null;
        }
        try {
            Class<?> type = result.getClass();
            for (String name : new String[] {"Mono", "Flux"}) {
                Class<?> reactor = TypesByName.superClassOf(type, REACTOR + name);
                if (reactor != null) {
                    return reactor(tracer, operation, result, reactor);
                }
            }
            for (String name : new String[] {"Uni", "Multi"}) {
                Class<?> mutiny = TypesByName.interfaceOf(type, MUTINY + name);
                if (mutiny != null) {
                    return mutiny(tracer, operation, result, mutiny);
                }
            }
            Subscriptions subscriptions = new Subscriptions(tracer, operation);
            boolean ours = isOurs(result);
            if (!ours && tracer.publications().observes(result, subscriptions)) {
                return result;
            }
            // One of ours, or a lambda: whoever has another may know its class and ask for more.
            boolean onlyPublisher = ours || type.isHidden();
            if (onlyPublisher && result instanceof Flow.Publisher<?> publisher && returned.equals(FLOW)) {
                return new ObservedPublisher<>(publisher, subscriptions);
            }
            Class<?> plain =
                    onlyPublisher && returned.equals(REACTIVE_STREAMS) ? TypesByName.interfaceOf(type, returned) : null;
            if (plain != null) {
                return reactiveStreams(result, plain, subscriptions);
            }
            subscriptions.forget();
            return null;
        } catch (ReflectiveOperationException | RuntimeException unknown) {
            return null;
        }
    }

    /** The same Mono or Flux behind one that subscribes to it under the operation. */
    private static @Nullable Object reactor(Tracer tracer, Operation operation, Object result, Class<?> type)
            throws ReflectiveOperationException {
        if (TypesByName.interfaceOf(result.getClass(), "reactor.core.Fuseable$ScalarCallable") != null) {
            endWithValue(operation, (Callable<?>) result);
            return result; // Its value is there already, and there is nothing that could work under the operation.
        }
        for (Class<?> at = result.getClass(); at != type; at = at.getSuperclass()) {
            boolean plain =
                    !Modifier.isPublic(at.getModifiers()) || at.getName().endsWith("Operator");
            if (!plain || !at.getName().startsWith(REACTOR)) {
                return null; // A ConnectableFlux, a GroupedFlux, one of the application's own.
            }
        }
        ReactorContext.of(tracer, type);
        Class<?> publisher = TypesByName.interfaceOf(type, REACTIVE_STREAMS);
        if (publisher == null) {
            return null;
        }
        boolean mono = type.getSimpleName().equals("Mono");
        Object source = reactiveStreams(
                result,
                publisher,
                mono ? Subscriptions.ofOneItem(tracer, operation) : new Subscriptions(tracer, operation));
        return type.getMethod(mono ? "fromDirect" : "from", publisher).invoke(null, source);
    }

    private static void endWithValue(Operation operation, Callable<?> scalar) {
        try {
            operation.returned(scalar.call());
            operation.end(null);
        } catch (Throwable failure) {
            operation.end(failure);
        }
    }

    /** The same Uni or Multi, asked for anew by each subscription, which tells of its end. */
    private static @Nullable Object mutiny(Tracer tracer, Operation operation, Object result, Class<?> type)
            throws ReflectiveOperationException {
        String own = result.getClass().getName();
        if (!own.startsWith(MUTINY + "operators.") || own.contains(".processors.")) {
            return null;
        }
        Subscriptions subscriptions = new Subscriptions(tracer, operation);
        Supplier<Object> source = () -> told(result, type, subscriptions.next());
        Object creation = type.getMethod("createFrom").invoke(null);
        return creation.getClass().getMethod("deferred", Supplier.class).invoke(creation, source);
    }

    private static Object told(Object result, Class<?> type, Subscribed subscribed) {
        Runnable cancelled = subscribed::cancelled;
        try {
            if (type.getSimpleName().equals("Uni")) {
                BiConsumer<Object, Throwable> ended = (item, failure) -> subscribed.ends(failure);
                Object observed = invoke(type, result, "onItemOrFailure", BiConsumer.class, ended);
                return invoke(type, observed, "onCancellation", Runnable.class, cancelled);
            }
            BiConsumer<Throwable, Boolean> ended = (failure, wasCancelled) -> {
                if (Boolean.TRUE.equals(wasCancelled)) {
                    subscribed.cancelled();
                } else {
                    subscribed.ends(failure);
                }
            };
            return invoke(type, result, "onTermination", BiConsumer.class, ended);
        } catch (ReflectiveOperationException | RuntimeException untold) {
            subscribed.ends(null);
            return result;
        }
    }

    private static Object invoke(Class<?> type, Object on, String event, Class<?> callback, Object told)
            throws ReflectiveOperationException {
        Method method = type.getMethod(event);
        return method.getReturnType().getMethod("invoke", callback).invoke(method.invoke(on), told);
    }

    private static Object reactiveStreams(Object result, Class<?> publisher, Subscriptions subscriptions) {
        // Reactor's operators ask those above them for names and tags.
        Class<?> scannable = TypesByName.interfaceOf(result.getClass(), "reactor.core.Scannable");
        Class<?>[] types = scannable == null ? new Class<?>[] {publisher} : new Class<?>[] {scannable, publisher};
        return proxy(types, result, (method, arguments) -> {
            if (!method.getName().equals("subscribe") || arguments.length != 1 || arguments[0] == null) {
                return method.invoke(result, arguments);
            }
            Subscribed subscribed = subscriptions.next();
            Object subscriber = subscriber(arguments[0], method.getParameterTypes()[0], subscribed);
            return subscribed.run(() -> method.invoke(result, subscriber));
        });
    }

    private static Object subscriber(Object subscriber, Class<?> type, Subscribed subscribed) {
        Class<?> core = TypesByName.interfaceOf(subscriber.getClass(), "reactor.core.CoreSubscriber");
        return proxy(
                core == null ? type : core,
                subscriber,
                (callback, told) -> tell(callback, subscriber, told, subscribed));
    }

    /** What is told instead of a subscriber, and tells it; null where it is one of these already, or no subscriber. */
    static @Nullable Object observer(Object subscriber, Subscriptions subscriptions) {
        if (subscriber instanceof Flow.Subscriber<?> flow) {
            return ObservedPublisher.observes(flow) ? null : ObservedPublisher.observer(flow, subscriptions.next());
        }
        boolean observed = isOurs(subscriber);
        Class<?> type = TypesByName.interfaceOf(subscriber.getClass(), "org.reactivestreams.Subscriber");
        return observed || type == null ? null : subscriber(subscriber, type, subscriptions.next());
    }

    private static @Nullable Object tell(Method callback, Object subscriber, Object[] told, Subscribed subscribed)
            throws Exception {
        Object[] passed = told;
        switch (callback.getName()) {
            case "currentContext" -> {
                return ReactorContext.with(callback.invoke(subscriber), subscribed.operation());
            }
            case "onSubscribe" -> passed = new Object[] {subscription(callback, told[0], subscribed)};
            case "onComplete" -> subscribed.ends(null);
            case "onError" -> subscribed.ends((Throwable) told[0]);
            case "onNext" -> subscribed.item();
            default -> subscribed.heard();
        }
        Object[] given = passed;
        return subscribed.runOutside(() -> callback.invoke(subscriber, given));
    }

    private static Object subscription(Method callback, Object subscription, Subscribed subscribed) {
        return proxy(callback.getParameterTypes()[0], subscription, (method, arguments) -> {
            if (method.getName().equals("cancel")) {
                subscribed.cancelled();
            }
            return subscribed.run(() -> method.invoke(subscription, arguments));
        });
    }

    private static boolean isOurs(Object result) {
        return result instanceof StandIn
                || (Proxy.isProxyClass(result.getClass()) && Proxy.getInvocationHandler(result) instanceof StandIn);
    }

    /** How our proxies are told from others. */
    private interface Observing extends InvocationHandler, StandIn {}

    @FunctionalInterface
    private interface Call {
        @Nullable
        Object on(Method method, Object[] arguments) throws Exception;
    }

    private static Object proxy(Class<?> type, Object target, Call call) {
        return proxy(new Class<?>[] {type}, target, call);
    }

    private static Object proxy(Class<?>[] types, Object target, Call call) {
        Observing handler = (proxy, method, arguments) -> {
            try {
                return method.getDeclaringClass() == Object.class
                        ? method.invoke(target, arguments)
                        : call.on(method, arguments == null ? new Object[0] : arguments);
            } catch (InvocationTargetException thrown) {
                throw thrown.getCause() == null ? thrown : thrown.getCause();
            }
        };
        return Proxy.newProxyInstance(types[0].getClassLoader(), types, handler);
    }
}
