package dev.scepsy.planner.otlp;

import dev.scepsy.planner.otlp.PlainJson.NotPlain;
import dev.scepsy.planner.span.GenAi;
import dev.scepsy.planner.span.Origin;
import dev.scepsy.planner.span.Sampling;
import dev.scepsy.planner.span.Span;
import dev.scepsy.planner.span.SpanAttribute;
import dev.scepsy.planner.span.SpanId;
import dev.scepsy.planner.span.TraceId;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads requests as exporters and Collectors write them, about twice as fast as a whole JSON parser does. What is not so
 * (further signals, ids in base64, keys behind values, escapes in names, broken JSON) it leaves to {@link OtlpJson}: the result
 * is the same, whoever read it. Not thread-safe.
 */
final class PlainRequest {

    private enum Field {
        TRACE_ID,
        SPAN_ID,
        PARENT_SPAN_ID,
        FLAGS,
        TRACE_STATE,
        NAME,
        KIND,
        START,
        END,
        STATUS,
        ATTRIBUTES
    }

    private enum Value {
        TEXT,
        WHOLE_NUMBER,
        DECIMAL,
        /** A text that is the hex of a span id. */
        ID
    }

    private static final String[] FIELD_NAMES = {
        "traceId",
        "trace_id",
        "spanId",
        "span_id",
        "parentSpanId",
        "parent_span_id",
        "flags",
        "traceState",
        "trace_state",
        "name",
        "kind",
        "startTimeUnixNano",
        "start_time_unix_nano",
        "endTimeUnixNano",
        "end_time_unix_nano",
        "status",
        "attributes"
    };
    private static final ByteKeys<Field> FIELDS = new ByteKeys<>(FIELD_NAMES, new Field[] {
        Field.TRACE_ID,
        Field.TRACE_ID,
        Field.SPAN_ID,
        Field.SPAN_ID,
        Field.PARENT_SPAN_ID,
        Field.PARENT_SPAN_ID,
        Field.FLAGS,
        Field.TRACE_STATE,
        Field.TRACE_STATE,
        Field.NAME,
        Field.KIND,
        Field.START,
        Field.START,
        Field.END,
        Field.END,
        Field.STATUS,
        Field.ATTRIBUTES
    });
    private static final ByteKeys<Value> VALUES = new ByteKeys<>(
            new String[] {"stringValue", "string_value", "intValue", "int_value", "doubleValue", "double_value"},
            new Value[] {Value.TEXT, Value.TEXT, Value.WHOLE_NUMBER, Value.WHOLE_NUMBER, Value.DECIMAL, Value.DECIMAL});
    private static final ByteKeys<SpanAttribute> SPAN_KEYS = new ByteKeys<>(
            Arrays.stream(SpanAttribute.values()).map(SpanAttribute::key).toArray(String[]::new),
            SpanAttribute.values());
    private static final ByteKeys<String> RESOURCE_KEYS =
            new ByteKeys<>(Origin.KEYS.toArray(String[]::new), Origin.KEYS.toArray(String[]::new));
    private static final String KIND_PREFIX = "SPAN_KIND_";
    private static final String STATUS_PREFIX = "STATUS_CODE_";
    private static final int ERROR_STATUS = 2;

    private final RequestSpans spans;
    private final PlainJson json = new PlainJson();
    private final ByteTexts texts = new ByteTexts();
    private final GenAi.Builder genAi = GenAi.builder();
    private final Samplings samplings = new Samplings();
    private final Origin.Builder resource = new Origin.Builder();
    private TraceId lastTraceId = new TraceId(0, 0);
    private @Nullable Value type;
    private String text = "";
    private long wholeNumber;
    private double decimal;

    /** @param spans takes what is read */
    PlainRequest(RequestSpans spans) {
        this.spans = spans;
    }

    /** Whether the text is a request of the plain kind, and all of its spans are taken; if not, some may be. */
    boolean read(byte[] bytes, int offset, int length) {
        try {
            json.begin(bytes, offset, length);
            json.pass('{');
            json.name();
            if (!is("resourceSpans") && !is("resource_spans")) {
                return false;
            }
            json.pass('[');
            for (boolean first = true; json.element(first); first = false) {
                json.pass('{');
                resourceSpans();
            }
            json.pass('}');
            return json.isAtEnd();
        } catch (NotPlain e) {
            return false;
        }
    }

    private void resourceSpans() throws NotPlain {
        spans.beginResource();
        for (boolean first = true; json.member(first); first = false) {
            json.name();
            if (is("scopeSpans") || is("scope_spans")) {
                json.pass('[');
                for (boolean firstScope = true; json.element(firstScope); firstScope = false) {
                    json.pass('{');
                    scopeSpans();
                }
            } else if (is("resource")) {
                json.pass('{');
                resource();
            } else if (is("instrumentationLibrarySpans") || is("instrumentation_library_spans")) {
                throw PlainJson.givesUp();
            } else {
                json.skip();
            }
        }
    }

    private void resource() throws NotPlain {
        resource.clear();
        for (boolean first = true; json.member(first); first = false) {
            json.name();
            if (!is("attributes")) {
                json.skip();
                continue;
            }
            json.pass('[');
            for (boolean firstAttribute = true; json.element(firstAttribute); firstAttribute = false) {
                String key = attribute(RESOURCE_KEYS);
                if (key != null && type == Value.TEXT) {
                    resource.attribute(key, text);
                } else if (key != null && type == Value.WHOLE_NUMBER) {
                    resource.attribute(key, Long.toString(wholeNumber));
                }
            }
        }
        spans.resource(resource.build());
    }

    private void scopeSpans() throws NotPlain {
        String scope = "";
        for (boolean first = true; json.member(first); first = false) {
            json.name();
            if (is("spans")) {
                json.pass('[');
                for (boolean firstSpan = true; json.element(firstSpan); firstSpan = false) {
                    json.pass('{');
                    span();
                }
            } else if (is("scope")) {
                scope = scope();
            } else if (is("instrumentationLibrary") || is("instrumentation_library")) {
                throw PlainJson.givesUp();
            } else {
                json.skip();
            }
        }
        spans.endScope(scope);
    }

    private String scope() throws NotPlain {
        String name = "";
        json.pass('{');
        for (boolean first = true; json.member(first); first = false) {
            json.name();
            if (is("name") && json.peek() == '"') {
                name = text();
            } else {
                json.skip();
            }
        }
        return name;
    }

    private void span() throws NotPlain {
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
        boolean says = false;
        for (boolean first = true; json.member(first); first = false) {
            json.name();
            Field field = FIELDS.get(json.bytes(), json.textFrom(), json.textTo());
            if (field == null) {
                json.skip();
                continue;
            }
            switch (field) {
                case TRACE_ID -> traceId = traceId();
                case SPAN_ID -> spanId = spanId();
                case PARENT_SPAN_ID -> parentSpanId = spanId();
                case FLAGS -> flags = json.wholeNumber();
                case TRACE_STATE -> sampling = samplings.of(text());
                case NAME -> name = text();
                case KIND -> kind = kind();
                case START -> startEpochNanos = json.wholeNumber();
                case END -> endEpochNanos = json.wholeNumber();
                case STATUS -> error = isError();
                case ATTRIBUTES -> says |= attributes();
            }
        }
        if (traceId == null || spanId == SpanId.NONE) {
            throw PlainJson.givesUp();
        }
        spans.add(
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
                        says ? genAi.build() : GenAi.NONE,
                        spans.origin(),
                        sampling),
                says ? genAi.vocabulary() : null);
    }

    /** Whether at least one attribute is one that statistics read. */
    private boolean attributes() throws NotPlain {
        json.pass('[');
        boolean says = false;
        for (boolean first = true; json.element(first); first = false) {
            SpanAttribute key = attribute(SPAN_KEYS);
            says |= key != null;
            if (key != null && type != null) {
                switch (type) {
                    case TEXT -> genAi.attribute(key, text);
                    case WHOLE_NUMBER -> genAi.attribute(key, wholeNumber);
                    case DECIMAL -> genAi.attribute(key, decimal);
                    case ID -> genAi.executionId(wholeNumber);
                }
            }
        }
        return says;
    }

    /** Passes an attribute; its key where it stands in the table, and then its value is set. */
    private <V> @Nullable V attribute(ByteKeys<V> keys) throws NotPlain {
        type = null;
        json.pass('{');
        json.name();
        if (!is("key")) {
            throw PlainJson.givesUp();
        }
        json.string();
        if (!json.textIsPlain()) {
            throw PlainJson.givesUp();
        }
        V key = keys.get(json.bytes(), json.textFrom(), json.textTo());
        json.pass(',');
        json.name();
        if (!is("value")) {
            throw PlainJson.givesUp();
        }
        if (key == null) {
            json.skip();
        } else {
            value(key == SpanAttribute.EXECUTION_ID);
        }
        json.pass('}');
        return key;
    }

    private void value(boolean isId) throws NotPlain {
        json.pass('{');
        for (boolean first = true; json.member(first); first = false) {
            json.name();
            Value kind = VALUES.get(json.bytes(), json.textFrom(), json.textTo());
            if (kind == null) {
                json.skip();
                continue;
            }
            type = kind;
            switch (kind) {
                case TEXT -> {
                    json.string();
                    if (isId && json.isHex(SpanId.HEX_DIGITS)) {
                        type = Value.ID;
                        wholeNumber = json.hex(0);
                    } else {
                        text = textRead();
                    }
                }
                case WHOLE_NUMBER -> wholeNumber = json.wholeNumber();
                case DECIMAL -> {
                    json.number();
                    decimal = Double.parseDouble(texts.of(json.bytes(), json.textFrom(), json.textTo()));
                }
                case ID -> throw PlainJson.givesUp();
            }
        }
    }

    private String text() throws NotPlain {
        json.string();
        return textRead();
    }

    private String textRead() throws NotPlain {
        if (json.textTo() - json.textFrom() > OtlpJson.LONGEST_TEXT) {
            throw PlainJson.givesUp();
        }
        return json.textIsPlain() ? texts.of(json.bytes(), json.textFrom(), json.textTo()) : json.text();
    }

    private TraceId traceId() throws NotPlain {
        json.string();
        if (!json.isHex(TraceId.HEX_DIGITS)) {
            throw PlainJson.givesUp();
        }
        long high = json.hex(0);
        long low = json.hex(SpanId.HEX_DIGITS);
        if ((high | low) == 0) {
            throw PlainJson.givesUp();
        }
        // spans of one trace stand together more often than not
        if (high != lastTraceId.high() || low != lastTraceId.low()) {
            lastTraceId = new TraceId(high, low);
        }
        return lastTraceId;
    }

    /** An id, or none where the text is empty. */
    private long spanId() throws NotPlain {
        json.string();
        if (json.textFrom() == json.textTo()) {
            return SpanId.NONE;
        }
        if (!json.isHex(SpanId.HEX_DIGITS)) {
            throw PlainJson.givesUp();
        }
        return json.hex(0);
    }

    private Span.Kind kind() throws NotPlain {
        if (json.peek() != '"') {
            return Span.Kind.ofNumber(json.wholeNumber());
        }
        String stated = text();
        if (!stated.startsWith(KIND_PREFIX)) {
            throw PlainJson.givesUp();
        }
        for (Span.Kind kind : Span.Kind.values()) {
            if (stated.endsWith(kind.name())
                    && stated.length() == KIND_PREFIX.length() + kind.name().length()) {
                return kind;
            }
        }
        return Span.Kind.UNSPECIFIED;
    }

    private boolean isError() throws NotPlain {
        boolean error = false;
        json.pass('{');
        for (boolean first = true; json.member(first); first = false) {
            json.name();
            if (!is("code")) {
                json.skip();
            } else if (json.peek() != '"') {
                error = json.wholeNumber() == ERROR_STATUS;
            } else {
                String stated = text();
                if (!stated.startsWith(STATUS_PREFIX)) {
                    throw PlainJson.givesUp();
                }
                error = stated.equals("STATUS_CODE_ERROR");
            }
        }
        return error;
    }

    /** Whether the text that was read last is this one. */
    private boolean is(String word) {
        int from = json.textFrom();
        int length = word.length();
        if (json.textTo() - from != length) {
            return false;
        }
        byte[] bytes = json.bytes();
        for (int i = 0; i < length; i++) {
            if (bytes[from + i] != word.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}
