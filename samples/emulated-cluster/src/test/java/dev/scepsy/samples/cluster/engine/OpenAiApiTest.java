package dev.scepsy.samples.cluster.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiEmbeddingModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import dev.langchain4j.store.embedding.CosineSimilarity;
import dev.scepsy.samples.cluster.EmulatedCluster;
import dev.scepsy.samples.cluster.Engines;
import dev.scepsy.samples.cluster.GpuUsage;
import dev.scepsy.samples.cluster.TestClusters;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Ordinary OpenAI clients against emulated engines, through gateway, service and pod. */
class OpenAiApiTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static EmulatedCluster cluster;
    private static KubernetesClient client;
    private static HttpClient http;

    @BeforeAll
    static void start() {
        cluster = EmulatedCluster.start(TestClusters.config()
                .answers(prompt -> prompt.last("user").contains("tool")
                        ? Answer.toolCall("search", "{\"query\":\"gpu\"}")
                        : Answer.text("You said: " + prompt.last("user"), 40))
                .build());
        client = Engines.client(cluster);
        http = HttpClient.newHttpClient();
        Engines.serve(client, "generator", "0.5", 2);
        Engines.serve(client, "embedder", "0.1", 1);
    }

    @AfterAll
    static void stop() {
        client.close();
        cluster.close();
    }

    @Test
    void langChain4jChats() {
        OpenAiChatModel model = OpenAiChatModel.builder()
                .baseUrl(cluster.openAiBaseUrl())
                .apiKey("none")
                .modelName("generator")
                .build();

        ChatResponse response = model.chat(UserMessage.from("hello"));

        assertThat(response.aiMessage().text()).isEqualTo("You said: hello");
        assertThat(response.tokenUsage().outputTokenCount()).isEqualTo(40);
        assertThat(response.tokenUsage().inputTokenCount()).isEqualTo(9);
    }

    @Test
    void langChain4jStreams() throws Exception {
        OpenAiStreamingChatModel model = OpenAiStreamingChatModel.builder()
                .baseUrl(cluster.openAiBaseUrl())
                .apiKey("none")
                .modelName("generator")
                .build();
        StringBuilder pieces = new StringBuilder();
        CompletableFuture<ChatResponse> done = new CompletableFuture<>();

        model.chat("hello stream", new StreamingChatResponseHandler() {
            @Override
            public void onPartialResponse(String piece) {
                pieces.append(piece);
            }

            @Override
            public void onCompleteResponse(ChatResponse response) {
                done.complete(response);
            }

            @Override
            public void onError(Throwable error) {
                done.completeExceptionally(error);
            }
        });

        ChatResponse response = done.get(10, TimeUnit.SECONDS);
        assertThat(pieces).hasToString("You said: hello stream");
        assertThat(response.tokenUsage().outputTokenCount()).isEqualTo(40);
    }

    @Test
    void langChain4jGetsToolCalls() {
        OpenAiChatModel model = OpenAiChatModel.builder()
                .baseUrl(cluster.openAiBaseUrl())
                .apiKey("none")
                .modelName("generator")
                .build();

        AiMessage message = model.chat(UserMessage.from("use the tool")).aiMessage();

        assertThat(message.toolExecutionRequests()).singleElement().satisfies(request -> {
            assertThat(request.name()).isEqualTo("search");
            assertThat(request.arguments()).isEqualTo("{\"query\":\"gpu\"}");
        });
    }

    @Test
    void embeddingsOfTextsThatShareWordsAreClose() {
        OpenAiEmbeddingModel model = OpenAiEmbeddingModel.builder()
                .baseUrl(cluster.openAiBaseUrl())
                .apiKey("none")
                .modelName("embedder")
                .build();

        var vectors = model.embedAll(List.of(
                        TextSegment.from("GPUs serve language models"),
                        TextSegment.from("language models on GPUs"),
                        TextSegment.from("a recipe for onion soup")))
                .content();

        assertThat(CosineSimilarity.between(vectors.get(0), vectors.get(1)))
                .isGreaterThan(CosineSimilarity.between(vectors.get(0), vectors.get(2)) + 0.3);
    }

    @Test
    void rerankingPutsTheRelevantDocumentFirst() throws Exception {
        JsonNode answer = post(
                cluster.gatewayUrl() + "/v1/rerank",
                "{\"model\":\"embedder\",\"query\":\"onion soup\",\"top_n\":2,"
                        + "\"documents\":[\"gpu memory\",\"onion soup with bread\",\"soup\"]}");

        assertThat(answer.path("results").findValuesAsText("index")).containsExactly("1", "2");
        assertThat(answer.path("results").path(0).path("relevance_score").asDouble())
                .isGreaterThan(0.9);
    }

    @Test
    void anUnknownModelIsRefusedAndAKnownOneIsListed() throws Exception {
        HttpResponse<String> refused =
                send(cluster.gatewayUrl() + "/v1/chat/completions", "{\"model\":\"nobody\",\"messages\":[{}]}");
        assertThat(refused.statusCode()).isEqualTo(404);
        assertThat(JSON.readTree(refused.body()).path("error").path("message").asText())
                .contains("nobody");

        assertThat(get(cluster.gatewayUrl() + "/v1/models")).contains("\"generator\"", "\"embedder\"");
    }

    @Test
    void aRequestLongerThanTheModelAllowsIsRefused() throws Exception {
        String longText = "word ".repeat(200_000);
        HttpResponse<String> refused = send(
                cluster.gatewayUrl() + "/v1/chat/completions",
                "{\"model\":\"generator\",\"messages\":[{\"role\":\"user\",\"content\":\"" + longText + "\"}]}");

        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.body()).contains("maximum context length");
    }

    @Test
    void manyRequestsAtOnceAreSpreadAndAllAnswered() throws Exception {
        String before = metricsOfAll();
        List<CompletableFuture<HttpResponse<String>>> inFlight = IntStream.range(0, 200)
                .mapToObj(i -> http.sendAsync(
                        chat(
                                cluster.gatewayUrl(),
                                "{\"model\":\"generator\",\"max_tokens\":20,\"messages\":"
                                        + "[{\"role\":\"user\",\"content\":\"number " + i + "\"}]}"),
                        HttpResponse.BodyHandlers.ofString()))
                .toList();
        for (CompletableFuture<HttpResponse<String>> each : inFlight) {
            assertThat(each.get(30, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
        }

        assertThat(before).contains("vllm:num_requests_running", "vllm:time_to_first_token_seconds_bucket");
        for (Pod pod : Engines.pods(client, "generator")) {
            String metrics = get(podUrl(pod) + "/metrics");
            assertThat(
                            counter(
                                    metrics,
                                    "vllm:request_success_total{engine=\"0\",finished_reason=\"length\",model_name=\"generator\"}"))
                    .isBetween(60.0, 140.0);
        }
        assertThat(cluster.gpuUsage().stream()
                        .mapToDouble(GpuUsage::busySeconds)
                        .sum())
                .isPositive();
    }

    @Test
    void aServiceHasAPortOfItsOwn() throws Exception {
        Engines.await(
                "service port",
                () -> client.services()
                        .withName("generator")
                        .get()
                        .getMetadata()
                        .getAnnotations()
                        .containsKey("scepsy.dev/emulated-port"));
        String port = client.services()
                .withName("generator")
                .get()
                .getMetadata()
                .getAnnotations()
                .get("scepsy.dev/emulated-port");

        JsonNode answer =
                post("http://127.0.0.1:" + port + "/v1/completions", "{\"model\":\"generator\",\"prompt\":\"abc\"}");

        assertThat(answer.path("choices").path(0).path("text").asText()).isEqualTo("You said: abc");
    }

    private static String metricsOfAll() throws IOException, InterruptedException {
        StringBuilder all = new StringBuilder();
        for (Pod pod : Engines.pods(client, "generator")) {
            all.append(get(podUrl(pod) + "/metrics"));
        }
        return all.toString();
    }

    private static String podUrl(Pod pod) {
        return "http://" + pod.getStatus().getPodIP() + ":"
                + pod.getMetadata().getAnnotations().get("scepsy.dev/emulated-port");
    }

    private static double counter(String metrics, String series) {
        return metrics.lines()
                .filter(line -> line.startsWith(series))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    private static HttpRequest chat(String base, String body) {
        return HttpRequest.newBuilder(URI.create(base + "/v1/chat/completions"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
    }

    private static HttpResponse<String> send(String url, String body) throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(URI.create(url))
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static JsonNode post(String url, String body) throws IOException, InterruptedException {
        HttpResponse<String> response = send(url, body);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return JSON.readTree(response.body());
    }

    private static String get(String url) throws IOException, InterruptedException {
        return http.send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString())
                .body();
    }
}
