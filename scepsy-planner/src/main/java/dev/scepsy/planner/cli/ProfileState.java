package dev.scepsy.planner.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.scepsy.planner.file.Json;
import dev.scepsy.planner.file.WholeFile;
import dev.scepsy.planner.measure.RatePoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/**
 * What a measurement has found so far, in a file of its own beside the profiles, so that a killed one goes on.
 *
 * @param settings all that the points depend on, as one line
 * @param points the lonely request's first
 */
record ProfileState(String settings, List<RatePoint> points) {

    private static final ObjectMapper JSON = new ObjectMapper();

    ProfileState {
        points = List.copyOf(points);
    }

    /** The state in {@code file}; without points where there is none or it cannot be understood. */
    static ProfileState read(Path file) throws IOException {
        if (!Files.exists(file)) {
            return new ProfileState("", List.of());
        }
        JsonNode root;
        try {
            root = JSON.readTree(file.toFile());
        } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
            return new ProfileState("", List.of());
        }
        List<RatePoint> points = new ArrayList<>();
        root.path("points").forEach(node -> points.add(point(node)));
        return new ProfileState(root.path("settings").asText(), points);
    }

    void write(Path file) throws IOException {
        WholeFile.write(
                file,
                Json.object(json -> json.field("settings", settings).objects("points", points, ProfileState::write)));
    }

    static void write(Json json, RatePoint point) throws IOException {
        json.field("offeredPerSecond", point.offeredPerSecond())
                .field("achievedPerSecond", point.achievedPerSecond())
                .field("sustained", point.sustained())
                .field("verdict", point.verdict())
                .field("requests", point.requests())
                .field("failed", point.failed())
                .field("meanLatencySeconds", point.meanLatencySeconds())
                .field("p95LatencySeconds", point.p95LatencySeconds())
                .field("p99LatencySeconds", point.p99LatencySeconds())
                .fieldIfPresent("meanFirstTokenSeconds", point.meanFirstTokenSeconds())
                .fieldIfPresent("meanPerTokenSeconds", point.meanPerTokenSeconds())
                .field("requestsInFlight", point.requestsInFlight())
                .field("meanInputTokens", point.meanInputTokens())
                .field("meanOutputTokens", point.meanOutputTokens())
                .field("seconds", point.seconds())
                .field("worstLatenessSeconds", point.worstLatenessSeconds());
    }

    private static RatePoint point(JsonNode node) {
        return new RatePoint(
                node.path("offeredPerSecond").asDouble(),
                node.path("achievedPerSecond").asDouble(),
                node.path("sustained").asBoolean(),
                node.path("verdict").asText(),
                node.path("requests").asInt(),
                node.path("failed").asInt(),
                node.path("meanLatencySeconds").asDouble(),
                node.path("p95LatencySeconds").asDouble(),
                node.path("p99LatencySeconds").asDouble(),
                optional(node, "meanFirstTokenSeconds"),
                optional(node, "meanPerTokenSeconds"),
                node.path("requestsInFlight").asDouble(),
                node.path("meanInputTokens").asDouble(),
                node.path("meanOutputTokens").asDouble(),
                node.path("seconds").asDouble(),
                node.path("worstLatenessSeconds").asDouble());
    }

    private static OptionalDouble optional(JsonNode node, String key) {
        return node.has(key) ? OptionalDouble.of(node.path(key).asDouble()) : OptionalDouble.empty();
    }
}
