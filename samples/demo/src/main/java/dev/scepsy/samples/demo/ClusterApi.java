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

/** The Kubernetes API of the emulated cluster, as little of it as the demo asks. Thread-safe. */
final class ClusterApi {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final URI base;

    ClusterApi(String apiServer) {
        this.base = URI.create(apiServer);
    }

    JsonNode get(String path) throws IOException {
        return JSON.readTree(text(path));
    }

    /** What is no JSON, such as metrics. */
    String text(String path) throws IOException {
        return send(HttpRequest.newBuilder(base.resolve(path)).GET());
    }

    void create(String path, JsonNode object) throws IOException {
        send(HttpRequest.newBuilder(base.resolve(path))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(object.toString())));
    }

    /** A JSON merge patch. */
    void patch(String path, String merge) throws IOException {
        send(HttpRequest.newBuilder(base.resolve(path))
                .header("Content-Type", "application/merge-patch+json")
                .method("PATCH", BodyPublishers.ofString(merge)));
    }

    void delete(String path) throws IOException {
        send(HttpRequest.newBuilder(base.resolve(path)).DELETE());
    }

    private String send(HttpRequest.Builder request) throws IOException {
        HttpRequest built = request.build();
        try {
            HttpResponse<String> answer = http.send(built, BodyHandlers.ofString());
            if (answer.statusCode() >= 300) {
                throw new IOException(
                        built.method() + " " + built.uri() + ": " + answer.statusCode() + " " + answer.body());
            }
            return answer.body();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
