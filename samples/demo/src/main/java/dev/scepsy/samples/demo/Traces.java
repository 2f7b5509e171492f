package dev.scepsy.samples.demo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/**
 * The recorded spans, trace by trace, in scaled time. In: OTLP JSON lines as the application's exporter sent them; out:
 * the same with one trace per line, every time and duration stretched, and the factor in the resource.
 */
final class Traces {

    /** Attributes that are durations in seconds. */
    private static final Set<String> SECONDS =
            Set.of("scepsy.call.backoff_seconds", "gen_ai.response.time_to_first_chunk");

    private static final Duration EXPORT_DELAY = Duration.ofSeconds(3);

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Map<String, ArrayNode> scopeSpansByTrace = new LinkedHashMap<>();
    private final Map<String, Long> startByTrace = new LinkedHashMap<>();
    private final Set<String> roots = new HashSet<>();
    private final ScaledClock clock;
    private ObjectNode resource = JSON.createObjectNode();

    private Traces(ScaledClock clock) {
        this.clock = clock;
    }

    /**
     * Writes the traces that began in [from, to) of real time, once all of them have their root span: the exporter sends
     * what ended with a delay.
     */
    static int writeComplete(Path recording, Path file, long fromEpochNanos, long toEpochNanos, ScaledClock clock)
            throws IOException {
        long deadline = System.nanoTime() + EXPORT_DELAY.toNanos();
        Traces traces = read(recording, clock);
        while (!traces.haveRoots(fromEpochNanos, toEpochNanos) && System.nanoTime() < deadline) {
            LockSupport.parkNanos(200_000_000);
            traces = read(recording, clock);
        }
        return traces.write(file, fromEpochNanos, toEpochNanos);
    }

    private boolean haveRoots(long fromEpochNanos, long toEpochNanos) {
        return chosen(fromEpochNanos, toEpochNanos).stream().allMatch(roots::contains);
    }

    private List<String> chosen(long fromEpochNanos, long toEpochNanos) {
        return startByTrace.entrySet().stream()
                .filter(entry -> entry.getValue() >= fromEpochNanos && entry.getValue() < toEpochNanos)
                .map(Map.Entry::getKey)
                .toList();
    }

    static Traces read(Path recording, ScaledClock clock) throws IOException {
        Traces traces = new Traces(clock);
        try (var lines = Files.lines(recording)) {
            for (String line : (Iterable<String>) lines::iterator) {
                traces.addLine(line);
            }
        }
        return traces;
    }

    private void addLine(String line) throws IOException {
        try {
            add(JSON.readTree(line));
        } catch (JsonProcessingException e) {
            // the last line, half written: whoever needs it reads again
        }
    }

    private void add(JsonNode request) {
        for (JsonNode resourceSpans : request.path("resourceSpans")) {
            resource = resourceSpans.path("resource").deepCopy();
            for (JsonNode scopeSpans : resourceSpans.path("scopeSpans")) {
                for (JsonNode span : scopeSpans.path("spans")) {
                    add((ObjectNode) span);
                }
            }
        }
    }

    private void add(ObjectNode span) {
        String trace = span.path("traceId").asText();
        long start = span.path("startTimeUnixNano").asLong();
        startByTrace.merge(trace, start, Math::min);
        if (span.path("parentSpanId").asText().isEmpty()) {
            roots.add(trace);
        }
        stretch(span, "startTimeUnixNano");
        stretch(span, "endTimeUnixNano");
        span.path("events").forEach(event -> stretch((ObjectNode) event, "timeUnixNano"));
        for (JsonNode attribute : span.path("attributes")) {
            if (SECONDS.contains(attribute.path("key").asText())) {
                double seconds = attribute.path("value").path("doubleValue").asDouble();
                ((ObjectNode) attribute.path("value")).put("doubleValue", seconds * clock.scale());
            }
        }
        scopeSpansByTrace.computeIfAbsent(trace, id -> JSON.createArrayNode()).add(span);
    }

    private void stretch(ObjectNode node, String field) {
        node.put(field, Long.toString(clock.scaledEpochNanos(node.path(field).asLong())));
    }

    /** Traces that began in [from, to) of real time, written beside and renamed. Returns how many. */
    int write(Path file, long fromEpochNanos, long toEpochNanos) throws IOException {
        List<String> chosen = chosen(fromEpochNanos, toEpochNanos);
        Path beside = file.resolveSibling(file.getFileName() + ".tmp");
        try (BufferedWriter writer = Files.newBufferedWriter(beside)) {
            for (String trace : chosen) {
                writer.write(JSON.writeValueAsString(line(trace)));
                writer.write('\n');
            }
        }
        Files.move(beside, file, StandardCopyOption.REPLACE_EXISTING);
        return chosen.size();
    }

    private ObjectNode line(String trace) {
        ObjectNode scaled = resource.deepCopy();
        ArrayNode attributes = scaled.withArray("attributes");
        ObjectNode factor = attributes.addObject().put("key", "scepsy.time_scale");
        factor.putObject("value").put("doubleValue", clock.scale());
        ObjectNode line = JSON.createObjectNode();
        ObjectNode resourceSpans = line.putArray("resourceSpans").addObject();
        resourceSpans.set("resource", scaled);
        ObjectNode scopeSpans = resourceSpans.putArray("scopeSpans").addObject();
        scopeSpans.putObject("scope").put("name", "dev.scepsy.javaagent");
        scopeSpans.set("spans", scopeSpansByTrace.get(trace));
        return line;
    }
}
