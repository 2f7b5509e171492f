package dev.scepsy.javaagent.trace;

import java.util.concurrent.Flow;

/**
 * Stands before a publisher that a workflow or agent returned. Each subscription runs under an operation and ends it; the
 * subscriber is told in its own place. Items, order and demand are the original's.
 */
final class ObservedPublisher<T> implements Flow.Publisher<T>, StandIn {

    private final Flow.Publisher<T> original;
    private final Subscriptions subscriptions;

    ObservedPublisher(Flow.Publisher<T> original, Subscriptions subscriptions) {
        this.original = original;
        this.subscriptions = subscriptions;
    }

    @Override
    public void subscribe(Flow.Subscriber<? super T> subscriber) {
        if (subscriber == null) {
            original.subscribe(subscriber);
            return;
        }
        Subscribed subscribed = subscriptions.next();
        within(subscribed, () -> original.subscribe(new Observed<>(subscriber, subscribed)));
    }

    static boolean observes(Flow.Subscriber<?> subscriber) {
        return subscriber instanceof Observed<?>;
    }

    static Flow.Subscriber<?> observer(Flow.Subscriber<?> subscriber, Subscribed subscribed) {
        return new Observed<>(subscriber, subscribed);
    }

    private static void within(Subscribed subscribed, Runnable work) {
        try {
            subscribed.run(() -> {
                work.run();
                return null;
            });
        } catch (Exception thrown) {
            ObservedPublisher.<RuntimeException>asItIs(thrown);
        }
    }

    private static void outside(Subscribed subscribed, Runnable work) {
        try {
            subscribed.runOutside(() -> {
                work.run();
                return null;
            });
        } catch (Exception thrown) {
            ObservedPublisher.<RuntimeException>asItIs(thrown);
        }
    }

    /** Throws on what the application threw, declared or not. */
    @SuppressWarnings("unchecked")
    private static <E extends Exception> void asItIs(Exception thrown) throws E {
        throw (E) thrown;
    }

    private record Observed<S>(Flow.Subscriber<S> subscriber, Subscribed subscribed) implements Flow.Subscriber<S> {

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            Flow.Subscription observed = new Flow.Subscription() {
                @Override
                public void request(long count) {
                    within(subscribed, () -> subscription.request(count));
                }

                @Override
                public void cancel() {
                    subscribed.cancelled();
                    subscription.cancel();
                }
            };
            outside(subscribed, () -> subscriber.onSubscribe(observed));
        }

        @Override
        public void onNext(S item) {
            subscribed.item();
            outside(subscribed, () -> subscriber.onNext(item));
        }

        @Override
        public void onError(Throwable error) {
            subscribed.ends(error);
            outside(subscribed, () -> subscriber.onError(error));
        }

        @Override
        public void onComplete() {
            subscribed.ends(null);
            outside(subscribed, subscriber::onComplete);
        }
    }
}
