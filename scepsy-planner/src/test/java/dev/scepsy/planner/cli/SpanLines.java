package dev.scepsy.planner.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes a file of OTLP JSON lines, one trace a line. */
final class SpanLines {

    static final long SECOND = 1_000_000_000L;

    private final StringBuilder lines = new StringBuilder();
    private final StringBuilder spans = new StringBuilder();
    private final String service;
    private int trace = 1;
    private int nextSpan = 1;

    SpanLines(String service) {
        this.service = service;
    }

    /** Adds a span to the trace at hand; 0 is no parent. Its id. */
    int span(int parent, double start, double end, String operation, String... attributes) {
        int id = nextSpan++;
        spans.append(spans.isEmpty() ? "" : ",")
                .append(String.format(
                        "{\"traceId\":\"%032x\",\"spanId\":\"%016x\",\"parentSpanId\":\"%s\",\"name\":\"%s\",\"kind\":1,"
                                + "\"startTimeUnixNano\":\"%d\",\"endTimeUnixNano\":\"%d\",\"attributes\":[%s]}",
                        (long) service.hashCode() << 32 | trace,
                        id,
                        parent == 0 ? "" : String.format("%016x", parent),
                        operation,
                        (long) ((1000 * trace + start) * SECOND),
                        (long) ((1000 * trace + end) * SECOND),
                        text("gen_ai.operation.name", operation) + String.join("", attributes)));
        return id;
    }

    /** Ends the trace. */
    void next() {
        lines.append("{\"resourceSpans\":[{\"resource\":{\"attributes\":[")
                .append(text("service.name", service))
                .append("]},\"scopeSpans\":[{\"spans\":[")
                .append(spans)
                .append("]}]}]}\n");
        spans.setLength(0);
        trace++;
    }

    void to(Path file) throws IOException {
        Files.writeString(file, lines.toString());
    }

    static String[] call(String model, int input, int output) {
        return new String[] {
            "," + text("gen_ai.request.model", model),
            "," + number("gen_ai.usage.input_tokens", input),
            "," + number("gen_ai.usage.output_tokens", output)
        };
    }

    static String also(String key, String value) {
        return "," + text(key, value);
    }

    private static String text(String key, String value) {
        return "{\"key\":\"" + key + "\",\"value\":{\"stringValue\":\"" + value + "\"}}";
    }

    private static String number(String key, int value) {
        return "{\"key\":\"" + key + "\",\"value\":{\"intValue\":\"" + value + "\"}}";
    }
}
