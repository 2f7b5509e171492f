package dev.scepsy.planner.otlp;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.scepsy.planner.span.GenAi;
import dev.scepsy.planner.span.Origin;
import dev.scepsy.planner.span.Sampling;
import dev.scepsy.planner.span.Span;
import dev.scepsy.planner.span.SpanId;
import dev.scepsy.planner.span.TraceId;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code ExportTraceServiceRequest} in the OTLP JSON encoding, token by token: ids in hex of either case, 64-bit
 * integers as text or number, enums as number or name, {@code snake_case} beside {@code lowerCamelCase}, unknown fields
 * skipped. Also reads it wrapped in {@code {"result": ...}}, as Jaeger's API does.
 *
 * <p>What exporters write as a rule is read by {@link PlainRequest}; this is the grammar's whole, and what it says of mistakes.
 *
 * <p>Above 400 lines: one grammar is read in one pass, and its readers share the parser's place.
 *
 * <p>One instance keeps the strings it has seen, so that a million spans share their names. Not thread-safe.
 */
final class OtlpJson {

    OtlpJson() {
        plain = new PlainRequest(request);
    }

    private OtlpJson(@Nullable PlainRequest plain) {
        this.plain = plain;
    }

    /** A reader that reads everything by the whole grammar: the same, but slower. */
    static OtlpJson byGrammarAlone() {
        return new OtlpJson(null);
    }

    /** What the requests read since the last {@link #takeSeen} look like. */
    Seen takeSeen() {
        return request.takeSeen();
    }

    /** What a request turned out to carry. */
    enum Signal {
        TRACES,
        /** Metrics, logs or profiles. */
        OTHER
    }

    /** Characters of a name, a model or an id; texts that no statistic reads may be longer. */
    static final int LONGEST_TEXT = 1 << 20;

    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxStringLength(LONGEST_TEXT)
                    .maxNestingDepth(200)
                    .build())
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .build();

    private final TextCache texts = new TextCache();
    private final AttributeReader attributes = new AttributeReader(texts);
    private final Origin.Builder resource = new Origin.Builder();
    private final GenAi.Builder genAi = GenAi.builder();
    private final Samplings samplings = new Samplings();
    private final RequestSpans request = new RequestSpans();
    private final @Nullable PlainRequest plain;
    private TraceId lastTraceId = new TraceId(0, 0);
    private @Nullable Consumer<? super Span> eachResource;
    private long line;
    private boolean tracesSeen;
    private boolean otherSignalSeen;
    private boolean unknownFieldSeen;
    private String unknownField = "";

    /**
     * Reads one request; its spans reach {@code sink} only if all of it is well-formed.
     *
     * @throws MalformedOtlpException saying what is wrong
     */
    Signal read(byte[] json, int offset, int length, Consumer<? super Span> sink) throws MalformedOtlpException {
        request.clear();
        if (plain != null && plain.read(json, offset, length)) {
            request.hand(sink);
            return Signal.TRACES;
        }
        return readByGrammar(json, offset, length, sink);
    }

    /**
     * Reads the request in the line that begins there, if it is of the plain kind; any other is for {@link #readByGrammar}.
     *
     * @return where the line ends, before {@code limit} or there; -1 if it is not of that kind, and then nothing reached {@code sink}
     */
    int readPlainLine(byte[] json, int offset, int limit, Consumer<? super Span> sink) {
        request.clear();
        int end = plain == null ? -1 : plain.readLine(json, offset, limit);
        if (end >= 0) {
            request.hand(sink);
        }
        return end;
    }

    /** As {@link #read}, whatever the kind of the request. */
    Signal readByGrammar(byte[] json, int offset, int length, Consumer<? super Span> sink)
            throws MalformedOtlpException {
        try (JsonParser parser = JSON.createParser(json, offset, length)) {
            begin();
            parser.nextToken();
            readRequest(parser);
            if (parser.nextToken() != null) {
                throw new MalformedOtlpException("text after the end of the JSON object");
            }
            return end(sink);
        } catch (JsonProcessingException e) {
            throw new MalformedOtlpException("not JSON: " + firstLine(e.getOriginalMessage()));
        } catch (MalformedOtlpException e) {
            throw e;
        } catch (IOException | IllegalArgumentException e) {
            throw new MalformedOtlpException(String.valueOf(e.getMessage()));
        }
    }

    /**
     * Reads requests one after another, or in lists, until the stream ends. Spans reach {@code sink} resource by resource.
     *
     * @throws MalformedOtlpException saying what is wrong with the first that is not well-formed
     * @throws IOException if the stream cannot be read
     */
    void readAll(InputStream stream, Consumer<? super Span> sink) throws IOException {
        line = 0;
        try (JsonParser parser = JSON.createParser(stream)) {
            try {
                eachResource = sink;
                while (parser.nextToken() != null) {
                    begin();
                    readRequest(parser);
                    end(sink);
                }
            } catch (JsonProcessingException e) {
                throw new MalformedOtlpException("not JSON: " + firstLine(e.getOriginalMessage()));
            } catch (IllegalArgumentException e) {
                throw new MalformedOtlpException(String.valueOf(e.getMessage()));
            } finally {
                eachResource = null;
                line = parser.currentLocation().getLineNr();
            }
        }
    }

    /** Where the last {@link #readAll} ended, from 1. */
    long line() {
        return line;
    }

    private void begin() {
        request.clear();
        unknownField = "";
        tracesSeen = false;
        otherSignalSeen = false;
        unknownFieldSeen = false;
    }

    private Signal end(Consumer<? super Span> sink) throws MalformedOtlpException {
        if (!tracesSeen && !otherSignalSeen && unknownFieldSeen) {
            throw new MalformedOtlpException("no resourceSpans: this is no ExportTraceServiceRequest" + likeness());
        }
        if (!tracesSeen && otherSignalSeen) {
            request.addOtherSignal();
        }
        request.hand(sink);
        return !tracesSeen && otherSignalSeen ? Signal.OTHER : Signal.TRACES;
    }

    /** What a document of other fields may be. */
    private String likeness() {
        return switch (unknownField) {
            case "data" ->
                ", but may be Jaeger's own JSON: read it from Jaeger (jaeger:URL?service=NAME) or export OTLP";
            case "traceId", "id", "parentId" -> ", but may be Zipkin's JSON: have the spans exported as OTLP";
            default -> "";
        };
    }

    private void readRequest(JsonParser parser) throws IOException {
        if (parser.currentToken() == JsonToken.START_ARRAY) {
            // people gather requests with jq
            eachObject(parser, "the list of requests", this::readRequest);
            return;
        }
        expectObject(parser, "the request");
        for (String field = parser.nextFieldName(); field != null; field = parser.nextFieldName()) {
            parser.nextToken();
            switch (field) {
                case "resourceSpans", "resource_spans" -> {
                    tracesSeen = true;
                    eachObject(parser, field, this::readResourceSpans);
                }
                case "result" -> readRequest(parser);
                case "resourceMetrics",
                        "resource_metrics",
                        "resourceLogs",
                        "resource_logs",
                        "resourceProfiles",
                        "resource_profiles" -> {
                    otherSignalSeen = true;
                    parser.skipChildren();
                }
                default -> {
                    unknownField = unknownFieldSeen ? unknownField : field;
                    unknownFieldSeen = true;
                    parser.skipChildren();
                }
            }
        }
    }

    private void readResourceSpans(JsonParser parser) throws IOException {
        request.beginResource();
        for (String field = parser.nextFieldName(); field != null; field = parser.nextFieldName()) {
            parser.nextToken();
            switch (field) {
                case "scopeSpans", "scope_spans", "instrumentationLibrarySpans", "instrumentation_library_spans" ->
                    eachObject(parser, field, this::readScopeSpans);
                case "resource" -> readResource(parser);
                default -> parser.skipChildren();
            }
        }
        if (eachResource != null) {
            request.hand(eachResource);
        }
    }

    private void readResource(JsonParser parser) throws IOException {
        if (parser.currentToken() == JsonToken.VALUE_NULL) {
            return;
        }
        expectObject(parser, "resource");
        resource.clear();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            boolean attributesField = parser.currentName().equals("attributes");
            JsonToken value = parser.nextToken();
            if (!attributesField) {
                parser.skipChildren();
            } else if (value != JsonToken.VALUE_NULL) {
                expect(parser, JsonToken.START_ARRAY, "attributes", "a list");
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    expectObject(parser, "an attribute");
                    attributes.read(parser, resource);
                }
            }
        }
        request.resource(resource.build());
    }

    private void readScopeSpans(JsonParser parser) throws IOException {
        String scope = "";
        for (String field = parser.nextFieldName(); field != null; field = parser.nextFieldName()) {
            parser.nextToken();
            switch (field) {
                case "spans" -> eachObject(parser, field, this::readSpan);
                case "scope", "instrumentationLibrary", "instrumentation_library" -> scope = scopeName(parser);
                default -> parser.skipChildren();
            }
        }
        request.endScope(scope);
    }

    private String scopeName(JsonParser parser) throws IOException {
        String name = "";
        if (parser.currentToken() == JsonToken.START_OBJECT) {
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                boolean isName = parser.currentName().equals("name");
                if (parser.nextToken() == JsonToken.VALUE_STRING && isName) {
                    name = text(parser, "name");
                } else {
                    parser.skipChildren();
                }
            }
        } else {
            parser.skipChildren();
        }
        return name;
    }

    private void readSpan(JsonParser parser) throws IOException {
        TraceId traceId = null;
        long spanId = SpanId.NONE;
        long parentSpanId = SpanId.NONE;
        long flags = 0;
        String name = "";
        Span.Kind kind = Span.Kind.UNSPECIFIED;
        long startEpochNanos = 0;
        long endEpochNanos = Span.NOT_ENDED;
        boolean error = false;
        Sampling sampling = null;
        genAi.clear();
        boolean genAiSeen = false;
        for (String field = parser.nextFieldName(); field != null; field = parser.nextFieldName()) {
            parser.nextToken();
            switch (field) {
                case "traceId", "trace_id" -> traceId = traceId(parser, field);
                case "spanId", "span_id" -> spanId = spanId(parser, field);
                case "parentSpanId", "parent_span_id" -> parentSpanId = spanId(parser, field);
                case "flags" -> flags = OtlpScalars.wholeNumber(parser, field);
                case "traceState", "trace_state" -> sampling = samplings.of(text(parser, field));
                case "name" -> name = text(parser, field);
                case "kind" -> kind = kind(parser);
                case "startTimeUnixNano", "start_time_unix_nano" ->
                    startEpochNanos = OtlpScalars.wholeNumber(parser, field);
                case "endTimeUnixNano", "end_time_unix_nano" -> endEpochNanos = OtlpScalars.wholeNumber(parser, field);
                case "status" -> error = isError(parser);
                case "attributes" -> genAiSeen |= readAttributes(parser);
                default -> parser.skipChildren();
            }
        }
        if (traceId == null) {
            throw new MalformedOtlpException("a span has no traceId");
        }
        if (spanId == SpanId.NONE) {
            throw new MalformedOtlpException("a span has no spanId");
        }
        request.add(
                new Span(
                        traceId,
                        spanId,
                        parentSpanId,
                        OtlpIds.parentIsRemote(flags),
                        name,
                        kind,
                        startEpochNanos,
                        endEpochNanos,
                        error,
                        genAiSeen ? genAi.build() : GenAi.NONE,
                        request.origin(),
                        sampling),
                genAiSeen ? genAi.vocabulary() : null);
    }

    /** Whether at least one attribute is one that statistics read. */
    private boolean readAttributes(JsonParser parser) throws IOException {
        if (parser.currentToken() == JsonToken.VALUE_NULL) {
            return false;
        }
        expect(parser, JsonToken.START_ARRAY, "attributes", "a list");
        boolean seen = false;
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            expectObject(parser, "an attribute");
            seen |= attributes.read(parser, genAi);
        }
        return seen;
    }

    private static Span.Kind kind(JsonParser parser) throws IOException {
        if (parser.currentToken() == JsonToken.VALUE_STRING && parser.getText().startsWith("SPAN_KIND_")) {
            String name = parser.getText().substring("SPAN_KIND_".length());
            for (Span.Kind kind : Span.Kind.values()) {
                if (kind.name().equals(name)) {
                    return kind;
                }
            }
            return Span.Kind.UNSPECIFIED;
        }
        return Span.Kind.ofNumber(OtlpScalars.wholeNumber(parser, "kind"));
    }

    private static boolean isError(JsonParser parser) throws IOException {
        if (parser.currentToken() == JsonToken.VALUE_NULL) {
            return false;
        }
        expectObject(parser, "status");
        boolean error = false;
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            boolean code = parser.currentName().equals("code");
            JsonToken value = parser.nextToken();
            if (!code) {
                parser.skipChildren();
            } else if (value == JsonToken.VALUE_STRING && parser.getText().startsWith("STATUS_CODE_")) {
                error = parser.getText().equals("STATUS_CODE_ERROR");
            } else {
                error = OtlpScalars.wholeNumber(parser, "status.code") == 2;
            }
        }
        return error;
    }

    /** Reads an object; the parser stands on its start, and on its end afterwards. */
    @FunctionalInterface
    private interface ObjectReader {
        void read(JsonParser parser) throws IOException;
    }

    private static void eachObject(JsonParser parser, String field, ObjectReader reader) throws IOException {
        if (parser.currentToken() == JsonToken.VALUE_NULL) {
            return;
        }
        expect(parser, JsonToken.START_ARRAY, field, "a list");
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            expectObject(parser, "an element of " + field);
            reader.read(parser);
        }
    }

    private static void expectObject(JsonParser parser, String what) throws IOException {
        expect(parser, JsonToken.START_OBJECT, what, "an object");
    }

    private static void expect(JsonParser parser, JsonToken token, String what, String shape) throws IOException {
        if (parser.currentToken() != token) {
            throw new MalformedOtlpException(what + " is not " + shape);
        }
    }

    private String text(JsonParser parser, String field) throws IOException {
        return switch (parser.currentToken()) {
            case VALUE_STRING -> texts.of(parser.getTextCharacters(), parser.getTextOffset(), parser.getTextLength());
            case VALUE_NULL -> "";
            default -> throw new MalformedOtlpException(field + " is not a text");
        };
    }

    private TraceId traceId(JsonParser parser, String field) throws IOException {
        if (parser.currentToken() == JsonToken.VALUE_STRING && parser.getTextLength() == TraceId.HEX_DIGITS) {
            char[] characters = parser.getTextCharacters();
            int offset = parser.getTextOffset();
            if (OtlpScalars.isHex(characters, offset, TraceId.HEX_DIGITS)) {
                long high = OtlpScalars.hex(characters, offset);
                long low = OtlpScalars.hex(characters, offset + SpanId.HEX_DIGITS);
                if (high == lastTraceId.high() && low == lastTraceId.low() && (high | low) != 0) {
                    return lastTraceId;
                }
                if ((high | low) != 0) {
                    // spans of one trace stand together more often than not
                    lastTraceId = new TraceId(high, low);
                    return lastTraceId;
                }
            }
        }
        return OtlpIds.traceId(text(parser, field));
    }

    private long spanId(JsonParser parser, String field) throws IOException {
        if (parser.currentToken() == JsonToken.VALUE_STRING && parser.getTextLength() == SpanId.HEX_DIGITS) {
            char[] characters = parser.getTextCharacters();
            int offset = parser.getTextOffset();
            if (OtlpScalars.isHex(characters, offset, SpanId.HEX_DIGITS)) {
                return OtlpScalars.hex(characters, offset);
            }
        }
        String text = text(parser, field);
        return field.startsWith("parent") ? OtlpIds.parentSpanId(text) : OtlpIds.spanId(text);
    }

    private static String firstLine(@Nullable String message) {
        // where a list began says nothing to people as long as its place is not known
        return message == null ? "" : message.lines().findFirst().orElse("").replaceFirst(" \\(start marker at .*", "");
    }
}
