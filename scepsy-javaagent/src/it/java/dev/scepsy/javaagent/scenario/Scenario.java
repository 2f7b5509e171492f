package dev.scepsy.javaagent.scenario;

import dev.langchain4j.agent.tool.P;
import dev.langchain4j.agent.tool.Tool;
import dev.langchain4j.agentic.AgenticServices;
import dev.langchain4j.agentic.UntypedAgent;
import dev.langchain4j.agentic.workflow.ParallelAgentService;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.chat.ChatModel;
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
import dev.langchain4j.store.embedding.inmemory.InMemoryEmbeddingStore;
import dev.scepsy.langchain4j.Workflow;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One round does everything that has to keep its parents: agents in parallel and in the background, tools at the same time,
 * a stream with tools, retrieval with reranking, a workflow that returns a future. Each agent's model bears the agent's name,
 * so that a call below the wrong agent is seen.
 */
final class Scenario {

    private static final long PATIENCE_SECONDS = 60;

    /** Two tools. */
    public static final class Weather {
        @Tool("the temperature in a city")
        public String temperature(@P("city") String city) {
            return "21 degrees in " + city;
        }

        @Tool("the wind in a city")
        public String wind(@P("city") String city) {
            return "no wind in " + city;
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
    private final ExecutorService pool;
    private final UntypedAgent research;
    private final Agents.Assistant assistant;
    private final Agents.Narrator narrator;
    private final Agents.Librarian librarian;
    private final ChatModel promising;

    /**
     * @param parallel what runs agents in parallel; null: LangChain4j's own choice
     * @param pool for tools and futures
     */
    Scenario(String baseUrl, @Nullable ExecutorService parallel, ExecutorService pool) {
        this.baseUrl = baseUrl;
        this.pool = pool;
        this.research = research(parallel);
        this.assistant = AiServices.builder(Agents.Assistant.class)
                .chatModel(chat("assistant"))
                .tools(new Weather())
                .executeToolsConcurrently(pool)
                .build();
        this.narrator = AiServices.builder(Agents.Narrator.class)
                .streamingChatModel(OpenAiStreamingChatModel.builder()
                        .baseUrl(baseUrl)
                        .apiKey("none")
                        .modelName("narrator")
                        .build())
                .tools(new Weather())
                .build();
        this.librarian = librarian();
        this.promising = chat("promising");
    }

    private ChatModel chat(String name) {
        return OpenAiChatModel.builder()
                .baseUrl(baseUrl)
                .apiKey("none")
                .modelName(name)
                .build();
    }

    private <T> T agent(Class<T> type, String name) {
        return AgenticServices.agentBuilder(type).chatModel(chat(name)).build();
    }

    private UntypedAgent research(@Nullable ExecutorService parallel) {
        Object[] parts = new Object[4];
        for (int i = 0; i < parts.length; i++) {
            parts[i] = AgenticServices.agentBuilder(Agents.Branch.class)
                    .chatModel(chat("branch"))
                    .outputKey("part" + i)
                    .build();
        }
        ParallelAgentService<UntypedAgent> branches = AgenticServices.parallelBuilder()
                .name("branches")
                .subAgents(parts)
                .output(scope -> "joined");
        if (parallel != null) {
            branches.executor(parallel);
        }
        return AgenticServices.sequenceBuilder()
                .name("research")
                .subAgents(
                        agent(Agents.Background.class, "background"),
                        branches.build(),
                        agent(Agents.Writer.class, "writer"))
                .outputKey("story")
                .build();
    }

    private Agents.Librarian librarian() {
        EmbeddingModel embedder = OpenAiEmbeddingModel.builder()
                .baseUrl(baseUrl)
                .apiKey("none")
                .modelName("embedder")
                .build();
        InMemoryEmbeddingStore<TextSegment> store = new InMemoryEmbeddingStore<>();
        TextSegment passage = TextSegment.from("Passages are short.");
        store.add(embedder.embed(passage).content(), passage);
        return AiServices.builder(Agents.Librarian.class)
                .chatModel(chat("librarian"))
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
                .build();
    }

    /** Everything once; what came back, in words. */
    String round(int number) {
        try {
            String topic = "round " + number;
            return research.invoke(Map.of("topic", topic)) + ", " + assistant.answer("the weather of " + topic) + ", "
                    + told(topic) + ", " + librarian.find("passages of " + topic) + ", "
                    + promised(topic).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | InterruptedException | TimeoutException failure) {
            throw new IllegalStateException(failure);
        }
    }

    private String told(String topic) throws ExecutionException, InterruptedException, TimeoutException {
        CompletableFuture<String> answer = new CompletableFuture<>();
        narrator.tell("the weather of " + topic)
                .onPartialResponse(part -> {})
                .onCompleteResponse(
                        response -> answer.complete(response.aiMessage().text()))
                .onError(answer::completeExceptionally)
                .start();
        return answer.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    /** Goes on after the method has returned, on other threads. */
    @Workflow(name = "promised", targetPerSecond = 0.5)
    CompletableFuture<String> promised(String topic) {
        CompletableFuture<String> first = CompletableFuture.supplyAsync(() -> promising.chat(topic), pool);
        CompletableFuture<String> second = new CompletableFuture<>();
        pool.execute(() -> second.complete(promising.chat(topic + " again")));
        return first.thenCombine(second, (one, two) -> one + " and " + two);
    }
}
