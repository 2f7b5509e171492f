package dev.scepsy.samples.cluster.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.scepsy.samples.cluster.EmulatedCluster;
import dev.scepsy.samples.cluster.Engines;
import dev.scepsy.samples.cluster.TestClusters;
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

/** Several choices of an answer, and streams at the pace of real time. */
class ChoicesAndChunksTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int TOKENS = 40;
    private static final String CHAT =
            "{\"model\":\"generator\",\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]";

    private static EmulatedCluster cluster;
    private static KubernetesClient client;
    private static HttpClient http;
    private static String url;

    @BeforeAll
    static void start() {
        cluster = EmulatedCluster.start(TestClusters.config()
                .timeScale(1)
                .answers(prompt -> Answer.text("x".repeat(TOKENS * 3) + prompt.seed() % 1000, TOKENS))
                .build());
        client = Engines.client(cluster);
        http = HttpClient.newHttpClient();
        Engines.serve(client, "generator", "0.5", 1);
        url = "http://127.0.0.1:"
                + Engines.pods(client, "generator")
                        .get(0)
                        .getMetadata()
                        .getAnnotations()
                        .get("scepsy.dev/emulated-port")
                + "/v1/chat/completions";
    }

    @AfterAll
    static void stop() {
        client.close();
        cluster.close();
    }

    private static HttpResponse<String> send(String more) throws Exception {
        return post(url, CHAT + more + "}");
    }

    private static HttpResponse<String> post(String address, String body) throws Exception {
        return http.send(
                HttpRequest.newBuilder(URI.create(address))
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static List<JsonNode> chunks(String more) throws Exception {
        List<JsonNode> chunks = new ArrayList<>();
        for (String line : send(",\"stream\":true" + more).body().lines().toList()) {
            if (line.startsWith("data: {")) {
                chunks.add(JSON.readTree(line.substring("data: ".length())));
            }
        }
        return chunks;
    }

    @Test
    void aRequestForSeveralChoicesGetsThemAllAndPaysForEach() throws Exception {
        JsonNode answer = JSON.readTree(send(",\"n\":3").body());
        assertThat(answer.path("choices"))
                .hasSize(3)
                .extracting(choice -> choice.path("index").asInt())
                .containsExactly(0, 1, 2);
        assertThat(answer.path("choices"))
                .extracting(choice -> choice.at("/message/content").asText())
                .doesNotHaveDuplicates();
        assertThat(answer.at("/usage/completion_tokens").asInt()).isEqualTo(3 * TOKENS);
        assertThat(answer.at("/usage/total_tokens").asInt())
                .isEqualTo(3 * TOKENS + answer.at("/usage/prompt_tokens").asInt());
    }

    @Test
    void aStreamOfSeveralChoicesNamesEachAndEndsOnce() throws Exception {
        List<JsonNode> chunks = chunks(",\"n\":2,\"stream_options\":{\"include_usage\":true}");
        for (int choice = 0; choice < 2; choice++) {
            int index = choice;
            assertThat(chunks)
                    .filteredOn(chunk -> chunk.at("/choices/0/index").asInt(-1) == index)
                    .filteredOn(chunk -> chunk.at("/choices/0/finish_reason").isTextual())
                    .hasSize(1);
        }
        assertThat(chunks.get(chunks.size() - 1).at("/usage/completion_tokens").asInt())
                .isEqualTo(2 * TOKENS);
    }

    @Test
    void greedySamplingHasOneChoice() throws Exception {
        HttpResponse<String> answer = send(",\"n\":2,\"temperature\":0");
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains("n must be 1 when using greedy sampling, got 2.");
        assertThat(send(",\"n\":0").statusCode()).isEqualTo(400);
    }

    @Test
    void responsesAreAnsweredWhole() throws Exception {
        String responses = url.replace("/chat/completions", "/responses");
        JsonNode answer = JSON.readTree(post(
                        responses,
                        "{\"model\":\"generator\",\"instructions\":\"Be brief\",\"input\":\"hello\",\"max_output_tokens\":8}")
                .body());
        assertThat(answer.path("id").asText()).startsWith("resp_");
        assertThat(answer.path("object").asText()).isEqualTo("response");
        assertThat(answer.path("status").asText()).isEqualTo("incomplete");
        assertThat(answer.at("/output/0/content/0/type").asText()).isEqualTo("output_text");
        assertThat(answer.at("/output/0/content/0/text").asText()).isNotEmpty();
        assertThat(answer.at("/usage/output_tokens").asInt()).isEqualTo(8);

        HttpResponse<String> streamed = post(
                responses,
                "{\"model\":\"generator\",\"input\":[{\"role\":\"user\",\"content\":\"a\"}],\"stream\":true}");
        assertThat(streamed.statusCode()).isEqualTo(400);
        assertThat(post(responses, "{\"model\":\"generator\"}").statusCode()).isEqualTo(400);
    }

    @Test
    void everyTokenHasItsChunk() throws Exception {
        // the role, a chunk per token, the last with the reason of the end
        assertThat(chunks("")).hasSize(1 + TOKENS);
    }
}
