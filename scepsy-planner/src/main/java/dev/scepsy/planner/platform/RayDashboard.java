package dev.scepsy.planner.platform;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * Serve's REST interface on the dashboard of a Ray cluster: {@code GET} and {@code PUT /api/serve/applications/}. Thread-safe.
 */
final class RayDashboard {

    /** Largest answer that is read; one application is a few KiB. */
    private static final int MOST_ANSWER_BYTES = 64 << 20;

    private static final int LONGEST_CONNECT_SECONDS = 5;

    /** A put starts Serve where it does not run yet. */
    private static final int LONGEST_ANSWER_SECONDS = 120;

    private static final int MOST_SAID = 600;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final URI applications;
    private final Optional<String> token;
    private final HttpClient http;

    private RayDashboard(URI address, Optional<String> token) {
        String base = address.toString().replaceAll("/+$", "");
        this.applications = URI.create(base + "/api/serve/applications/");
        this.token = token;
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(LONGEST_CONNECT_SECONDS))
                .followRedirects(HttpClient.Redirect.NEVER)
                .build();
    }

    /**
     * @param address of the dashboard, such as {@code http://127.0.0.1:8265}
     * @param environment where Ray's own variables name a token: {@code RAY_AUTH_TOKEN}, {@code RAY_AUTH_TOKEN_PATH}
     * @throws PlatformUnreachableException if the token's file cannot be read
     */
    static RayDashboard of(URI address, Map<String, String> environment) throws PlatformUnreachableException {
        String token = environment.getOrDefault("RAY_AUTH_TOKEN", "");
        String path = environment.getOrDefault("RAY_AUTH_TOKEN_PATH", "");
        if (token.isBlank() && !path.isBlank()) {
            try {
                token = Files.readString(Path.of(path));
            } catch (IOException unreadable) {
                throw new PlatformUnreachableException(
                        "The file of RAY_AUTH_TOKEN_PATH (" + path + ") cannot be read: " + unreadable.getMessage(),
                        unreadable);
            }
        }
        return new RayDashboard(address, Optional.of(token.strip()).filter(text -> !text.isEmpty()));
    }

    /** What was put, and what runs. */
    JsonNode get() throws PlatformUnreachableException {
        Answer answer = send(request().GET().build());
        if (answer.code() != 200) {
            throw new PlatformUnreachableException(refused(answer));
        }
        try {
            JsonNode details = JSON.readTree(answer.text());
            if (details.path("applications").isObject()) {
                return details;
            }
        } catch (JsonProcessingException noJson) {
            // said below
        }
        throw new PlatformUnreachableException("What answers at " + applications
                + " is no Serve of Ray: its answer has no applications. Give the address of the dashboard, by default port"
                + " 8265.");
    }

    /**
     * Declares the applications of the cluster; all others are removed by Ray.
     *
     * @return why Ray refused and changed nothing; empty if it took them
     * @throws PlatformUnreachableException if nobody knows whether it took them
     */
    Optional<String> put(JsonNode body) throws PlatformUnreachableException {
        Answer answer = send(request()
                .header("Content-Type", "application/json")
                .PUT(HttpRequest.BodyPublishers.ofString(body.toString()))
                .build());
        if (answer.code() == 200) {
            return Optional.empty();
        }
        if (answer.code() / 100 == 4) {
            return Optional.of(refused(answer));
        }
        throw new PlatformUnreachableException(refused(answer));
    }

    private HttpRequest.Builder request() {
        // a user agent of a browser would get its secrets redacted, and putting that back would destroy them
        HttpRequest.Builder request = HttpRequest.newBuilder(applications)
                .timeout(Duration.ofSeconds(LONGEST_ANSWER_SECONDS))
                .header("User-Agent", "scepsy")
                .header("Accept", "application/json");
        token.ifPresent(secret -> request.header("Authorization", "Bearer " + secret));
        return request;
    }

    private record Answer(int code, String text) {}

    private Answer send(HttpRequest request) throws PlatformUnreachableException {
        try {
            HttpResponse<InputStream> response = http.send(request, HttpResponse.BodyHandlers.ofInputStream());
            try (InputStream body = response.body()) {
                byte[] bytes = body.readNBytes(MOST_ANSWER_BYTES + 1);
                if (bytes.length > MOST_ANSWER_BYTES) {
                    throw new PlatformUnreachableException(
                            "The answer of " + applications + " is longer than " + MOST_ANSWER_BYTES + " bytes.");
                }
                return new Answer(response.statusCode(), new String(bytes, StandardCharsets.UTF_8));
            }
        } catch (IOException failed) {
            String why = failed.getMessage();
            throw new PlatformUnreachableException(
                    "The Ray dashboard " + applications + " cannot be reached: "
                            + (why == null ? "the connection was refused or closed" : why) + ". Check --address.",
                    failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new PlatformUnreachableException("Interrupted while waiting for " + applications + ".", interrupted);
        }
    }

    private String refused(Answer answer) {
        // pydantic repeats what it was given, other people's variables included
        String said = answer.text()
                .strip()
                .replaceAll("\\p{Cntrl}+", " ")
                .replaceAll("input_value=.*?(?=, input_type=)", "input_value=...");
        String shown = said.length() <= MOST_SAID ? said : said.substring(0, MOST_SAID) + "...";
        String advice = switch (answer.code()) {
            case 401, 403 -> " Give its token in RAY_AUTH_TOKEN or RAY_AUTH_TOKEN_PATH.";
            case 404 -> " Give the address of the dashboard, by default port 8265.";
            default -> "";
        };
        return "The Ray dashboard " + applications + " answered " + answer.code()
                + (shown.isEmpty() ? "." : ": " + shown) + advice;
    }
}
