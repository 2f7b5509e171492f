package dev.scepsy.javaagent.trace;

import java.lang.reflect.Method;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Publishers of the application's own classes that workflows returned: they stay what they are, their class's {@code subscribe}
 * is woven, and what they belong to stands beside them. Thread-safe; publishers are held weakly and by identity.
 */
public final class Publications {

    private final WeakIdentityMap<Subscriptions> known = new WeakIdentityMap<>();
    private volatile Predicate<Class<?>> weaving = type -> false;

    Publications() {}

    /** What weaves a class that is loaded already, and says whether its methods are seen from then on. */
    public void weaveWith(Predicate<Class<?>> weaving) {
        this.weaving = weaving;
    }

    /** Whether subscriptions to this publisher will be seen. */
    boolean observes(Object publisher, Subscriptions subscriptions) {
        boolean found = false;
        for (Class<?> at = publisher.getClass(); at != null && at != Object.class; at = at.getSuperclass()) {
            for (Method method : at.getDeclaredMethods()) {
                if (method.getName().equals("subscribe") && method.getParameterCount() == 1 && !method.isSynthetic()) {
                    if (!weaving.test(at)) {
                        return false;
                    }
                    found = true;
                }
            }
        }
        if (found) {
            known.purge(gone -> {});
            known.put(publisher, subscriptions);
        }
        return found;
    }

    /**
     * Somebody subscribes to a publisher.
     *
     * @param arguments the subscriber, in whose place an observing one is put
     * @return null when it is none of those known
     */
    public @Nullable Token subscribe(@Nullable Object publisher, Object[] arguments) {
        Subscriptions subscriptions = publisher == null || arguments[0] == null ? null : known.get(publisher);
        if (subscriptions == null) {
            return null;
        }
        Object observer = Publishers.observer(arguments[0], subscriptions);
        if (observer == null) {
            return null;
        }
        arguments[0] = observer;
        Operation operation = subscriptions.latest();
        return new Token(operation.tracer(), operation) {
            @Override
            protected @Nullable Object exit(@Nullable Object result, @Nullable Throwable error) {
                if (error != null) {
                    operation.end(error);
                }
                return result;
            }
        };
    }
}
