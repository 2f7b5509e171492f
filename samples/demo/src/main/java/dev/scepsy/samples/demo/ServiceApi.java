package dev.scepsy.samples.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The planner service's HTTP API, as curl would use it. Thread-safe. */
final class ServiceApi {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** An answer.
     *
     * @param body empty object where there is no JSON in it
     */
    record Answer(int status, JsonNode body) {}

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final URI base;

    ServiceApi(URI base) {
        this.base = base;
    }

    Answer get(String path) throws IOException {
        return send(HttpRequest.newBuilder(base.resolve(path)).GET());
    }

    Answer post(String path, String body) throws IOException {
        return send(HttpRequest.newBuilder(base.resolve(path))
                .header("Content-Type", "application/json")
                .header("X-Scepsy-Request", "1")
                .POST(BodyPublishers.ofString(body)));
    }

    private Answer send(HttpRequest.Builder request) throws IOException {
        try {
            HttpResponse<byte[]> answer = http.send(request.timeout(PATIENCE).build(), BodyHandlers.ofByteArray());
            String type = answer.headers().firstValue("Content-Type").orElse("");
            return new Answer(
                    answer.statusCode(),
                    type.contains("json") ? JSON.readTree(answer.body()) : JSON.createObjectNode());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /** Whether store, receivers and cluster are usable. */
    boolean isReady() {
        try {
            return get("/readyz").status() == 200;
        } catch (IOException notYet) {
            return false;
        }
    }

    /** Oldest first; nothing while it cannot be asked. */
    List<JsonNode> proposals() {
        return list("/api/v1/proposals");
    }

    /** Plans that were applied, oldest first. */
    List<JsonNode> plans() {
        return list("/api/v1/plans");
    }

    private List<JsonNode> list(String path) {
        List<JsonNode> items = new ArrayList<>();
        try {
            Answer answer = get(path);
            if (answer.status() == 200) {
                items(answer.body()).forEach(items::add);
            }
        } catch (IOException unreachable) {
            return List.of();
        }
        Collections.reverse(items);
        return items;
    }

    /** The array itself, or the only one in an object. */
    private static JsonNode items(JsonNode body) {
        if (body.isArray()) {
            return body;
        }
        for (JsonNode field : body) {
            if (field.isArray()) {
                return field;
            }
        }
        return JSON.createArrayNode();
    }
}
