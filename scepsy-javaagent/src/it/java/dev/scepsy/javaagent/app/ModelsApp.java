package dev.scepsy.javaagent.app;

import dev.langchain4j.agent.tool.P;
import dev.langchain4j.agent.tool.Tool;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiEmbeddingModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import dev.langchain4j.model.output.Response;
import dev.langchain4j.model.scoring.ScoringModel;
import dev.langchain4j.rag.DefaultRetrievalAugmentor;
import dev.langchain4j.rag.content.aggregator.ReRankingContentAggregator;
import dev.langchain4j.rag.content.retriever.EmbeddingStoreContentRetriever;
import dev.langchain4j.service.AiServices;
import dev.langchain4j.service.TokenStream;
import dev.langchain4j.store.embedding.inmemory.InMemoryEmbeddingStore;
import dev.scepsy.langchain4j.Workflow;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** Every sort of model call against a server: plain, wrapped, retried, failing, streamed, with tools, with retrieval. */
public final class ModelsApp {

    interface Assistant {
        String answer(String question);
    }

    interface Narrator {
        TokenStream tell(String question);
    }

    /** Two tools; one of them fails. */
    public static final class Weather {
        @Tool("the temperature in a city")
        public String temperature(@P("city") String city) {
            return "21 degrees in " + city;
        }

        @Tool("the wind in a city")
        public String wind(@P("city") String city) {
            throw new IllegalArgumentException("no wind in " + city);
        }
    }

    /** A user's wrapper around another model. */
    record Polite(ChatModel model) implements ChatModel {
        @Override
        public ChatResponse doChat(ChatRequest request) {
            return model.chat(request);
        }
    }

    /** A user's own reranker. */
    record Reranker(String modelName) implements ScoringModel {
        @Override
        public Response<List<Double>> scoreAll(List<TextSegment> segments, String query) {
            return Response.from(Collections.nCopies(segments.size(), 0.9));
        }
    }

    private final String baseUrl;
    private final ChatModel chat;
    private final ExecutorService pool = Executors.newFixedThreadPool(4);

    private ModelsApp(String baseUrl) {
        this.baseUrl = baseUrl;
        this.chat = OpenAiChatModel.builder()
                .baseUrl(baseUrl)
                .apiKey("none")
                .modelName("gpt")
                .temperature(0.5)
                .build();
    }

    public static void main(String[] arguments) throws Exception {
        ModelsApp app = new ModelsApp(arguments[0]);
        System.out.println("plain " + app.chat.chat("hello"));
        System.out.println("wrapped " + new Polite(app.chat).chat("hello, please"));
        System.out.println("retried " + app.chat.chat("fail once"));
        try {
            app.chat.chat("fail always");
        } catch (RuntimeException expected) {
            System.out.println("failed " + expected.getClass().getSimpleName());
        }
        System.out.println("tools " + app.withTools(false));
        System.out.println("tools at once " + app.withTools(true));
        System.out.println("streamed " + app.streamed());
        System.out.println("told " + app.told("how is the weather?", true));
        System.out.println("not told " + app.told("fail always", false));
        System.out.println("retrieved " + app.retrieved());
        System.out.println("reranked "
                + new Reranker("reranker").score("a passage", "a question").content());
        System.out.println("future " + app.promised("hello, future").get(20, TimeUnit.SECONDS));
        app.pool.shutdown();
    }

    private String withTools(boolean concurrently) {
        AiServices<Assistant> builder =
                AiServices.builder(Assistant.class).chatModel(chat).tools(new Weather());
        if (concurrently) {
            builder.executeToolsConcurrently(pool);
        }
        return builder.build().answer("how is the weather?");
    }

    private OpenAiStreamingChatModel streaming() {
        return OpenAiStreamingChatModel.builder()
                .baseUrl(baseUrl)
                .apiKey("none")
                .modelName("stream")
                .build();
    }

    private String streamed() throws Exception {
        CompletableFuture<String> answer = new CompletableFuture<>();
        streaming().chat("hello", new StreamingChatResponseHandler() {
            @Override
            public void onCompleteResponse(ChatResponse response) {
                answer.complete(response.aiMessage().text());
            }

            @Override
            public void onError(Throwable error) {
                answer.completeExceptionally(error);
            }
        });
        return answer.get(20, TimeUnit.SECONDS);
    }

    private String told(String question, boolean tools) throws Exception {
        AiServices<Narrator> builder = AiServices.builder(Narrator.class).streamingChatModel(streaming());
        if (tools) {
            builder.tools(new Weather());
        }
        CompletableFuture<String> answer = new CompletableFuture<>();
        builder.build()
                .tell(question)
                .onPartialResponse(part -> {})
                .onCompleteResponse(
                        response -> answer.complete(response.aiMessage().text()))
                .onError(error -> answer.complete(error.getClass().getSimpleName()))
                .start();
        return answer.get(20, TimeUnit.SECONDS);
    }

    private String retrieved() {
        EmbeddingModel embedder = OpenAiEmbeddingModel.builder()
                .baseUrl(baseUrl)
                .apiKey("none")
                .modelName("embedder")
                .build();
        InMemoryEmbeddingStore<TextSegment> store = new InMemoryEmbeddingStore<>();
        TextSegment passage = TextSegment.from("Passages are short.");
        store.add(embedder.embed(passage).content(), passage);
        return AiServices.builder(Assistant.class)
                .chatModel(chat)
                .retrievalAugmentor(DefaultRetrievalAugmentor.builder()
                        .contentRetriever(EmbeddingStoreContentRetriever.builder()
                                .displayName("library")
                                .embeddingStore(store)
                                .embeddingModel(embedder)
                                .build())
                        .contentAggregator(ReRankingContentAggregator.builder()
                                .scoringModel(new Reranker("reranker"))
                                .build())
                        .build())
                .build()
                .answer("what do passages look like?");
    }

    /** A workflow whose work goes on after the method has returned, on threads of the application's own. */
    @Workflow(name = "promised", targetPerSecond = 0.5, weight = 2)
    CompletableFuture<String> promised(String question) {
        CompletableFuture<String> first = CompletableFuture.supplyAsync(() -> chat.chat(question), pool);
        CompletableFuture<String> second = new CompletableFuture<>();
        pool.execute(() -> second.complete(chat.chat(question + " again")));
        return first.thenCombine(second, (one, two) -> one + " and " + two);
    }
}
