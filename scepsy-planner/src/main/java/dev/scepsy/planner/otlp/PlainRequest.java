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

    /** Bytes of an attribute of one value without blanks: <code>{"key":"</code>, then <code>","value":{"</code>, <code>":"</code>, <code>"}}</code>. */
    private static final int BEFORE_KEY = 8;

    private static final int BEFORE_TYPE = 12;
    private static final int BEFORE_VALUE = 3;
    private static final int BEHIND_VALUE = 3;

    /** Names and attributes that are remembered. */
    private static final int MOST_LEARNED = 1 << 11;

    /** A member's name with its colon, as it was read, and what came behind it, of which two are known. */
    private static final class Member {
        final byte[] token;
        final @Nullable Field field;

        @Nullable
        Member next;

        @Nullable
        Member instead;

        Member(byte[] token, @Nullable Field field) {
            this.token = token;
            this.field = field;
        }
    }

    private final RequestSpans spans;
    private final PlainJson json = new PlainJson();
    private final ByteTexts texts = new ByteTexts();
    private final GenAi.Builder genAi = GenAi.builder();
    private final Samplings samplings = new Samplings();
    private final Origin.Builder resource = new Origin.Builder();
    private TraceId lastTraceId = new TraceId(0, 0);
    private byte[] lastTraceText = new byte[0];
    private Member beforeFirst = new Member(new byte[0], null);
    private AttributeShape beforeAttributes = AttributeShape.beginning();
    private int learned;
    private int keyFrom;
    private int keyTo;
    private int typeFrom;
    private int typeTo;
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
        return readLine(bytes, offset, offset + length) == offset + length;
    }

    /** The same of the line that begins there; the line's end, {@code limit} at most, or -1 if it is not of the plain kind. */
    int readLine(byte[] bytes, int offset, int limit) {
        try {
            json.begin(bytes, offset, limit - offset);
            json.pass('{');
            json.name();
            if (!is("resourceSpans") && !is("resource_spans")) {
                return -1;
            }
            json.pass('[');
            for (boolean first = true; json.element(first); first = false) {
                json.pass('{');
                resourceSpans();
            }
            json.pass('}');
            return json.isAtLineEnd() ? json.at() : -1;
        } catch (NotPlain e) {
            return -1;
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
        if (learned > MOST_LEARNED) {
            forget();
        }
        Member member = beforeFirst;
        for (boolean first = true; json.member(first); first = false) {
            member = member(member);
            Field field = member.field;
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

    /** Some programs write attributes in an order that never comes again: what is known of orders must not grow. */
    private void forget() {
        beforeFirst = new Member(new byte[0], null);
        beforeAttributes = AttributeShape.beginning();
        learned = 0;
    }

    /** Passes the name of a span's member, the one behind {@code last}. */
    private Member member(Member last) throws NotPlain {
        for (Member next = last.next; next != null; next = next.instead) {
            if (json.passes(next.token)) {
                return next;
            }
        }
        int from = json.at();
        json.name();
        Field field = FIELDS.get(json.bytes(), json.textFrom(), json.textTo());
        learned++;
        Member read = new Member(Arrays.copyOfRange(json.bytes(), from, json.at()), field);
        // what came behind it before last is forgotten: names that never come again must not gather
        read.instead = last.next;
        if (read.instead != null) {
            read.instead.instead = null;
        }
        last.next = read;
        return read;
    }

    /** Whether at least one attribute is one that statistics read. */
    private boolean attributes() throws NotPlain {
        json.pass('[');
        boolean says = false;
        AttributeShape last = beforeAttributes;
        for (boolean first = true; json.element(first); first = false) {
            int from = json.at();
            AttributeShape shape = known(last, from);
            if (shape != null) {
                says |= shape.key != null;
                last = shape;
                continue;
            }
            json.moveTo(from);
            SpanAttribute key = attribute(SPAN_KEYS);
            says |= key != null;
            shape = learned(last, from, key);
            last = shape != null ? shape : last;
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

    /** Passes an attribute and takes its value if it is like one that came behind {@code last} before; else null, wherever this stands then. */
    private @Nullable AttributeShape known(AttributeShape last, int from) throws NotPlain {
        byte[] bytes = json.bytes();
        AttributeShape shape = last.follower(0);
        for (int i = 1; shape != null; i++) {
            AttributeShape.Likeness likeness = shape.likeness(bytes, from, json.end());
            if (likeness == AttributeShape.Likeness.ALL && shape.key != SpanAttribute.EXECUTION_ID) {
                json.moveTo(from + shape.length());
                if (shape.key != null && shape.isWholeNumber) {
                    genAi.attribute(shape.key, shape.wholeNumber);
                } else if (shape.key != null) {
                    genAi.attribute(shape.key, shape.text);
                }
                return shape;
            }
            if (likeness != AttributeShape.Likeness.NONE) {
                return takesValue(shape, from) ? shape : null;
            }
            shape = last.follower(i);
        }
        return null;
    }

    /** Takes the value of an attribute that is like {@code shape} up to it; whether it is so behind it as well. */
    private boolean takesValue(AttributeShape shape, int from) throws NotPlain {
        json.moveTo(from + shape.valueFrom() - 1);
        long number = 0;
        boolean isId = shape.key == SpanAttribute.EXECUTION_ID && json.passesHex();
        int valueTo = json.at() - 1;
        if (!isId) {
            if (shape.isWholeNumber) {
                number = json.wholeNumber();
            } else {
                json.string();
            }
            valueTo = json.textTo();
        }
        int end = shape.endBehind(json.bytes(), valueTo, json.end());
        if (end < 0) {
            return false;
        }
        json.moveTo(end);
        SpanAttribute key = shape.key;
        if (key == null) {
            return true;
        }
        if (isId) {
            genAi.executionId(json.passedHex());
        } else if (shape.isWholeNumber) {
            genAi.attribute(key, number);
        } else {
            genAi.attribute(key, textRead());
        }
        return true;
    }

    /** Remembers the attribute that was read from there, if another like it could be known by it. */
    private @Nullable AttributeShape learned(AttributeShape last, int from, @Nullable SpanAttribute key) {
        learned++;
        byte[] bytes = json.bytes();
        int to = json.at();
        int valueFrom = json.textFrom();
        int valueTo = json.textTo();
        if (bytes[from] != '{' || bytes[valueFrom - 1] != '"' || bytes[valueTo] != '"') {
            return null;
        }
        if (key == null) {
            // its last text, if that is a value and no name
            byte behind = bytes[valueTo + 1];
            return behind == '}' || behind == ']' || behind == ','
                    ? last.learn(bytes, from, to, valueFrom, valueTo, null, false, "", 0)
                    : null;
        }
        boolean isText = type == Value.TEXT || type == Value.ID;
        boolean isAlone = keyFrom == from + BEFORE_KEY
                && typeFrom == keyTo + BEFORE_TYPE
                && valueFrom == typeTo + BEFORE_VALUE
                && to == valueTo + BEHIND_VALUE;
        return isAlone && (isText || type == Value.WHOLE_NUMBER)
                ? last.learn(bytes, from, to, valueFrom, valueTo, key, !isText, text, wholeNumber)
                : null;
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
        keyFrom = json.textFrom();
        keyTo = json.textTo();
        V key = keys.get(json.bytes(), keyFrom, keyTo);
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
            typeFrom = json.textFrom();
            typeTo = json.textTo();
            Value kind = VALUES.get(json.bytes(), typeFrom, typeTo);
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
        // spans of one trace stand together more often than not
        if (lastTraceText.length > 0 && json.passes(lastTraceText)) {
            return lastTraceId;
        }
        int from = json.at();
        json.string();
        if (!json.isHex(TraceId.HEX_DIGITS)) {
            throw PlainJson.givesUp();
        }
        long high = json.hex(0);
        long low = json.hex(SpanId.HEX_DIGITS);
        if ((high | low) == 0) {
            throw PlainJson.givesUp();
        }
        if (high != lastTraceId.high() || low != lastTraceId.low()) {
            lastTraceId = new TraceId(high, low);
        }
        lastTraceText = Arrays.copyOfRange(json.bytes(), from, json.at());
        return lastTraceId;
    }

    /** An id, or none where the text is empty. */
    private long spanId() throws NotPlain {
        if (json.passesHex()) {
            return json.passedHex();
        }
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
