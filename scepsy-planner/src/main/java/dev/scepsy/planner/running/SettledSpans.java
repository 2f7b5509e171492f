package dev.scepsy.planner.running;

import dev.scepsy.planner.span.Span;
import dev.scepsy.planner.span.SpanId;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/** Ids of the spans of one trace whose executions have settled. Immutable; eight bytes a span. */
final class SettledSpans {

    private final long[] ascending;

    private SettledSpans(long[] ascending) {
        this.ascending = ascending;
    }

    static SettledSpans of(List<Span> spans) {
        return spans.size() == 1
                ? new SettledSpans(new long[] {spans.get(0).spanId()})
                : of(spans.stream().mapToLong(Span::spanId));
    }

    /** With their parents and executions, which were not seen: what comes of those is late too. */
    static SettledSpans withThoseAbove(List<Span> spans) {
        return of(spans.stream()
                .flatMapToLong(span -> LongStream.of(
                        span.spanId(), span.parentSpanId(), span.genAi().executionId()))
                .filter(id -> id != SpanId.NONE));
    }

    SettledSpans with(SettledSpans others) {
        return of(LongStream.concat(Arrays.stream(ascending), Arrays.stream(others.ascending)));
    }

    private static SettledSpans of(LongStream ids) {
        return new SettledSpans(ids.sorted().distinct().toArray());
    }

    int size() {
        return ascending.length;
    }

    /** Whether the span is one of them, or lies in an execution or below a span of theirs. */
    boolean covers(Span span) {
        long executionId = span.genAi().executionId();
        if (contains(span.spanId()) || (executionId != SpanId.NONE && contains(executionId))) {
            return true;
        }
        return executionId == SpanId.NONE && span.hasParent() && contains(span.parentSpanId());
    }

    private boolean contains(long spanId) {
        return Arrays.binarySearch(ascending, spanId) >= 0;
    }
}
