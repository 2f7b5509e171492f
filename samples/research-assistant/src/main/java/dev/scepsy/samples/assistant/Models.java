package dev.scepsy.samples.assistant;

import dev.langchain4j.http.client.HttpClientBuilder;
import dev.langchain4j.http.client.jdk.JdkHttpClientBuilder;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiEmbeddingModel;
import dev.langchain4j.model.scoring.ScoringModel;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.function.Function;

/** The six served models, named as the serving cluster names them. */
record Models(
        ChatModel planner,
        ChatModel executor,
        ChatModel critic,
        ChatModel summariser,
        EmbeddingModel embedder,
        ScoringModel reranker) {

    /** A queue may be long under load: better a late answer than a lost one. */
    private static final Duration TIMEOUT = Duration.ofMinutes(5);

    /** While engines move, or a node is gone, a model may be away for a while. */
    static final int RETRIES = 4;

    /** All at one address; {@code baseUrl} such as {@code http://127.0.0.1:8000}, without {@code /v1}. */
    static Models at(URI baseUrl) {
        return at(model -> baseUrl);
    }

    /** @param addresses of each model, without {@code /v1} */
    static Models at(Function<String, URI> addresses) {
        return new Models(
                chat(addresses, "planner"),
                chat(addresses, "executor"),
                chat(addresses, "critic"),
                chat(addresses, "summariser"),
                OpenAiEmbeddingModel.builder()
                        .httpClientBuilder(http())
                        .baseUrl(addresses.apply("embedder") + "/v1")
                        .apiKey("none")
                        .modelName("embedder")
                        .timeout(TIMEOUT)
                        .maxRetries(RETRIES)
                        .build(),
                new HttpScoringModel(addresses.apply("reranker").resolve("/rerank"), "reranker", TIMEOUT));
    }

    private static ChatModel chat(Function<String, URI> addresses, String model) {
        return OpenAiChatModel.builder()
                .httpClientBuilder(http())
                .baseUrl(addresses.apply(model) + "/v1")
                .apiKey("none")
                .modelName(model)
                .temperature(0.0)
                .timeout(TIMEOUT)
                .maxRetries(RETRIES)
                .build();
    }

    private static HttpClientBuilder http() {
        // vLLM speaks HTTP/1.1; without this the JDK client offers an upgrade with every first request.
        return new JdkHttpClientBuilder()
                .httpClientBuilder(HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1));
    }
}
