package dev.scepsy.javaagent.trace;

import java.util.concurrent.Flow;

/**
 * Stands before a publisher that a workflow or agent returned. The first subscription runs under its operation and ends it;
 * items, order and demand are the original's.
 */
final class ObservedPublisher<T> implements Flow.Publisher<T> {

    private final Flow.Publisher<T> original;
    private final Subscribed subscribed;

    ObservedPublisher(Flow.Publisher<T> original, Subscribed subscribed) {
        this.original = original;
        this.subscribed = subscribed;
    }

    @Override
    public void subscribe(Flow.Subscriber<? super T> subscriber) {
        if (subscriber == null || !subscribed.first()) {
            original.subscribe(subscriber);
            return;
        }
        within(() -> original.subscribe(new Observed<>(subscriber)));
    }

    private void within(Runnable work) {
        try {
            subscribed.run(() -> {
                work.run();
                return null;
            });
        } catch (RuntimeException thrown) {
            throw thrown;
        } catch (Exception impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private final class Observed<S> implements Flow.Subscriber<S> {

        private final Flow.Subscriber<S> subscriber;

        private Observed(Flow.Subscriber<S> subscriber) {
            this.subscriber = subscriber;
        }

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            subscriber.onSubscribe(new Flow.Subscription() {
                @Override
                public void request(long count) {
                    within(() -> subscription.request(count));
                }

                @Override
                public void cancel() {
                    subscribed.cancelled();
                    subscription.cancel();
                }
            });
        }

        @Override
        public void onNext(S item) {
            subscribed.heard();
            subscriber.onNext(item);
        }

        @Override
        public void onError(Throwable error) {
            subscribed.ends(error);
            subscriber.onError(error);
        }

        @Override
        public void onComplete() {
            subscribed.ends(null);
            subscriber.onComplete();
        }
    }
}
