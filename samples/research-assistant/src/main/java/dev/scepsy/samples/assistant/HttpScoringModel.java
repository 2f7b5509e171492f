package dev.scepsy.samples.assistant;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.output.Response;
import dev.langchain4j.model.output.TokenUsage;
import dev.langchain4j.model.scoring.ScoringModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A reranker behind vLLM's {@code POST /rerank}: LangChain4j has no client for it, so the application brings its own. */
final class HttpScoringModel implements ScoringModel {

    private static final int SERVER_ERROR = 500;
    private static final double FIRST_PAUSE_MILLIS = 1_000;
    private static final double PAUSE_GROWTH = 1.5;

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final ObjectMapper json = new ObjectMapper();
    private final URI endpoint;
    private final String modelName;
    private final Duration timeout;

    HttpScoringModel(URI endpoint, String modelName, Duration timeout) {
        this.endpoint = endpoint;
        this.modelName = modelName;
        this.timeout = timeout;
    }

    /** As requests name it. */
    public String modelName() {
        return modelName;
    }

    @Override
    public Response<List<Double>> scoreAll(List<TextSegment> segments, String query) {
        Map<String, Object> body = Map.of(
                "model",
                modelName,
                "query",
                query,
                "documents",
                segments.stream().map(TextSegment::text).toList());
        JsonNode answer = post(body);
        Double[] scores = new Double[segments.size()];
        for (JsonNode result : answer.path("results")) {
            scores[result.path("index").asInt()] =
                    result.path("relevance_score").asDouble();
        }
        int tokens = answer.path("usage").path("total_tokens").asInt();
        return Response.from(Arrays.asList(scores), new TokenUsage(tokens, 0));
    }

    /** As LangChain4j's own clients do: a connection that breaks and a server that is not there are tried anew, after a pause that grows. */
    private HttpResponse<byte[]> send(HttpRequest request) throws IOException, InterruptedException {
        double pauseMillis = FIRST_PAUSE_MILLIS;
        for (int retries = Models.RETRIES; ; retries--) {
            try {
                HttpResponse<byte[]> response = http.send(request, BodyHandlers.ofByteArray());
                if (response.statusCode() < SERVER_ERROR || retries == 0) {
                    return response;
                }
            } catch (IOException broken) {
                if (retries == 0) {
                    throw broken;
                }
            }
            TimeUnit.MILLISECONDS.sleep((long) pauseMillis);
            pauseMillis *= PAUSE_GROWTH;
        }
    }

    private JsonNode post(Map<String, Object> body) {
        try {
            HttpRequest request = HttpRequest.newBuilder(endpoint)
                    .timeout(timeout)
                    .header("Content-Type", "application/json")
                    .POST(BodyPublishers.ofByteArray(json.writeValueAsBytes(body)))
                    .build();
            HttpResponse<byte[]> response = send(request);
            if (response.statusCode() != 200) {
                throw new IllegalStateException(
                        "The reranker at " + endpoint + " answered " + response.statusCode() + ".");
            }
            return json.readTree(response.body());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("The reranker at " + endpoint + " did not answer in JSON.", e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while waiting for the reranker.", e);
        }
    }
}
