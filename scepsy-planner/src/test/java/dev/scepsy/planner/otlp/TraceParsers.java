package dev.scepsy.planner.otlp;

import dev.scepsy.planner.parser.ParserUnderTest;
import dev.scepsy.planner.span.Span;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The readers of traces, for any bytes. */
public final class TraceParsers {

    private TraceParsers() {}

    /** By what they read. */
    public static Map<String, ParserUnderTest> all() {
        Map<String, ParserUnderTest> parsers = new LinkedHashMap<>();
        parsers.put("traces", TraceParsers::traces);
        parsers.put("otlp-json", bytes -> requests(bytes, OtlpDecoder.Form.JSON));
        parsers.put("otlp-protobuf", bytes -> requests(bytes, OtlpDecoder.Form.PROTOBUF));
        parsers.put("jaeger-address", TraceParsers::address);
        return parsers;
    }

    private static void traces(byte[] bytes) {
        TraceReader reader = new TraceReader(TraceParsers::judge, line -> {}, () -> Instant.EPOCH);
        try {
            reader.read("fuzz", new ByteArrayInputStream(bytes));
        } catch (IOException refused) {
            said(refused);
        }
    }

    /** What is recorded of a request says the same as the request. */
    private static void requests(byte[] bytes, OtlpDecoder.Form form) {
        OtlpDecoder decoder = new OtlpDecoder();
        List<Span> received = new ArrayList<>();
        byte[] line;
        try {
            line = decoder.decode(bytes, form, received::add);
        } catch (MalformedOtlpException refused) {
            said(refused);
            return;
        }
        received.forEach(TraceParsers::judge);
        List<Span> read = new ArrayList<>();
        try {
            decoder.decode(line, OtlpDecoder.Form.JSON, read::add);
        } catch (MalformedOtlpException e) {
            throw new IllegalStateException("What was recorded is not read: " + e.getMessage());
        }
        if (received.size() != read.size()) {
            throw new IllegalStateException(received.size() + " spans came, " + read.size() + " are read again.");
        }
    }

    private static void judge(Span span) {
        if (span.traceId() == null || span.spanId() == 0) {
            throw new IllegalStateException("A span without ids: " + span);
        }
    }

    private static void address(byte[] bytes) {
        try {
            JaegerQuery query = JaegerQuery.parse(new String(bytes, StandardCharsets.UTF_8));
            var unused = query.request(JaegerQuery.Spelling.CAMEL, Instant.EPOCH);
        } catch (IllegalArgumentException refused) {
            said(refused);
        }
    }

    private static void said(Exception refused) {
        if (refused.getMessage() == null || refused.getMessage().isBlank()) {
            throw new IllegalStateException("Refused without a word.", refused);
        }
    }
}
