package dev.scepsy.samples.cluster.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.scepsy.samples.cluster.EmulatedCluster;
import dev.scepsy.samples.cluster.Engines;
import dev.scepsy.samples.cluster.TestClusters;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Probes that a real vLLM 0.32 was asked, and the answers it gave. */
class VllmAnswersTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String CHAT = "\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]";

    private static EmulatedCluster cluster;
    private static KubernetesClient client;
    private static HttpClient http;
    private static String generator;
    private static String embedder;

    @BeforeAll
    static void start() {
        cluster = EmulatedCluster.start(TestClusters.config()
                .answers(prompt -> Answer.text("You said: " + prompt.last("user") + ", and that was all of it", 40))
                .build());
        client = Engines.client(cluster);
        http = HttpClient.newHttpClient();
        Engines.serve(client, "generator", "0.5", 1);
        Engines.serve(client, "embedder", "0.1", 1);
        generator = url("generator");
        embedder = url("embedder");
    }

    private static String url(String name) {
        Pod pod = Engines.pods(client, name).get(0);
        return "http://127.0.0.1:" + pod.getMetadata().getAnnotations().get("scepsy.dev/emulated-port");
    }

    @AfterAll
    static void stop() {
        client.close();
        cluster.close();
    }

    private static HttpResponse<String> send(String url, String body, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.setHeader(headers[0], headers[1]);
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static JsonNode chat(String more) throws Exception {
        HttpResponse<String> answer =
                send(generator + "/v1/chat/completions", "{\"model\":\"generator\"," + CHAT + more + "}");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return JSON.readTree(answer.body());
    }

    private static List<JsonNode> chunks(String path, String body) throws Exception {
        List<JsonNode> chunks = new ArrayList<>();
        for (String line : send(generator + path, body).body().split("\n")) {
            if (line.startsWith("data: {")) {
                chunks.add(JSON.readTree(line.substring("data: ".length())));
            }
        }
        return chunks;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"temperature\":-1 | temperature | BadRequestError",
                "\"max_tokens\":\"ten\" | max_tokens | Bad Request",
                "\"max_tokens\":0 | max_tokens | BadRequestError",
                "\"max_tokens\":400000 | max_tokens | BadRequestError",
                "\"top_p\":2 | top_p | BadRequestError",
                "\"stream_options\":{\"include_usage\":true} | stream_options | BadRequestError",
                "\"stream\":\"yes\" | stream | Bad Request",
            })
    void whatIsWrongIsRefusedWithItsField(String wrong, String field, String type) throws Exception {
        HttpResponse<String> refused =
                send(generator + "/v1/chat/completions", "{\"model\":\"generator\"," + CHAT + "," + wrong + "}");
        JsonNode error = JSON.readTree(refused.body()).path("error");
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(error.path("param").asText()).isEqualTo(field);
        assertThat(error.path("type").asText()).isEqualTo(type);
    }

    @Test
    void toolsNeedAnEngineThatWasStartedForThem() throws Exception {
        String tools = ",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}]}";
        HttpResponse<String> refused =
                send(generator + "/v1/chat/completions", "{\"model\":\"generator\"," + CHAT + tools);
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.body()).contains("--enable-auto-tool-choice");
    }

    @Test
    void aChatModelEmbedsAndScoresNothingAndAnEmbedderDoesNotChat() throws Exception {
        assertThat(send(generator + "/v1/embeddings", "{\"model\":\"generator\",\"input\":\"a\"}")
                        .statusCode())
                .isEqualTo(404);
        assertThat(send(generator + "/rerank", "{\"model\":\"generator\",\"query\":\"a\",\"documents\":[\"b\"]}")
                        .statusCode())
                .isEqualTo(404);
        assertThat(send(generator + "/score", "{\"model\":\"generator\",\"text_1\":\"a\",\"text_2\":\"b\"}")
                        .statusCode())
                .isEqualTo(404);
        assertThat(send(embedder + "/v1/chat/completions", "{\"model\":\"embedder\"," + CHAT + "}")
                        .statusCode())
                .isEqualTo(404);
        assertThat(send(embedder + "/v1/embeddings", "{\"model\":\"embedder\",\"input\":\"a\"}")
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void whatTheWebFrameworkRefusesIsWordedByIt() throws Exception {
        assertThat(send(generator + "/v1/nothing", "{}").body()).isEqualTo("{\"detail\":\"Not Found\"}");
        HttpResponse<String> got = http.send(
                HttpRequest.newBuilder(URI.create(generator + "/v1/chat/completions"))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(got.statusCode()).isEqualTo(405);
        assertThat(got.body()).isEqualTo("{\"detail\":\"Method Not Allowed\"}");
        assertThat(send(
                                generator + "/v1/chat/completions",
                                "{\"model\":\"generator\"," + CHAT + "}",
                                "Content-Type",
                                "text/plain")
                        .statusCode())
                .isEqualTo(400);
        assertThat(send(generator + "/v1/chat/completions", "{broken").body())
                .contains("JSON decode error")
                .doesNotContain("Source", "jackson");
    }

    @Test
    void ignoredEndsAndStopsCutTheTextToWhatUsageSays() throws Exception {
        JsonNode six = chat(",\"ignore_eos\":true,\"max_tokens\":6");
        assertThat(six.at("/usage/completion_tokens").asInt()).isEqualTo(6);
        assertThat(Tokens.count(six.at("/choices/0/message/content").asText())).isEqualTo(6);
        JsonNode more = chat(",\"ignore_eos\":true,\"max_tokens\":100");
        assertThat(Tokens.count(more.at("/choices/0/message/content").asText())).isEqualTo(100);

        JsonNode stopped = chat(",\"stop\":[\"said\"]");
        assertThat(stopped.at("/choices/0/message/content").asText()).isEqualTo("You ");
        assertThat(stopped.at("/choices/0/stop_reason").asText()).isEqualTo("said");
        assertThat(stopped.at("/choices/0/finish_reason").asText()).isEqualTo("stop");
        assertThat(stopped.at("/usage/completion_tokens").asInt()).isBetween(1, 10);
    }

    @Test
    void everyChunkOfACompletionHasTextAndTheLastSaysWhy() throws Exception {
        List<JsonNode> chunks =
                chunks("/v1/completions", "{\"model\":\"generator\",\"prompt\":\"hello\",\"stream\":true}");
        assertThat(chunks).allMatch(chunk -> chunk.at("/choices/0/text").isTextual());
        JsonNode last = chunks.get(chunks.size() - 1).at("/choices/0");
        assertThat(last.path("finish_reason").asText()).isEqualTo("stop");
        assertThat(last.path("text").asText()).isNotEmpty();
        assertThat(chunks.subList(0, chunks.size() - 1))
                .allMatch(chunk -> chunk.at("/choices/0/finish_reason").isNull());
    }

    @Test
    void usageComesWithEveryChunkWhereItIsAskedFor() throws Exception {
        List<JsonNode> chunks = chunks(
                "/v1/chat/completions",
                "{\"model\":\"generator\"," + CHAT
                        + ",\"stream\":true,\"stream_options\":{\"include_usage\":true,\"continuous_usage_stats\":true}}");
        assertThat(chunks).hasSizeGreaterThan(2).allMatch(chunk -> chunk.has("usage"));
        assertThat(chunks.get(0).at("/usage/completion_tokens").asInt()).isZero();
        assertThat(chunks.get(chunks.size() - 1).at("/usage/completion_tokens").asInt())
                .isEqualTo(40);
    }

    @Test
    void identifiersListsAndCountsAreVllms() throws Exception {
        HttpResponse<String> named = send(
                generator + "/v1/chat/completions", "{\"model\":\"generator\"," + CHAT + "}", "X-Request-Id", "abc123");
        JsonNode answer = JSON.readTree(named.body());
        assertThat(answer.path("id").asText()).isEqualTo("chatcmpl-abc123");
        assertThat(answer.has("system_fingerprint")).isTrue();
        assertThat(answer.at("/choices/0").has("stop_reason")).isTrue();
        assertThat(answer.at("/choices/0/message").has("reasoning")).isTrue();

        JsonNode models = JSON.readTree(http.send(
                        HttpRequest.newBuilder(URI.create(generator + "/v1/models"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body());
        assertThat(models.at("/data/0/max_model_len").asInt()).isPositive();
        assertThat(models.at("/data/0").has("permission")).isTrue();
        assertThat(models.at("/data/0/root").asText()).isEqualTo("generator");

        JsonNode tokens =
                JSON.readTree(send(generator + "/tokenize", "{\"model\":\"generator\",\"prompt\":\"twelve chars\"}")
                        .body());
        assertThat(tokens.path("count").asInt()).isEqualTo(3);
        assertThat(tokens.path("tokens")).hasSize(3);
        assertThat(tokens.path("max_model_len").asInt()).isPositive();

        JsonNode ids =
                JSON.readTree(send(generator + "/v1/completions", "{\"model\":\"generator\",\"prompt\":[1,2,3,4,5]}")
                        .body());
        assertThat(ids.at("/usage/prompt_tokens").asInt()).isEqualTo(5);
    }
}
