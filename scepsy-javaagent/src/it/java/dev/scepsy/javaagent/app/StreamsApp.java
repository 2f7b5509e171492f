package dev.scepsy.javaagent.app;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.chat.response.StreamingHandle;
import dev.langchain4j.service.AiServices;
import dev.langchain4j.service.TokenStream;
import dev.scepsy.langchain4j.Workflow;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.SubmissionPublisher;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/** Streams that end in every way: complete, fail, are cancelled here and elsewhere, fall silent, are never started. */
public final class StreamsApp {

    interface Narrator {
        TokenStream tell(String question);
    }

    private StreamsApp() {}

    public static void main(String[] arguments) throws Exception {
        StreamsApp app = new StreamsApp();
        System.out.println("complete: " + tell(app.complete()));
        System.out.println("failing: " + tell(app.failing()));
        System.out.println("cancelled inside: " + app.cancelledInside());
        System.out.println("cancelled outside: " + app.cancelledOutside());
        app.silent().onPartialResponse(part -> {}).onError(error -> {}).start();
        app.neverStarted();
        System.out.println("published: " + app.read(app.published(), 3));
        System.out.println("unsubscribed: " + app.read(app.unsubscribed(), 1));
        app.neverSubscribed();
        System.out.println("cancelled future: " + app.cancelledFuture().cancel(true));
    }

    @Workflow(name = "complete")
    private TokenStream complete() {
        return narrator(new Speaker("speaker", Ending.COMPLETE)).tell("complete");
    }

    @Workflow(name = "failing")
    private TokenStream failing() {
        return narrator(new Speaker("speaker", Ending.FAIL)).tell("fail");
    }

    @Workflow(name = "silent")
    private TokenStream silent() {
        return narrator(new Speaker("speaker", Ending.NONE)).tell("silent");
    }

    @Workflow(name = "never-started")
    private TokenStream neverStarted() {
        return narrator(new Speaker("speaker", Ending.COMPLETE)).tell("never");
    }

    @Workflow(name = "cancelled-inside")
    private String cancelledInside() {
        StringBuilder heard = new StringBuilder();
        narrator(new Speaker("speaker", Ending.COMPLETE))
                .tell("cancel")
                .onPartialResponseWithContext((part, context) -> {
                    heard.append(part.text());
                    context.streamingHandle().cancel();
                })
                .onCompleteResponse(response -> heard.append(" complete"))
                .onError(error -> heard.append(" failed"))
                .start();
        return heard.toString();
    }

    @Workflow(name = "cancelled-outside")
    private String cancelledOutside() throws InterruptedException {
        AtomicReference<StreamingHandle> handle = new AtomicReference<>();
        new Speaker("speaker", Ending.NONE).chat("cancel", new StreamingChatResponseHandler() {
            @Override
            public void onPartialResponse(PartialResponse part, PartialResponseContext context) {
                handle.set(context.streamingHandle());
            }

            @Override
            public void onCompleteResponse(ChatResponse response) {}

            @Override
            public void onError(Throwable error) {}
        });
        Thread other = new Thread(() -> handle.get().cancel());
        other.start();
        other.join();
        return "cancelled " + handle.get().isCancelled();
    }

    @Workflow(name = "published")
    private Flow.Publisher<String> published() {
        return new Words();
    }

    @Workflow(name = "unsubscribed")
    private Flow.Publisher<String> unsubscribed() {
        return new Words();
    }

    @Workflow(name = "never-subscribed")
    private Flow.Publisher<String> neverSubscribed() {
        return new Words();
    }

    @Workflow(name = "own-publisher")
    SubmissionPublisher<String> ownPublisher() {
        return new SubmissionPublisher<>();
    }

    @Workflow(name = "cancelled-future")
    private CompletableFuture<String> cancelledFuture() {
        return new CompletableFuture<>();
    }

    private static Narrator narrator(StreamingChatModel model) {
        return AiServices.builder(Narrator.class).streamingChatModel(model).build();
    }

    private static String tell(TokenStream stream) throws Exception {
        CompletableFuture<String> answer = new CompletableFuture<>();
        stream.onPartialResponse(part -> {})
                .onCompleteResponse(
                        response -> answer.complete(response.aiMessage().text()))
                .onError(error -> answer.complete(error.getMessage()))
                .start();
        return answer.get(20, TimeUnit.SECONDS);
    }

    private String read(Flow.Publisher<String> publisher, int count) throws InterruptedException {
        StringBuilder heard = new StringBuilder();
        CountDownLatch done = new CountDownLatch(1);
        publisher.subscribe(new Flow.Subscriber<>() {
            private Flow.Subscription subscription;
            private int left = count;

            @Override
            public void onSubscribe(Flow.Subscription given) {
                subscription = given;
                given.request(count);
            }

            @Override
            public void onNext(String word) {
                heard.append(word).append(' ');
                if (--left == 0 && count == 1) {
                    subscription.cancel();
                    done.countDown();
                }
            }

            @Override
            public void onError(Throwable error) {
                done.countDown();
            }

            @Override
            public void onComplete() {
                done.countDown();
            }
        });
        return heard.append(done.await(20, TimeUnit.SECONDS)).toString();
    }

    /** Asks a model for each word that is asked for. */
    private static final class Words implements Flow.Publisher<String> {
        @Override
        public void subscribe(Flow.Subscriber<? super String> subscriber) {
            EchoModel model = new EchoModel("echo", asked -> "word");
            subscriber.onSubscribe(new Flow.Subscription() {
                private boolean cancelled;

                @Override
                public void request(long count) {
                    for (int i = 0; i < count && !cancelled; i++) {
                        subscriber.onNext(model.chat("next"));
                    }
                    if (!cancelled) {
                        subscriber.onComplete();
                    }
                }

                @Override
                public void cancel() {
                    cancelled = true;
                }
            });
        }
    }

    private enum Ending {
        COMPLETE,
        FAIL,
        NONE
    }

    /** Says two words on another thread, or on this one when it does not end, and heeds cancellation. */
    private record Speaker(String modelName, Ending ending) implements StreamingChatModel {
        @Override
        public void doChat(ChatRequest request, StreamingChatResponseHandler handler) {
            Handle handle = new Handle();
            PartialResponseContext context = new PartialResponseContext(handle);
            for (String word : new String[] {"all", "well"}) {
                if (!handle.isCancelled()) {
                    handler.onPartialResponse(new PartialResponse(word), context);
                }
            }
            if (!handle.isCancelled() && ending == Ending.COMPLETE) {
                handler.onCompleteResponse(ChatResponse.builder()
                        .aiMessage(AiMessage.from("all well"))
                        .build());
            } else if (ending == Ending.FAIL) {
                handler.onError(new IllegalStateException("no"));
            }
        }
    }

    private static final class Handle implements StreamingHandle {

        private volatile boolean cancelled;

        @Override
        public void cancel() {
            cancelled = true;
        }

        @Override
        public boolean isCancelled() {
            return cancelled;
        }
    }
}
