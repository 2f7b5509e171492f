package dev.scepsy.javaagent.trace;

import java.lang.reflect.Method;
import org.jspecify.annotations.Nullable;

/**
 * Publishers of the application's own classes that workflows returned: they stay what they are, their class's {@code subscribe}
 * is woven, and what they belong to stands beside them. Thread-safe; publishers are held weakly and by identity.
 */
public final class Publications {

    private final WeakIdentityMap<Subscriptions> known = new WeakIdentityMap<>();
    private volatile @Nullable Classes classes;

    Publications() {}

    /** What is known of classes, and can be done with them. */
    public interface Classes {

        /** Weaves a class that is loaded already; whether its methods are seen from then on. */
        boolean weave(Class<?> type);

        /** Whether a class names the other one, or a type above it that is no mere subscriber: it may look for that. */
        boolean mayLookFor(Class<?> looking, Class<?> other);
    }

    public void ask(Classes classes) {
        this.classes = classes;
    }

    /** Whether subscriptions to this publisher will be seen. */
    boolean observes(Object publisher, Subscriptions subscriptions) {
        Classes all = classes;
        boolean found = false;
        for (Class<?> at = publisher.getClass(); at != null && at != Object.class; at = at.getSuperclass()) {
            for (Method method : at.getDeclaredMethods()) {
                if (method.getName().equals("subscribe") && method.getParameterCount() == 1 && !method.isSynthetic()) {
                    if (all == null || !all.weave(at)) {
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
        if (publisher == null || subscriptions == null) {
            return null;
        }
        if (mayBeLookedFor(publisher, arguments[0])) {
            return during(subscriptions.next()); // Better no end than another subscriber.
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

    /** The operation is at work while the method is, and ends with it. */
    private static Token during(Subscribed subscribed) {
        Operation operation = subscribed.operation();
        return new Token(operation.tracer(), operation) {
            @Override
            protected @Nullable Object exit(@Nullable Object result, @Nullable Throwable error) {
                subscribed.ends(error);
                return result;
            }
        };
    }

    /** Whether the publisher's class knows more of this subscriber than that it is one. */
    private boolean mayBeLookedFor(Object publisher, Object subscriber) {
        Classes all = classes;
        for (Class<?> at = publisher.getClass(); at != null && at != Object.class; at = at.getSuperclass()) {
            if (all != null && at.getClassLoader() != null && all.mayLookFor(at, subscriber.getClass())) {
                return true;
            }
        }
        return false;
    }
}
