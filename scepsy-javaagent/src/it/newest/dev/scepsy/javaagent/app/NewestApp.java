package dev.scepsy.javaagent.app;

import dev.langchain4j.data.audio.Audio;
import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.audio.TextToSpeechModel;
import dev.langchain4j.model.audio.TextToSpeechRequest;
import dev.langchain4j.model.audio.TextToSpeechResponse;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatModelStreamingEvent;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.ChatResponseMetadata;
import dev.langchain4j.model.chat.response.CompleteResponse;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.request.EmbeddingRequest;
import dev.langchain4j.model.embedding.response.EmbeddingResponse;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.model.output.Response;
import dev.langchain4j.model.output.TokenUsage;
import dev.langchain4j.model.scoring.ScoringModel;
import dev.langchain4j.model.scoring.request.ScoringRequest;
import dev.langchain4j.model.scoring.response.ScoringResponse;
import dev.langchain4j.rag.content.Content;
import dev.langchain4j.rag.content.retriever.ContentRetriever;
import dev.langchain4j.rag.query.Query;
import dev.scepsy.langchain4j.Workflow;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;

/** What only newer LangChain4j has: futures and publishers from models, the embedding request, speech. Compiled by its test. */
public final class NewestApp {

    private static final ExecutorService POOL = Executors.newFixedThreadPool(4, NewestApp::daemon);

    private NewestApp() {}

    public static void main(String[] arguments) throws Exception {
        NewestApp app = new NewestApp();
        System.out.println("async: " + app.async().get(20, TimeUnit.SECONDS));
        System.out.println("async failing: "
                + app.asyncFailing().handle((answer, error) -> error != null).get(20, TimeUnit.SECONDS));
        CompletableFuture<ChatResponse> never = app.asyncCancelled();
        System.out.println("async cancelled: " + never.cancel(true));
        System.out.println("wrapped: " + app.wrapped().get(20, TimeUnit.SECONDS));
        System.out.println("reactive: " + read(app.reactive(), false));
        System.out.println("reactive cancelled: " + read(app.reactiveCancelled(), true));
        System.out.println("twice: " + app.subscribedTwice());
        System.out.println("others: " + app.others());
    }

    @Workflow(name = "async")
    private CompletableFuture<String> async() {
        Asker model = new Asker("async");
        return model.chatAsync("first")
                .thenCompose(first -> model.chatAsync(UserMessage.from("second")))
                .thenApply(second -> second.aiMessage().text());
    }

    @Workflow(name = "async-failing")
    private CompletableFuture<String> asyncFailing() {
        return new Asker("async").chatAsync("fail");
    }

    @Workflow(name = "async-cancelled")
    private CompletableFuture<ChatResponse> asyncCancelled() {
        return new Asker("async").chatAsync(UserMessage.from("never"));
    }

    @Workflow(name = "wrapped")
    private CompletableFuture<String> wrapped() {
        return new Wrapper(new Asker("async")).chatAsync("first");
    }

    @Workflow(name = "reactive")
    private Flow.Publisher<ChatModelStreamingEvent> reactive() {
        return new Reactive("reactive").chat(UserMessage.from("go"));
    }

    @Workflow(name = "reactive-cancelled")
    private Flow.Publisher<ChatModelStreamingEvent> reactiveCancelled() {
        return new Reactive("reactive").chat(UserMessage.from("go"));
    }

    @Workflow(name = "twice")
    private String subscribedTwice() throws Exception {
        Flow.Publisher<ChatModelStreamingEvent> cold = new Reactive("reactive").chat(UserMessage.from("go"));
        return read(cold, false) + " and " + read(cold, false);
    }

    @Workflow(name = "others")
    private String others() throws Exception {
        Embedder embedder = new Embedder();
        EmbeddingRequest request =
                EmbeddingRequest.builder().input("text").modelName("asked-for").build();
        int dimension = embedder.embed(request).embeddings().get(0).dimension()
                + embedder.embedAsync(request)
                        .get(20, TimeUnit.SECONDS)
                        .embeddings()
                        .get(0)
                        .dimension()
                + embedder.embed("plain").content().dimension();
        double score = new Scorer()
                .scoreAsync(ScoringRequest.builder()
                        .documents(List.of("a"))
                        .query("b")
                        .build())
                .get(20, TimeUnit.SECONDS)
                .scores()
                .get(0);
        ContentRetriever retriever = new Finder();
        int found = retriever
                .retrieveAsync(Query.from("tea"))
                .get(20, TimeUnit.SECONDS)
                .size();
        return dimension + " " + score + " " + found + " "
                + new Voice().synthesize("hello").audio().url();
    }

    private static String read(Flow.Publisher<ChatModelStreamingEvent> publisher, boolean cancel) throws Exception {
        CompletableFuture<String> done = new CompletableFuture<>();
        StringBuilder heard = new StringBuilder();
        publisher.subscribe(new Flow.Subscriber<>() {
            private Flow.Subscription subscription;

            @Override
            public void onSubscribe(Flow.Subscription given) {
                subscription = given;
                given.request(cancel ? 1 : Long.MAX_VALUE);
            }

            @Override
            public void onNext(ChatModelStreamingEvent event) {
                heard.append(event instanceof PartialResponse part ? part.text() : ".");
                if (cancel) {
                    subscription.cancel();
                    done.complete(heard.toString());
                }
            }

            @Override
            public void onError(Throwable error) {
                done.completeExceptionally(error);
            }

            @Override
            public void onComplete() {
                done.complete(heard.toString());
            }
        });
        return done.get(20, TimeUnit.SECONDS);
    }

    private static Thread daemon(Runnable work) {
        Thread thread = new Thread(work);
        thread.setDaemon(true);
        return thread;
    }

    private static ChatResponse answer(String name) {
        return ChatResponse.builder()
                .aiMessage(AiMessage.from("well"))
                .metadata(ChatResponseMetadata.builder()
                        .modelName(name + "-2026")
                        .tokenUsage(new TokenUsage(5, 1))
                        .finishReason(FinishReason.STOP)
                        .build())
                .build();
    }

    private record Asker(String name) implements ChatModel {
        @Override
        public ChatRequestParameters defaultRequestParameters() {
            return ChatRequestParameters.builder().modelName(name).build();
        }

        @Override
        public CompletableFuture<ChatResponse> doChatAsync(ChatRequest request) {
            String asked = request.messages().get(0).toString();
            if (asked.contains("never")) {
                return new CompletableFuture<>();
            }
            return CompletableFuture.supplyAsync(
                    () -> {
                        if (asked.contains("fail")) {
                            throw new IllegalStateException("no");
                        }
                        return answer(name);
                    },
                    POOL);
        }
    }

    private record Wrapper(ChatModel model) implements ChatModel {
        @Override
        public CompletableFuture<ChatResponse> doChatAsync(ChatRequest request) {
            return model.chatAsync(request);
        }
    }

    private record Reactive(String name) implements StreamingChatModel {
        @Override
        public ChatRequestParameters defaultRequestParameters() {
            return ChatRequestParameters.builder().modelName(name).build();
        }

        @Override
        public Flow.Publisher<ChatModelStreamingEvent> doChat(ChatRequest request) {
            return subscriber -> subscriber.onSubscribe(new Flow.Subscription() {
                private volatile boolean cancelled;

                @Override
                public void request(long count) {
                    POOL.execute(() -> {
                        subscriber.onNext(new PartialResponse("all"));
                        if (!cancelled && count > 1) {
                            subscriber.onNext(new PartialResponse(" well"));
                            subscriber.onNext(new CompleteResponse(answer(name)));
                            subscriber.onComplete();
                        }
                    });
                }

                @Override
                public void cancel() {
                    cancelled = true;
                }
            });
        }
    }

    private static final class Embedder implements EmbeddingModel {
        @Override
        public EmbeddingResponse doEmbed(EmbeddingRequest request) {
            return EmbeddingResponse.builder()
                    .embeddings(List.of(Embedding.from(new float[] {0.6f, 0.8f})))
                    .modelName("embedder-2026")
                    .tokenUsage(new TokenUsage(4))
                    .build();
        }

        @Override
        public CompletableFuture<EmbeddingResponse> doEmbedAsync(EmbeddingRequest request) {
            return CompletableFuture.supplyAsync(() -> doEmbed(request), POOL);
        }

        @Override
        public java.util.Set<dev.langchain4j.model.embedding.request.EmbeddingParameter<?>> supportedParameters() {
            return java.util.Set.of(dev.langchain4j.model.embedding.request.EmbeddingRequestParameters.MODEL_NAME);
        }

        @Override
        public String modelName() {
            return "embedder";
        }
    }

    private static final class Scorer implements ScoringModel {
        @Override
        public Response<List<Double>> scoreAll(List<TextSegment> segments, String query) {
            return Response.from(List.of(0.5));
        }

        @Override
        public CompletableFuture<ScoringResponse> doScoreAsync(ScoringRequest request) {
            return CompletableFuture.supplyAsync(
                    () -> ScoringResponse.builder()
                            .scores(List.of(0.5))
                            .modelName("scorer-2026")
                            .build(),
                    POOL);
        }
    }

    private static final class Finder implements ContentRetriever {
        @Override
        public List<Content> retrieve(Query query) {
            return List.of(Content.from("found"));
        }

        @Override
        public CompletableFuture<List<Content>> retrieveAsync(Query query) {
            return CompletableFuture.supplyAsync(() -> retrieve(query), POOL);
        }
    }

    private static final class Voice implements TextToSpeechModel {
        @Override
        public TextToSpeechResponse synthesize(TextToSpeechRequest request) {
            return TextToSpeechResponse.from(
                    Audio.builder().url("file:/spoken.wav").build());
        }
    }
}
