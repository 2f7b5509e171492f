package dev.scepsy.planner;

import dev.scepsy.planner.span.Span;
import dev.scepsy.planner.span.SpanId;
import dev.scepsy.planner.span.TraceId;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/** Ids of the spans of one trace whose executions have settled; eight bytes a span. What it says is immutable. */
final class SettledSpans extends AgingTable.Held {

    private final long[] ascending;

    private SettledSpans(TraceId traceId, long[] ascending) {
        super(traceId);
        this.ascending = ascending;
    }

    static SettledSpans of(TraceId traceId, List<Span> spans) {
        return spans.size() == 1
                ? new SettledSpans(traceId, new long[] {spans.get(0).spanId()})
                : of(traceId, spans.stream().mapToLong(Span::spanId));
    }

    SettledSpans with(List<Span> spans) {
        return of(
                traceId(),
                LongStream.concat(Arrays.stream(ascending), spans.stream().mapToLong(Span::spanId)));
    }

    private static SettledSpans of(TraceId traceId, LongStream ids) {
        return new SettledSpans(traceId, ids.sorted().distinct().toArray());
    }

    @Override
    int weight() {
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
