package dev.scepsy.planner.span;

import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One operation of a trace, from whichever door it came. Immutable.
 *
 * @param traceId 32 lower-case hex digits
 * @param spanId 16 lower-case hex digits
 * @param parentSpanId null for a trace's root
 * @param parentRemote whether the parent is known to live in another process
 * @param name the span's name
 * @param kind the span's kind
 * @param startEpochNanos start, nanoseconds since the epoch
 * @param endEpochNanos end, nanoseconds since the epoch; 0 when it never ended
 * @param error whether its status is ERROR
 * @param attributes by key; values are String, Long, Double, Boolean, or List of these
 */
public record Span(
        String traceId,
        String spanId,
        @Nullable String parentSpanId,
        boolean parentRemote,
        String name,
        Kind kind,
        long startEpochNanos,
        long endEpochNanos,
        boolean error,
        Map<String, Object> attributes) {

    /** As OpenTelemetry numbers them, from 0. */
    public enum Kind {
        UNSPECIFIED,
        INTERNAL,
        SERVER,
        CLIENT,
        PRODUCER,
        CONSUMER
    }

    public Span {
        attributes = Map.copyOf(attributes);
    }

    /** The text of an attribute; empty when absent or of another type. */
    public Optional<String> text(String key) {
        return attributes.get(key) instanceof String value ? Optional.of(value) : Optional.empty();
    }
}
