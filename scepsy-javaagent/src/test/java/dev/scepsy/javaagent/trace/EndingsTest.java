package dev.scepsy.javaagent.trace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.javaagent.setting.Settings;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.SubmissionPublisher;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.reactivestreams.FlowAdapters;
import org.reactivestreams.Publisher;

/** Work that outlives its method ends its operation exactly once, with a state where it did not simply complete or fail. */
class EndingsTest {

    private static final String FLOW = Flow.Publisher.class.getName();

    private final List<Operation> finished = new ArrayList<>();
    private final Tracer tracer = new Tracer(Sampling.of(Settings.ofThisJvm()), finished::add, 0);
    private final Operation operation = tracer.begin(OperationKind.WORKFLOW, "invoke_workflow w", "w");

    @Test
    void aCancelledFutureIsNoErrorAndATimeoutIsOne() {
        CompletableFuture<String> cancelled = new CompletableFuture<>();
        tracer.endings().end(operation, cancelled, null, "");
        cancelled.cancel(true);
        Operation other = tracer.begin(OperationKind.WORKFLOW, "invoke_workflow w", "w");
        CompletableFuture<String> late = new CompletableFuture<>();
        tracer.endings().end(other, late, null, "");
        late.completeExceptionally(new TimeoutException());

        assertThat(finished).containsExactly(operation, other);
        assertThat(operation.get(GenAi.STREAM_STATE)).isEqualTo("cancelled");
        assertThat(operation.errorType()).isNull();
        assertThat(other.get(GenAi.STREAM_STATE)).isEqualTo("timedOut");
        assertThat(other.errorType()).isEqualTo(TimeoutException.class.getName());
    }

    @Test
    void aPublisherWorksUnderItsOperationAndEndsItWhenItCompletes() {
        List<@Nullable Operation> during = new ArrayList<>();
        Flow.Publisher<String> returned = returned(new Numbers(during, tracer));
        Reader reader = new Reader();
        returned.subscribe(reader);
        assertThat(finished).isEmpty();

        reader.request(2);
        assertThat(reader.seen).containsExactly("one", "two", "complete");
        assertThat(finished).containsExactly(operation);
        assertThat(operation.get(GenAi.STREAM_STATE)).isNull();
        assertThat(during).containsOnly(operation);
        assertThat(tracer.current()).isNull();
    }

    @Test
    void aCancelledSubscriptionEndsTheOperationAndALaterSubscriptionIsAnExecutionOfItsOwn() {
        List<@Nullable Operation> during = new ArrayList<>();
        Flow.Publisher<String> returned = returned(new Numbers(during, tracer));
        Reader reader = new Reader();
        returned.subscribe(reader);
        reader.cancel();
        returned.subscribe(new Reader());

        assertThat(finished).containsExactly(operation);
        assertThat(operation.get(GenAi.STREAM_STATE)).isEqualTo("cancelled");
        assertThat(during).hasSize(2).first().isSameAs(operation);
        assertThat(during.get(1))
                .isNotSameAs(operation)
                .extracting(Operation::name)
                .isEqualTo(operation.name());
    }

    @Test
    void whatIsNeverSubscribedToIsAbandonedAndWhatFallsSilentTimesOut() {
        returned(new Numbers(new ArrayList<>(), tracer));
        tracer.tidy(false);
        assertThat(operation.get(GenAi.STREAM_STATE)).isEqualTo("abandoned");

        Operation other = tracer.begin(OperationKind.WORKFLOW, "invoke_workflow w", "w");
        Flow.Publisher<String> lambda = new Numbers(new ArrayList<>(), tracer)::subscribe;
        Flow.Publisher<String> silent = publisher(tracer.endings().end(other, lambda, null, FLOW));
        silent.subscribe(new Reader());
        tracer.tidy(false);
        assertThat(other.get(GenAi.STREAM_STATE)).isEqualTo("timedOut");
        assertThat(finished).containsExactly(operation, other);
        assertThat(tracer.openWork().size()).isZero();
    }

    @Test
    void aPublisherOfAClassThatNothingCanStandInForEndsWithItsMethod() {
        Object result = new Numbers(new ArrayList<>(), tracer);

        assertThat(tracer.endings().end(operation, result, null, Numbers.class.getName()))
                .isSameAs(result);
        assertThat(finished).containsExactly(operation);
    }

    @Test
    void aPublisherOfWhichMoreMayBeExpectedStaysItselfAndEndsWithItsMethod() {
        try (SubmissionPublisher<String> result = new SubmissionPublisher<>()) {
            assertThat(tracer.endings().end(operation, result, null, FLOW)).isSameAs(result);
        }
        assertThat(finished).containsExactly(operation);
    }

    @Test
    void aWorkflowThatReturnsAnothersPublisherEndsWithItToo() {
        Operation inner = tracer.begin(OperationKind.WORKFLOW, "invoke_workflow inner", "inner");
        Flow.Publisher<String> lambda = new Numbers(new ArrayList<>(), tracer)::subscribe;
        Object ours = tracer.endings().end(inner, lambda, null, FLOW);
        Flow.Publisher<String> returned = publisher(tracer.endings().end(operation, ours, null, FLOW));
        Reader reader = new Reader();
        returned.subscribe(reader);
        assertThat(finished).isEmpty();

        reader.request(2);
        assertThat(reader.seen).containsExactly("one", "two", "complete");
        assertThat(finished).containsExactlyInAnyOrder(inner, operation);
    }

    @Test
    void soDoesOneThatReturnsAnothersReactiveStream() {
        Operation inner = tracer.begin(OperationKind.WORKFLOW, "invoke_workflow inner", "inner");
        Publisher<String> lambda = FlowAdapters.toPublisher(new Numbers(new ArrayList<>(), tracer))::subscribe;
        Object ours = tracer.endings().end(inner, lambda, null, Publisher.class.getName());
        Object returned = tracer.endings().end(operation, ours, null, Publisher.class.getName());
        Reader reader = new Reader();
        FlowAdapters.toFlowPublisher(reactive(returned)).subscribe(reader);
        assertThat(finished).isEmpty();

        reader.request(2);
        assertThat(reader.seen).containsExactly("one", "two", "complete");
        assertThat(finished).containsExactlyInAnyOrder(inner, operation);
    }

    @SuppressWarnings("unchecked")
    private static Publisher<String> reactive(@Nullable Object result) {
        assertThat(result).isInstanceOf(Publisher.class);
        return (Publisher<String>) result;
    }

    @Test
    void aTokenStreamThatIsNeverStartedIsAbandonedButARunningOneIsNot() {
        Object stream = new Object();
        Object running = new Object();
        Operation other = tracer.begin(OperationKind.AGENT, "invoke_agent a", "a");
        tracer.endings().belongs(stream, operation);
        tracer.endings().belongs(running, other);
        other.streamBegins();
        tracer.tidy(true);

        assertThat(finished).contains(operation);
        assertThat(operation.get(GenAi.STREAM_STATE)).isEqualTo("abandoned");
    }

    @Test
    void aHandlesCancellationReachesItsStreamOnce() {
        Object handle = new Object();
        List<String> cancelled = new ArrayList<>();
        tracer.onCancel(handle, () -> cancelled.add("cancelled"));
        tracer.cancelled(new Object());
        tracer.cancelled(handle);
        tracer.cancelled(handle);

        assertThat(cancelled).containsExactly("cancelled");
    }

    /** As a lambda: of another class's publishers more may be expected. */
    private Flow.Publisher<String> returned(Flow.Publisher<String> original) {
        Flow.Publisher<String> lambda = original::subscribe;
        return publisher(tracer.endings().end(operation, lambda, null, FLOW));
    }

    @SuppressWarnings("unchecked")
    private static Flow.Publisher<String> publisher(@Nullable Object result) {
        assertThat(result).isInstanceOf(Flow.Publisher.class);
        return (Flow.Publisher<String>) result;
    }

    /** Says one and two when two are asked for; notes what is current whenever it works. */
    private record Numbers(List<@Nullable Operation> during, Tracer tracer) implements Flow.Publisher<String> {
        @Override
        public void subscribe(Flow.Subscriber<? super String> subscriber) {
            during.add(tracer.current());
            subscriber.onSubscribe(new Flow.Subscription() {
                @Override
                public void request(long count) {
                    during.add(tracer.current());
                    subscriber.onNext("one");
                    subscriber.onNext("two");
                    subscriber.onComplete();
                }

                @Override
                public void cancel() {
                    // Nothing is under way.
                }
            });
        }
    }

    private static final class Reader implements Flow.Subscriber<String> {

        private final List<String> seen = new ArrayList<>();
        private Flow.@Nullable Subscription subscription;

        void request(long count) {
            if (subscription != null) {
                subscription.request(count);
            }
        }

        void cancel() {
            if (subscription != null) {
                subscription.cancel();
            }
        }

        @Override
        public void onSubscribe(Flow.Subscription given) {
            subscription = given;
        }

        @Override
        public void onNext(String item) {
            seen.add(item);
        }

        @Override
        public void onError(Throwable error) {
            seen.add(error.toString());
        }

        @Override
        public void onComplete() {
            seen.add("complete");
        }
    }
}
