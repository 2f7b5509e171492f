package dev.scepsy.javaagent.app;

import dev.langchain4j.model.chat.ChatModel;
import dev.scepsy.langchain4j.Workflow;
import io.reactivex.rxjava3.core.Flowable;
import io.reactivex.rxjava3.core.Single;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Flow;
import java.util.concurrent.SubmissionPublisher;
import java.util.concurrent.TimeUnit;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscriber;
import reactor.core.Scannable;
import reactor.core.publisher.ConnectableFlux;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Cold pipelines that workflows return and somebody subscribes to. */
public final class PipelinesApp {

    private static final ChatModel MODEL = new EchoModel("echo", asked -> "re");
    private static final Mono<String> KNOWN = Mono.just("known");

    public static void main(String[] arguments) {
        PipelinesApp app = new PipelinesApp();
        app.reactor();
        app.mutiny();
        app.own();
        System.out.println(app.rx());
        Hooks.enableAutomaticContextPropagation();
        // Whoever got the one item may end the JVM before completion is told. Mutiny's pool is not of daemons.
        app.foreign()
                .doOnNext(answer -> {
                    System.out.println(answer);
                    System.exit(0);
                })
                .block();
    }

    /** RxJava has schedulers of its own, and the thread that waits is not the one that works. */
    @Workflow(name = "rx")
    private String rx() {
        String one = Single.fromCallable(() -> MODEL.chat("one"))
                .subscribeOn(io.reactivex.rxjava3.schedulers.Schedulers.io())
                .observeOn(io.reactivex.rxjava3.schedulers.Schedulers.computation())
                .map(answer -> answer + MODEL.chat("two"))
                .blockingGet();
        List<String> more = Flowable.range(0, 3)
                .parallel(2)
                .runOn(io.reactivex.rxjava3.schedulers.Schedulers.computation())
                .map(i -> MODEL.chat("parallel"))
                .sequential()
                .toList()
                .blockingGet();
        return one
                + more
                + Flowable.timer(1, TimeUnit.MILLISECONDS)
                        .map(tick -> MODEL.chat("later"))
                        .blockingFirst();
    }

    private void reactor() {
        System.out.println(mono().block());
        System.out.println(elastic().block());
        System.out.println(flux().collectList().block());
        System.out.println(published().collectList().block());
        Mono<String> twice = twice();
        System.out.println(twice.block() + twice.block());
        System.out.println(
                failing().onErrorResume(failed -> Mono.just(failed.toString())).block());
        System.out.println(endless().take(2).collectList().block());
        System.out.println(known() == KNOWN);
        System.out.println(wider() instanceof Mono<?>);
        System.out.println(connectable() instanceof ConnectableFlux<?>);
        Flux<String> named = named();
        System.out.println(Scannable.from(named.filter(word -> true)).name()
                + named.collectList().block());
        System.out.println(submitted() instanceof AutoCloseable);
        System.out.println(outer().block());
    }

    private void mutiny() {
        System.out.println(uni().await().indefinitely());
        System.out.println(pool().await().indefinitely());
        System.out.println(multi().collect().asList().await().indefinitely());
        Uni<String> again = uniTwice();
        System.out.println(again.await().indefinitely() + again.await().indefinitely());
        System.out.println(uniFailing()
                .onFailure()
                .recoverWithItem(Throwable::toString)
                .await()
                .indefinitely());
        System.out.println(
                multiEndless().select().first(2).collect().asList().await().indefinitely());
        System.out.println(assembledAndAwaited());
    }

    private void own() {
        Flow.Publisher<String> mine = ownFlow();
        System.out.println(mine instanceof Words);
        Reader reader = new Reader();
        mine.subscribe(reader);
        mine.subscribe(reader);
        System.out.println(reader.heard);
        Publisher<String> streams = ownStreams();
        System.out.println(streams instanceof Streams);
        System.out.println(Flux.from(streams).collectList().block());
        Asking asking = new Asking();
        asks().subscribe(asking);
        System.out.println(asking.asked);
        Reader other = new Reader();
        lambda().subscribe(other);
        System.out.println(other.heard);
    }

    /** More than a subscriber. */
    private static final class Asking extends Reader {
        private boolean asked;
    }

    private static final class Asked implements Flow.Publisher<String> {
        @Override
        public void subscribe(Flow.Subscriber<? super String> subscriber) {
            ((Asking) subscriber).asked = MODEL.chat("x").equals("re");
        }
    }

    /** More than a publisher. */
    private record Words(List<String> words) implements Flow.Publisher<String> {
        @Override
        public void subscribe(Flow.Subscriber<? super String> subscriber) {
            subscriber.onSubscribe(new Flow.Subscription() {
                @Override
                public void request(long count) {
                    words.forEach(word -> subscriber.onNext(MODEL.chat(word)));
                    subscriber.onComplete();
                }

                @Override
                public void cancel() {
                    // It is through before anybody could.
                }
            });
        }
    }

    private record Streams(List<String> words) implements Publisher<String> {
        @Override
        public void subscribe(Subscriber<? super String> subscriber) {
            Flux.fromIterable(words).map(MODEL::chat).subscribe(subscriber);
        }
    }

    private static class Reader implements Flow.Subscriber<String> {

        private final List<String> heard = new ArrayList<>();

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(String item) {
            heard.add(item);
        }

        @Override
        public void onError(Throwable error) {
            heard.add(error.toString());
        }

        @Override
        public void onComplete() {
            heard.add("complete");
        }
    }

    @Workflow(name = "own-flow")
    private Flow.Publisher<String> ownFlow() {
        return new Words(List.of("x", "y"));
    }

    /** Its publisher knows its subscribers. */
    @Workflow(name = "own-asking")
    private Flow.Publisher<String> asks() {
        return new Asked();
    }

    @Workflow(name = "own-streams")
    private Publisher<String> ownStreams() {
        return new Streams(List.of("x", "y"));
    }

    @Workflow(name = "lambda")
    private Flow.Publisher<String> lambda() {
        return subscriber -> new Words(List.of("x")).subscribe(subscriber);
    }

    private static Mono<String> asked() {
        return Mono.fromCallable(() -> MODEL.chat("a"));
    }

    @Workflow(name = "mono")
    private Mono<String> mono() {
        return asked();
    }

    @Workflow(name = "mono-elastic")
    private Mono<String> elastic() {
        return asked().subscribeOn(Schedulers.boundedElastic());
    }

    @Workflow(name = "flux")
    private Flux<String> flux() {
        return Flux.just("x", "y").flatMap(x -> asked().subscribeOn(Schedulers.parallel()));
    }

    @Workflow(name = "published")
    private Flux<String> published() {
        return Flux.just("x", "y").publishOn(Schedulers.parallel()).map(MODEL::chat);
    }

    @Workflow(name = "flux-named")
    private Flux<String> named() {
        return asked().flux().name("mine").tag("of", "mine");
    }

    @Workflow(name = "submitted")
    private Flow.Publisher<String> submitted() {
        return new SubmissionPublisher<>();
    }

    @Workflow(name = "mono-twice")
    private Mono<String> twice() {
        return asked();
    }

    @Workflow(name = "mono-failing")
    private Mono<String> failing() {
        return asked().flatMap(answer -> Mono.error(new IOException("no")));
    }

    @Workflow(name = "flux-cancelled")
    private Flux<String> endless() {
        return Flux.<String>generate(sink -> sink.next(MODEL.chat("a")));
    }

    @Workflow(name = "mono-known")
    private Mono<String> known() {
        return KNOWN;
    }

    @Workflow(name = "never-subscribed")
    private Publisher<String> wider() {
        return asked();
    }

    @Workflow(name = "flux-connectable")
    private Flux<String> connectable() {
        return Flux.just("x").publish();
    }

    /** What follows the inner workflow's answer is the outer one's, on whichever thread that came. */
    @Workflow(name = "outer")
    private Mono<String> outer() {
        return Mono.defer(this::elastic).map(answer -> MODEL.chat(answer));
    }

    /** An answer that comes on a thread that knows nothing. */
    @Workflow(name = "foreign-thread")
    private Mono<String> foreign() {
        return Mono.<String>create(sink -> Foreign.later(() -> sink.success("x")))
                .map(MODEL::chat);
    }

    @Workflow(name = "uni")
    private Uni<String> uni() {
        return Uni.createFrom().item(() -> MODEL.chat("a"));
    }

    @Workflow(name = "uni-pool")
    private Uni<String> pool() {
        return Uni.createFrom().item(() -> MODEL.chat("a")).runSubscriptionOn(Infrastructure.getDefaultWorkerPool());
    }

    @Workflow(name = "multi")
    private Multi<String> multi() {
        return Multi.createFrom()
                .items("x", "y")
                .emitOn(Infrastructure.getDefaultWorkerPool())
                .map(MODEL::chat);
    }

    @Workflow(name = "uni-twice")
    private Uni<String> uniTwice() {
        return Uni.createFrom().item(() -> MODEL.chat("a")).runSubscriptionOn(Infrastructure.getDefaultWorkerPool());
    }

    @Workflow(name = "uni-failing")
    private Uni<String> uniFailing() {
        return Uni.createFrom().item(() -> {
            throw new IllegalStateException("no");
        });
    }

    @Workflow(name = "multi-cancelled")
    private Multi<String> multiEndless() {
        return Multi.createFrom().items("x", "y", "z").map(MODEL::chat);
    }

    @Workflow(name = "uni-awaited")
    private String assembledAndAwaited() {
        return Uni.createFrom()
                .<String>emitter(emitter -> Foreign.later(() -> emitter.complete("x")))
                .map(MODEL::chat)
                .await()
                .indefinitely();
    }
}
