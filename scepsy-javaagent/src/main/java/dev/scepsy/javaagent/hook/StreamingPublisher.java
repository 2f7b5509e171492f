package dev.scepsy.javaagent.hook;

import dev.scepsy.javaagent.trace.Operation;
import dev.scepsy.javaagent.trace.StandIn;
import dev.scepsy.javaagent.trace.Tracer;
import java.util.concurrent.Flow;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Stands before a streaming model's publisher: every subscription is a call of its own, below what is at work where somebody
 * subscribes, or where the publisher was asked for if that is nearer. Items, order and demand are the original's.
 */
final class StreamingPublisher<T> implements Flow.Publisher<T>, StandIn {

    private final Flow.Publisher<T> original;
    private final Tracer tracer;
    private final @Nullable Operation around;
    private final Supplier<Operation> begin;

    StreamingPublisher(
            Flow.Publisher<T> original, Tracer tracer, @Nullable Operation around, Supplier<Operation> begin) {
        this.original = original;
        this.tracer = tracer;
        this.around = around;
        this.begin = begin;
    }

    @Override
    public void subscribe(Flow.Subscriber<? super T> subscriber) {
        StreamedCall call = subscriber == null ? null : begin();
        if (call == null) {
            original.subscribe(subscriber);
            return;
        }
        Object before = tracer.makeCurrent(call.operation());
        try {
            original.subscribe(new Observed<>(subscriber, tracer, call));
        } catch (RuntimeException | Error failure) {
            call.failed(failure);
            call.leave(failure);
            throw failure;
        } finally {
            tracer.restore(before);
        }
    }

    private @Nullable StreamedCall begin() {
        Object before = tracer.makeCurrent(tracer.nearer(around));
        try {
            return new StreamedCall(tracer, begin.get());
        } catch (RuntimeException | LinkageError unobserved) {
            return null; // The stream matters more than its span.
        } finally {
            tracer.restore(before);
        }
    }

    private record Observed<S>(Flow.Subscriber<S> subscriber, Tracer tracer, StreamedCall call)
            implements Flow.Subscriber<S> {

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            Flow.Subscription observed = new Flow.Subscription() {
                @Override
                public void request(long count) {
                    Object before = tracer.makeCurrent(call.operation());
                    try {
                        subscription.request(count);
                    } finally {
                        tracer.restore(before);
                    }
                }

                @Override
                public void cancel() {
                    call.cancelled();
                    subscription.cancel();
                }
            };
            above(() -> subscriber.onSubscribe(observed));
        }

        @Override
        public void onNext(S item) {
            Object response = Responses.completed(item);
            if (response == null) {
                call.chunk();
            } else {
                call.complete(response);
            }
            above(() -> subscriber.onNext(item));
        }

        @Override
        public void onError(Throwable error) {
            call.failed(error);
            above(() -> subscriber.onError(error));
            call.leave(error);
        }

        @Override
        public void onComplete() {
            call.complete(null);
            above(subscriber::onComplete);
            call.leave(null);
        }

        private void above(Runnable callback) {
            Object before = tracer.makeCurrent(call.above());
            try {
                callback.run();
            } finally {
                tracer.restore(before);
            }
        }
    }
}
