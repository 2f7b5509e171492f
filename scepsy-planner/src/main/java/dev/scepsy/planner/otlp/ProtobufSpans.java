package dev.scepsy.planner.otlp;

import dev.scepsy.planner.span.GenAi;
import dev.scepsy.planner.span.Origin;
import dev.scepsy.planner.span.Sampling;
import dev.scepsy.planner.span.Span;
import dev.scepsy.planner.span.SpanAttribute;
import dev.scepsy.planner.span.SpanId;
import dev.scepsy.planner.span.TraceId;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the spans of an {@code ExportTraceServiceRequest} straight from protobuf's wire format: the same spans as by way of
 * {@link OtlpProtobuf} and {@link OtlpJson}, at a fraction of the work. What statistics do not read is passed over unread. Field
 * numbers are those of {@link OtlpSchema}. Not thread-safe.
 */
final class ProtobufSpans {

    /** Resources that are kept. */
    private static final int MOST_RESOURCES = 20_000;

    private static final ByteKeys<SpanAttribute> SPAN_KEYS = new ByteKeys<>(
            Arrays.stream(SpanAttribute.values()).map(SpanAttribute::key).toArray(String[]::new),
            SpanAttribute.values());
    private static final ByteKeys<String> RESOURCE_KEYS =
            new ByteKeys<>(Origin.KEYS.toArray(String[]::new), Origin.KEYS.toArray(String[]::new));
    private static final int ERROR_STATUS = 2;
    private static final int SHARED = 1 << 10;

    private enum Type {
        NONE,
        TEXT,
        WHOLE_NUMBER,
        DECIMAL
    }

    private final ByteTexts texts = new ByteTexts();
    private final Samplings samplings = new Samplings();
    private final GenAi.Builder genAi = GenAi.builder();
    private final Origin.Builder resource = new Origin.Builder();
    private final GenAi[] sharedGenAi = new GenAi[SHARED];
    private final Map<Origin, Origin> sharedOrigins = new HashMap<>();
    private WireReader wire = new WireReader(new byte[0]);
    private TraceId lastTraceId = new TraceId(0, 0);
    private Origin origin = Origin.UNKNOWN;
    private int keyFrom;
    private int keyTo;
    private Type type = Type.NONE;
    private int textFrom;
    private int textTo;
    private long wholeNumber;
    private double decimal;

    ProtobufSpans() {
        Arrays.fill(sharedGenAi, GenAi.NONE);
    }

    /**
     * Adds the request's spans to {@code spans}; where it throws, some of them.
     *
     * @throws MalformedOtlpException saying what is wrong
     */
    void read(byte[] request, List<? super Span> spans) throws MalformedOtlpException {
        wire = new WireReader(request);
        try {
            for (int field = wire.next(); field != 0; field = wire.next()) {
                if (field == 1) {
                    int from = wire.from();
                    resourceSpans(from, wire.to(), spans);
                }
            }
        } catch (IllegalArgumentException e) {
            throw new MalformedOtlpException(String.valueOf(e.getMessage()));
        }
    }

    /** Spans in a request; 0 where it is none. */
    static int count(byte[] request) {
        WireReader wire = new WireReader(request);
        try {
            return count(wire, 0, request.length, 0);
        } catch (MalformedOtlpException e) {
            return 0;
        }
    }

    /** Spans lie in field 2 of what lies in field 2 of what lies in field 1. */
    private static int count(WireReader wire, int from, int to, int level) throws MalformedOtlpException {
        int returnAt = wire.at();
        int returnEnd = wire.end();
        int wanted = level == 0 ? 1 : 2;
        int count = 0;
        wire.enter(from, to);
        for (int field = wire.next(); field != 0; field = wire.next()) {
            if (field == wanted) {
                int inner = wire.from();
                count += level == 2 ? 1 : count(wire, inner, wire.to(), level + 1);
            }
        }
        if (level > 0) {
            wire.enter(returnAt, returnEnd);
        }
        return count;
    }

    /** The resource may stand behind its spans: it is looked for first. */
    private void resourceSpans(int from, int to, List<? super Span> spans) throws MalformedOtlpException {
        int returnAt = wire.at();
        int returnEnd = wire.end();
        origin = Origin.UNKNOWN;
        wire.enter(from, to);
        for (int field = wire.next(); field != 0; field = wire.next()) {
            if (field == 1) {
                int inner = wire.from();
                resource(inner, wire.to());
            }
        }
        wire.enter(from, to);
        for (int field = wire.next(); field != 0; field = wire.next()) {
            if (field == 2) {
                int inner = wire.from();
                scopeSpans(inner, wire.to(), spans);
            }
        }
        wire.enter(returnAt, returnEnd);
    }

    private void resource(int from, int to) throws MalformedOtlpException {
        int returnAt = wire.at();
        int returnEnd = wire.end();
        resource.clear();
        wire.enter(from, to);
        for (int field = wire.next(); field != 0; field = wire.next()) {
            if (field == 1) {
                int inner = wire.from();
                attribute(inner, wire.to());
                String key = RESOURCE_KEYS.get(wire.bytes, keyFrom, keyTo);
                if (key != null && type == Type.TEXT) {
                    resource.attribute(key, text(textFrom, textTo));
                } else if (key != null && type == Type.WHOLE_NUMBER) {
                    resource.attribute(key, Long.toString(wholeNumber));
                }
            }
        }
        wire.enter(returnAt, returnEnd);
        Origin read = resource.build();
        if (sharedOrigins.size() >= MOST_RESOURCES) {
            sharedOrigins.clear();
        }
        Origin known = sharedOrigins.putIfAbsent(read, read);
        origin = known == null ? read : known;
    }

    private void scopeSpans(int from, int to, List<? super Span> spans) throws MalformedOtlpException {
        int returnAt = wire.at();
        int returnEnd = wire.end();
        wire.enter(from, to);
        for (int field = wire.next(); field != 0; field = wire.next()) {
            if (field == 2) {
                int inner = wire.from();
                spans.add(span(inner, wire.to()));
            }
        }
        wire.enter(returnAt, returnEnd);
    }

    private Span span(int from, int to) throws MalformedOtlpException {
        int returnAt = wire.at();
        int returnEnd = wire.end();
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
        wire.enter(from, to);
        for (int field = wire.next(); field != 0; field = wire.next()) {
            switch (field) {
                case 1 -> traceId = traceId(wire.from(), wire.to());
                case 2 -> spanId = spanId(wire.from(), wire.to());
                case 3 -> sampling = samplings.of(text(wire.from(), wire.to()));
                case 4 -> parentSpanId = spanId(wire.from(), wire.to());
                case 5 -> name = text(wire.from(), wire.to());
                case 6 -> kind = Span.Kind.ofNumber(wire.integer());
                case 7 -> startEpochNanos = wire.fixed64();
                case 8 -> endEpochNanos = wire.fixed64();
                case 9 -> says |= spanAttribute(wire.from(), wire.to());
                case 15 -> error = isError(wire.from(), wire.to());
                case 16 -> flags = wire.fixed32();
                default -> {}
            }
        }
        wire.enter(returnAt, returnEnd);
        if (traceId == null) {
            throw new MalformedOtlpException("a span has no traceId");
        }
        if (spanId == SpanId.NONE) {
            throw new MalformedOtlpException("a span has no spanId");
        }
        return new Span(
                traceId,
                spanId,
                parentSpanId,
                OtlpIds.parentIsRemote(flags),
                name,
                kind,
                startEpochNanos,
                endEpochNanos,
                error,
                says ? shared(genAi.build()) : GenAi.NONE,
                origin,
                sampling);
    }

    /** What counts no tokens says the same again and again: an agent's or a tool's name. A slot holds what came last. */
    private GenAi shared(GenAi read) {
        if (read.inputTokens().isPresent() || read.outputTokens().isPresent() || read.executionId() != SpanId.NONE) {
            return read;
        }
        int hash = read.hashCode();
        int slot = (hash ^ (hash >>> 15)) & (SHARED - 1);
        if (read.equals(sharedGenAi[slot])) {
            return sharedGenAi[slot];
        }
        sharedGenAi[slot] = read;
        return read;
    }

    private boolean spanAttribute(int from, int to) throws MalformedOtlpException {
        attribute(from, to);
        SpanAttribute key = SPAN_KEYS.get(wire.bytes, keyFrom, keyTo);
        if (key == null) {
            return false;
        }
        switch (type) {
            case TEXT -> {
                if (key == SpanAttribute.EXECUTION_ID && isHex(textFrom, textTo)) {
                    genAi.executionId(hex(textFrom));
                } else {
                    genAi.attribute(key, text(textFrom, textTo));
                }
            }
            case WHOLE_NUMBER -> genAi.attribute(key, wholeNumber);
            case DECIMAL -> genAi.attribute(key, decimal);
            case NONE -> {}
        }
        return true;
    }

    /** Notes an attribute's key and value. */
    private void attribute(int from, int to) throws MalformedOtlpException {
        int returnAt = wire.at();
        int returnEnd = wire.end();
        keyFrom = 0;
        keyTo = 0;
        type = Type.NONE;
        wire.enter(from, to);
        for (int field = wire.next(); field != 0; field = wire.next()) {
            if (field == 1) {
                keyFrom = wire.from();
                keyTo = wire.to();
            } else if (field == 2) {
                int inner = wire.from();
                value(inner, wire.to());
            }
        }
        wire.enter(returnAt, returnEnd);
    }

    private void value(int from, int to) throws MalformedOtlpException {
        int returnAt = wire.at();
        int returnEnd = wire.end();
        type = Type.NONE;
        wire.enter(from, to);
        for (int field = wire.next(); field != 0; field = wire.next()) {
            switch (field) {
                case 1 -> {
                    type = Type.TEXT;
                    textFrom = wire.from();
                    textTo = wire.to();
                }
                case 3 -> {
                    type = Type.WHOLE_NUMBER;
                    wholeNumber = wire.integer();
                }
                case 4 -> {
                    type = Type.DECIMAL;
                    decimal = wire.decimal();
                }
                default -> {}
            }
        }
        wire.enter(returnAt, returnEnd);
    }

    private boolean isError(int from, int to) throws MalformedOtlpException {
        int returnAt = wire.at();
        int returnEnd = wire.end();
        boolean error = false;
        wire.enter(from, to);
        for (int field = wire.next(); field != 0; field = wire.next()) {
            if (field == 3) {
                error = wire.integer() == ERROR_STATUS;
            }
        }
        wire.enter(returnAt, returnEnd);
        return error;
    }

    private TraceId traceId(int from, int to) throws MalformedOtlpException {
        int length = to - from;
        if (length == 0 || length > 2 * Long.BYTES) {
            throw new MalformedOtlpException("a traceId is not of 16 bytes");
        }
        int lowFrom = Math.max(from, to - Long.BYTES);
        long high = number(from, lowFrom);
        long low = number(lowFrom, to);
        if ((high | low) == 0) {
            throw new MalformedOtlpException("a traceId is all zeros");
        }
        // spans of one trace stand together more often than not
        if (high != lastTraceId.high() || low != lastTraceId.low()) {
            lastTraceId = new TraceId(high, low);
        }
        return lastTraceId;
    }

    private long spanId(int from, int to) throws MalformedOtlpException {
        if (to - from > Long.BYTES) {
            throw new MalformedOtlpException("a spanId is not of 8 bytes");
        }
        return number(from, to);
    }

    /** Big-endian. */
    private long number(int from, int to) {
        long number = 0;
        for (int i = from; i < to; i++) {
            number = (number << Byte.SIZE) | (wire.bytes[i] & 0xFF);
        }
        return number;
    }

    private boolean isHex(int from, int to) {
        if (to - from != SpanId.HEX_DIGITS) {
            return false;
        }
        for (int i = from; i < to; i++) {
            if (wire.bytes[i] < 0 || Character.digit(wire.bytes[i], 16) < 0) {
                return false;
            }
        }
        return true;
    }

    private long hex(int from) {
        long number = 0;
        for (int i = from; i < from + SpanId.HEX_DIGITS; i++) {
            number = (number << 4) | Character.digit(wire.bytes[i], 16);
        }
        return number;
    }

    private @Nullable String textOrNull(int from, int to) {
        for (int i = from; i < to; i++) {
            if (wire.bytes[i] < 0) {
                return null;
            }
        }
        return texts.of(wire.bytes, from, to);
    }

    private String text(int from, int to) throws MalformedOtlpException {
        if (to - from > OtlpJson.LONGEST_TEXT) {
            throw new MalformedOtlpException("a text is longer than " + OtlpJson.LONGEST_TEXT + " bytes");
        }
        String ascii = textOrNull(from, to);
        return ascii != null ? ascii : new String(wire.bytes, from, to - from, StandardCharsets.UTF_8);
    }
}
