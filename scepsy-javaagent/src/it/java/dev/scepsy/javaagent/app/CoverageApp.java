package dev.scepsy.javaagent.app;

import dev.langchain4j.data.audio.Audio;
import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.image.Image;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.StreamingResponseHandler;
import dev.langchain4j.model.audio.AudioTranscriptionModel;
import dev.langchain4j.model.audio.AudioTranscriptionRequest;
import dev.langchain4j.model.audio.AudioTranscriptionResponse;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.image.ImageModel;
import dev.langchain4j.model.language.LanguageModel;
import dev.langchain4j.model.language.StreamingLanguageModel;
import dev.langchain4j.model.moderation.Moderation;
import dev.langchain4j.model.moderation.ModerationModel;
import dev.langchain4j.model.output.Response;
import dev.langchain4j.model.output.TokenUsage;
import dev.langchain4j.model.scoring.ScoringModel;
import dev.langchain4j.rag.content.Content;
import dev.langchain4j.rag.content.retriever.ContentRetriever;
import dev.langchain4j.rag.query.Query;
import dev.scepsy.langchain4j.Workflow;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/**
 * What is neither a server's model nor an agentic workflow: the rarer model types as classes and as lambdas, workflows that
 * are declared on an interface, and work that goes on elsewhere after its method has returned. Prints every result.
 */
public final class CoverageApp {

    /** Declares a workflow that a plain class carries out. */
    public interface Research {
        @Workflow(name = "declared-on-interface")
        String research(String topic);
    }

    private static final ExecutorService POOL = Executors.newFixedThreadPool(8, CoverageApp::daemon);
    private static final ScheduledExecutorService TIMER = Executors.newScheduledThreadPool(1, CoverageApp::daemon);
    private static final ChatModel MODEL = new EchoModel("echo", asked -> "answer to " + asked);

    private final Map<String, Object> results = new TreeMap<>();

    private CoverageApp() {}

    public static void main(String[] arguments) throws Exception {
        CoverageApp app = new CoverageApp();
        app.rareModels();
        app.lambdas();
        app.results.put("interface", new Desk(MODEL::chat).research("tea"));
        app.results.put("future", app.future().get(20, TimeUnit.SECONDS));
        app.results.put("handed over", app.handedOver().get(20, TimeUnit.SECONDS));
        app.equalRequests();
        app.results.forEach((name, result) -> System.out.println(name + ": " + result));
    }

    @Workflow(name = "rare-models")
    private void rareModels() throws Exception {
        results.put("moderation", new Careful().moderate("how nice").content().flagged());
        results.put("image", new Painter("painter").generate("a cat").content().url());
        results.put("language", new Completer("completer").generate("once upon").content());
        results.put(
                "transcription",
                new Listener()
                        .transcribeToText(Audio.builder().url("file:/a.wav").build()));
        CompletableFuture<String> streamed = new CompletableFuture<>();
        new Teller("teller").generate("once upon", new StreamingResponseHandler<String>() {
            @Override
            public void onNext(String token) {}

            @Override
            public void onComplete(Response<String> response) {
                streamed.complete(response.content());
            }

            @Override
            public void onError(Throwable error) {
                streamed.completeExceptionally(error);
            }
        });
        results.put("streamed language", streamed.get(20, TimeUnit.SECONDS));
    }

    @Workflow(name = "lambdas")
    private void lambdas() {
        double bonus = results.size() > 100 ? 1 : 0.25;
        EmbeddingModel embedding = new Embedder();
        ScoringModel scoring = (segments, query) ->
                Response.from(segments.stream().map(segment -> 0.5 + bonus).toList());
        ContentRetriever retriever = query -> List.of(Content.from("found for " + query.text()));
        ImageModel image = CoverageApp::paint;
        results.put("own embedding", embedding.embed("text").content().dimension());
        results.put("lambda scoring", scoring.score("passage", "question").content());
        results.put(
                "lambda scoring again",
                scoring.scoreAll(List.of(TextSegment.from("passage")), "question")
                        .content());
        results.put("lambda retriever", retriever.retrieve(Query.from("tea")).size());
        results.put("lambda image", image.generate("a dog").content().url());
    }

    /** Since 1.19 an embedding model has no abstract method: no lambda can be one. */
    private static final class Embedder implements EmbeddingModel {

        @Override
        public Response<List<Embedding>> embedAll(List<TextSegment> segments) {
            return Response.from(
                    segments.stream()
                            .map(segment -> Embedding.from(new float[] {0.6f, 0.8f}))
                            .toList(),
                    new TokenUsage(3));
        }
    }

    private static Response<Image> paint(String prompt) {
        return Response.from(Image.builder().url("file:/" + prompt.length()).build());
    }

    /** Calls follow each other across threads, by continuations only. */
    @Workflow(name = "future")
    private CompletableFuture<String> future() {
        return CompletableFuture.supplyAsync(() -> MODEL.chat("first"), POOL)
                .thenCompose(first -> CompletableFuture.supplyAsync(() -> MODEL.chat("second"), POOL))
                .thenApplyAsync(second -> MODEL.chat("third"), POOL)
                .thenCombine(CompletableFuture.supplyAsync(() -> "x"), (third, x) -> MODEL.chat("fourth"))
                .handle((fourth, failure) -> MODEL.chat("fifth"));
    }

    /** Every other way of handing work over. */
    @Workflow(name = "handed-over")
    private CompletableFuture<String> handedOver() throws Exception {
        CompletableFuture<String> late = new CompletableFuture<>();
        for (Future<String> done : POOL.invokeAll(
                List.<Callable<String>>of(() -> MODEL.chat("in a list"), () -> MODEL.chat("in a list too")))) {
            done.get();
        }
        POOL.submit(() -> MODEL.chat("submitted")).get();
        TIMER.schedule(() -> MODEL.chat("scheduled"), 1, TimeUnit.MILLISECONDS).get();
        Thread named = new Thread(() -> MODEL.chat("in a thread"), "named");
        named.start();
        named.join();
        List.of("streamed in parallel").stream().map(MODEL::chat).toList();
        TIMER.schedule(() -> late.complete(MODEL.chat("late")), 1, TimeUnit.MILLISECONDS);
        return late;
    }

    /** The same request object, to the same model, from two workflows at once: neither sees the other. */
    private void equalRequests() throws Exception {
        CountDownLatch both = new CountDownLatch(2);
        ChatModel waiting = new Waiting(both);
        ChatRequest request = ChatRequest.builder()
                .messages(dev.langchain4j.data.message.UserMessage.from("the same"))
                .build();
        Future<String> one = POOL.submit(() -> left(waiting, request));
        Future<String> other = POOL.submit(() -> right(waiting, request));
        results.put("equal", one.get(20, TimeUnit.SECONDS) + " " + other.get(20, TimeUnit.SECONDS));
    }

    @Workflow(name = "left")
    private String left(ChatModel model, ChatRequest request) {
        return model.chat(request).aiMessage().text();
    }

    @Workflow(name = "right")
    private String right(ChatModel model, ChatRequest request) {
        return model.chat(request).aiMessage().text();
    }

    private static Thread daemon(Runnable work) {
        Thread thread = new Thread(work);
        thread.setDaemon(true);
        return thread;
    }

    /** Names neither the annotation nor LangChain4j. */
    private record Desk(UnaryOperator<String> model) implements Research {
        @Override
        public String research(String topic) {
            return model.apply(topic);
        }
    }

    /** Answers only once two callers are there. */
    private record Waiting(CountDownLatch both) implements ChatModel {
        @Override
        public ChatResponse doChat(ChatRequest request) {
            both.countDown();
            try {
                both.await(20, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return ChatResponse.builder()
                    .aiMessage(dev.langchain4j.data.message.AiMessage.from("both"))
                    .build();
        }
    }

    private static final class Careful implements ModerationModel {
        @Override
        public Response<Moderation> moderate(String text) {
            return Response.from(Moderation.notFlagged());
        }

        @Override
        public Response<Moderation> moderate(List<ChatMessage> messages) {
            return Response.from(Moderation.notFlagged());
        }
    }

    private record Painter(String modelName) implements ImageModel {
        @Override
        public Response<Image> generate(String prompt) {
            return Response.from(Image.builder().url("file:/painted").build());
        }
    }

    private record Completer(String modelName) implements LanguageModel {
        @Override
        public Response<String> generate(String prompt) {
            return Response.from(prompt + " a time", new TokenUsage(2, 2));
        }
    }

    private record Teller(String modelName) implements StreamingLanguageModel {
        @Override
        public void generate(String prompt, StreamingResponseHandler<String> handler) {
            POOL.execute(() -> {
                handler.onNext("a");
                handler.onNext(" time");
                handler.onComplete(Response.from(prompt + " a time", new TokenUsage(2, 2)));
            });
        }
    }

    private static final class Listener implements AudioTranscriptionModel {
        @Override
        public AudioTranscriptionResponse transcribe(AudioTranscriptionRequest request) {
            return AudioTranscriptionResponse.from("heard");
        }
    }
}
