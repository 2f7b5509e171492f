package dev.scepsy.planner.recorded;

import dev.scepsy.planner.span.EngineTimes;
import dev.scepsy.planner.span.GenAi;
import dev.scepsy.planner.span.Operation;
import dev.scepsy.planner.span.Origin;
import dev.scepsy.planner.span.Span;
import dev.scepsy.planner.span.SpanId;
import dev.scepsy.planner.span.TraceId;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Spans in some 60 bytes each: ids and the start as they are, lengths of time and counts in as many bytes as they need, texts
 * by number. A codec reads what it has written; writing is for one thread, reading for any number afterwards.
 */
final class SpanCodec {

    /** Texts that get a number; what comes later is written out. */
    private static final int MOST_TEXTS = 200_000;

    private static final int NO_TEXT = 0;
    private static final int WRITTEN_OUT = 1;
    private static final int FIRST_NUMBER = 2;

    private static final int REMOTE_PARENT = 1;
    private static final int ENDED = 1 << 1;
    private static final int ERROR = 1 << 2;
    private static final int GEN_AI = 1 << 3;
    private static final int KIND_SHIFT = 4;

    private static final int INPUT = 1;
    private static final int OUTPUT = 1 << 1;
    private static final int EXECUTION = 1 << 2;
    private static final int BACKOFF = 1 << 3;
    private static final int TARGET = 1 << 4;
    private static final int WEIGHT = 1 << 5;
    private static final int ENGINE = 1 << 6;
    private static final int OPERATION_SHIFT = 7;

    private static final Span.Kind[] KINDS = Span.Kind.values();
    private static final Operation[] OPERATIONS = Operation.values();

    private final Map<String, Integer> numbers = new HashMap<>();
    private final List<String> texts = new ArrayList<>();

    /** Where a span is read from. */
    static final class Input {
        final byte[] bytes;
        final int end;
        int at;

        /** Texts of the origin that was read last. */
        private int service = -1;

        private int instance;
        private int host;
        private Origin origin = Origin.UNKNOWN;

        Input(byte[] bytes, int from, int end) {
            this.bytes = bytes;
            this.at = from;
            this.end = end;
        }

        boolean hasMore() {
            return at < end;
        }
    }

    /** A span and the number of the source that it came from. */
    record Sourced(Span span, int source) {}

    void write(Span span, int source, ByteSink out) {
        GenAi genAi = span.genAi();
        boolean says = !genAi.saysNothing();
        out.fixed(span.traceId().high());
        out.fixed(span.traceId().low());
        out.fixed(span.spanId());
        out.fixed(span.parentSpanId());
        out.fixed(span.startEpochNanos());
        out.varying((span.parentRemote() ? REMOTE_PARENT : 0)
                | (span.ended() ? ENDED : 0)
                | (span.error() ? ERROR : 0)
                | (says ? GEN_AI : 0)
                | (span.kind().ordinal() << KIND_SHIFT));
        if (span.ended()) {
            long duration = span.endEpochNanos() - span.startEpochNanos();
            // zigzag: clocks may go backwards
            out.varying((duration << 1) ^ (duration >> 63));
        }
        out.varying(source);
        text(span.name(), out);
        text(span.origin().service(), out);
        text(span.origin().instance(), out);
        text(span.origin().host(), out);
        if (says) {
            write(genAi, out);
        }
    }

    private void write(GenAi genAi, ByteSink out) {
        EngineTimes engine = genAi.engine();
        out.varying((genAi.inputTokens().isPresent() ? INPUT : 0)
                | (genAi.outputTokens().isPresent() ? OUTPUT : 0)
                | (genAi.executionId() != SpanId.NONE ? EXECUTION : 0)
                | (genAi.backoffNanos() != 0 ? BACKOFF : 0)
                | (genAi.targetPerSecond().isPresent() ? TARGET : 0)
                | (genAi.weight().isPresent() ? WEIGHT : 0)
                | (engine != null ? ENGINE : 0)
                | (genAi.operation().ordinal() << OPERATION_SHIFT));
        text(genAi.model(), out);
        text(genAi.workflow(), out);
        text(genAi.agent(), out);
        genAi.inputTokens().ifPresent(out::varying);
        genAi.outputTokens().ifPresent(out::varying);
        if (genAi.executionId() != SpanId.NONE) {
            out.fixed(genAi.executionId());
        }
        if (genAi.backoffNanos() != 0) {
            out.varying(genAi.backoffNanos());
        }
        genAi.targetPerSecond().ifPresent(value -> out.fixed(Double.doubleToRawLongBits(value)));
        genAi.weight().ifPresent(value -> out.fixed(Double.doubleToRawLongBits(value)));
        if (engine != null) {
            out.varying(engine.queueNanos());
            out.varying(engine.prefillNanos());
            out.varying(engine.decodeNanos());
        }
    }

    private void text(@Nullable String text, ByteSink out) {
        if (text == null) {
            out.varying(NO_TEXT);
            return;
        }
        Integer number = numbers.get(text);
        if (number == null && texts.size() < MOST_TEXTS) {
            number = texts.size() + FIRST_NUMBER;
            numbers.put(text, number);
            texts.add(text);
        }
        if (number != null) {
            out.varying(number);
        } else {
            out.varying(WRITTEN_OUT);
            out.bytes(text.getBytes(StandardCharsets.UTF_8));
        }
    }

    Sourced read(Input in) {
        TraceId traceId = new TraceId(fixed(in), fixed(in));
        long spanId = fixed(in);
        long parentSpanId = fixed(in);
        long start = fixed(in);
        int flags = (int) varying(in);
        long end = Span.NOT_ENDED;
        if ((flags & ENDED) != 0) {
            long duration = varying(in);
            end = start + ((duration >>> 1) ^ -(duration & 1));
        }
        int source = (int) varying(in);
        String name = text(in);
        Origin origin = origin(in);
        Span span = new Span(
                traceId,
                spanId,
                parentSpanId,
                (flags & REMOTE_PARENT) != 0,
                name == null ? "" : name,
                KINDS[flags >> KIND_SHIFT],
                start,
                end,
                (flags & ERROR) != 0,
                (flags & GEN_AI) != 0 ? genAi(in) : GenAi.NONE,
                origin);
        return new Sourced(span, source);
    }

    /** Origins are few: the one that was read last is read again more often than not. */
    private Origin origin(Input in) {
        int from = in.at;
        int service = (int) varying(in);
        int instance = (int) varying(in);
        int host = (int) varying(in);
        if (service == WRITTEN_OUT || instance == WRITTEN_OUT || host == WRITTEN_OUT) {
            in.at = from;
            return new Origin(text(in), text(in), text(in));
        }
        if (service != in.service || instance != in.instance || host != in.host) {
            in.at = from;
            in.origin = new Origin(text(in), text(in), text(in));
            in.service = service;
            in.instance = instance;
            in.host = host;
        }
        return in.origin;
    }

    private GenAi genAi(Input in) {
        int flags = (int) varying(in);
        String model = text(in);
        String workflow = text(in);
        String agent = text(in);
        OptionalLong input = (flags & INPUT) != 0 ? OptionalLong.of(varying(in)) : OptionalLong.empty();
        OptionalLong output = (flags & OUTPUT) != 0 ? OptionalLong.of(varying(in)) : OptionalLong.empty();
        return new GenAi(
                OPERATIONS[flags >> OPERATION_SHIFT],
                model,
                workflow,
                agent,
                (flags & EXECUTION) != 0 ? fixed(in) : SpanId.NONE,
                (flags & BACKOFF) != 0 ? varying(in) : 0,
                input,
                output,
                (flags & TARGET) != 0 ? decimal(in) : OptionalDouble.empty(),
                (flags & WEIGHT) != 0 ? decimal(in) : OptionalDouble.empty(),
                (flags & ENGINE) != 0 ? new EngineTimes(varying(in), varying(in), varying(in)) : null);
    }

    private static OptionalDouble decimal(Input in) {
        return OptionalDouble.of(Double.longBitsToDouble(fixed(in)));
    }

    private @Nullable String text(Input in) {
        int number = (int) varying(in);
        if (number == NO_TEXT) {
            return null;
        }
        if (number >= FIRST_NUMBER) {
            return texts.get(number - FIRST_NUMBER);
        }
        int length = (int) varying(in);
        String text = new String(in.bytes, in.at, length, StandardCharsets.UTF_8);
        in.at += length;
        return text;
    }

    private static long fixed(Input in) {
        long value = (long) ByteSink.LONGS.get(in.bytes, in.at);
        in.at += Long.BYTES;
        return value;
    }

    private static long varying(Input in) {
        long value = 0;
        for (int shift = 0; ; shift += 7) {
            byte next = in.bytes[in.at++];
            value |= (long) (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
        }
    }
}
