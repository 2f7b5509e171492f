package dev.scepsy.planner.span;

import org.jspecify.annotations.Nullable;

/**
 * One operation of a trace, from whichever door it came: the agent's advice, OTLP, a file, Jaeger. Holds what statistics
 * need and nothing else, so that recording one is cheap and a million fit in memory. Immutable.
 *
 * @param traceId the trace
 * @param spanId the span, never {@link SpanId#NONE}; together with the trace id its identity
 * @param parentSpanId the nearest enclosing span, or {@link SpanId#NONE}
 * @param parentRemote whether the parent is known to live in another process, so that its absence says nothing
 * @param name the span's name
 * @param kind the span's kind
 * @param startEpochNanos start, nanoseconds since the epoch
 * @param endEpochNanos end, nanoseconds since the epoch; {@link #NOT_ENDED} when it never ended
 * @param error whether its status is ERROR
 * @param genAi what it says about GenAI work
 * @param origin who made it
 * @param sampling how likely its trace was kept; null where it does not say
 */
public record Span(
        TraceId traceId,
        long spanId,
        long parentSpanId,
        boolean parentRemote,
        String name,
        Kind kind,
        long startEpochNanos,
        long endEpochNanos,
        boolean error,
        GenAi genAi,
        Origin origin,
        @Nullable Sampling sampling) {

    /** End of a span that never ended, as OTLP writes it. */
    public static final long NOT_ENDED = 0;

    /** As OpenTelemetry numbers them, from 0. */
    public enum Kind {
        UNSPECIFIED,
        INTERNAL,
        SERVER,
        CLIENT,
        PRODUCER,
        CONSUMER;

        private static final Kind[] BY_NUMBER = values();

        /** The kind that OTLP numbers so; numbers not known are {@link #UNSPECIFIED}. */
        public static Kind ofNumber(long number) {
            return number >= 0 && number < BY_NUMBER.length ? BY_NUMBER[(int) number] : UNSPECIFIED;
        }
    }

    /** @throws IllegalArgumentException if the span has no id */
    public Span {
        if (spanId == SpanId.NONE) {
            throw new IllegalArgumentException("A span of trace (" + traceId + ") has no span id.");
        }
    }

    /** Of a trace that does not say how likely it was kept. */
    public Span(
            TraceId traceId,
            long spanId,
            long parentSpanId,
            boolean parentRemote,
            String name,
            Kind kind,
            long startEpochNanos,
            long endEpochNanos,
            boolean error,
            GenAi genAi,
            Origin origin) {
        this(
                traceId,
                spanId,
                parentSpanId,
                parentRemote,
                name,
                kind,
                startEpochNanos,
                endEpochNanos,
                error,
                genAi,
                origin,
                null);
    }

    /** Starts a span; everything not set is absent. */
    public static Builder builder(TraceId traceId, long spanId) {
        return new Builder(traceId, spanId);
    }

    /** The same span as made by another. */
    public Span from(Origin other) {
        return new Span(
                traceId,
                spanId,
                parentSpanId,
                parentRemote,
                name,
                kind,
                startEpochNanos,
                endEpochNanos,
                error,
                genAi,
                other,
                sampling);
    }

    /** The same span on a clock that goes {@code nanos} later; one that never ended stays so. */
    public Span shifted(long nanos) {
        return new Span(
                traceId,
                spanId,
                parentSpanId,
                parentRemote,
                name,
                kind,
                startEpochNanos + nanos,
                ended() ? endEpochNanos + nanos : NOT_ENDED,
                error,
                genAi,
                origin,
                sampling);
    }

    public boolean hasParent() {
        return parentSpanId != SpanId.NONE;
    }

    public boolean ended() {
        return endEpochNanos != NOT_ENDED;
    }

    /**
     * Whether this is a call to a model: it names one, its operation is none of the others, and it is the caller's side.
     * An engine's own span (SERVER, CONSUMER) annotates the call and is none. A span that does not say its operation is a
     * call if it counts tokens, or if it is a client's that failed.
     */
    public boolean isModelCall() {
        return genAi.model() != null
                && kind != Kind.SERVER
                && kind != Kind.CONSUMER
                && (genAi.operation().isCall()
                        || (genAi.operation() == Operation.NONE && error && kind == Kind.CLIENT));
    }

    /** Whether a missing parent is no loss: it lives in another process. */
    public boolean parentMayBeMissing() {
        return parentRemote || kind == Kind.SERVER || kind == Kind.CONSUMER;
    }

    /** Collects one span; not thread-safe. */
    public static final class Builder {
        private final TraceId traceId;
        private final long spanId;
        private long parentSpanId = SpanId.NONE;
        private boolean parentRemote;
        private String name = "";
        private Kind kind = Kind.INTERNAL;
        private long startEpochNanos;
        private long endEpochNanos = NOT_ENDED;
        private boolean error;
        private @Nullable GenAi genAi;
        private Origin origin = Origin.UNKNOWN;
        private @Nullable Sampling sampling;

        private Builder(TraceId traceId, long spanId) {
            this.traceId = traceId;
            this.spanId = spanId;
        }

        public Builder parent(long parentSpanId) {
            this.parentSpanId = parentSpanId;
            return this;
        }

        public Builder parentRemote(boolean parentRemote) {
            this.parentRemote = parentRemote;
            return this;
        }

        public Builder name(String name) {
            this.name = name;
            return this;
        }

        public Builder kind(Kind kind) {
            this.kind = kind;
            return this;
        }

        public Builder startEpochNanos(long startEpochNanos) {
            this.startEpochNanos = startEpochNanos;
            return this;
        }

        public Builder endEpochNanos(long endEpochNanos) {
            this.endEpochNanos = endEpochNanos;
            return this;
        }

        public Builder error(boolean error) {
            this.error = error;
            return this;
        }

        public Builder genAi(GenAi genAi) {
            this.genAi = genAi;
            return this;
        }

        public Builder origin(Origin origin) {
            this.origin = origin;
            return this;
        }

        public Builder sampling(@Nullable Sampling sampling) {
            this.sampling = sampling;
            return this;
        }

        public Span build() {
            return new Span(
                    traceId,
                    spanId,
                    parentSpanId,
                    parentRemote,
                    name,
                    kind,
                    startEpochNanos,
                    endEpochNanos,
                    error,
                    genAi == null ? GenAi.NONE : genAi,
                    origin,
                    sampling);
        }
    }
}
