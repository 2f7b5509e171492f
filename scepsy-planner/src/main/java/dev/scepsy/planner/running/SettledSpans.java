package dev.scepsy.planner.running;

import dev.scepsy.planner.span.Span;
import dev.scepsy.planner.span.SpanId;
import java.util.Arrays;
import java.util.List;

/** Ids of the spans of one trace whose executions have settled. Immutable; eight bytes a span. */
final class SettledSpans {

    /** The span's, its parent's, its execution's. */
    private static final int IDS_OF_ONE = 3;

    private final long[] ascending;

    private SettledSpans(long[] ascending) {
        this.ascending = ascending;
    }

    static SettledSpans of(List<Span> spans) {
        long[] ids = new long[spans.size()];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = spans.get(i).spanId();
        }
        return of(ids, ids.length);
    }

    /** With their parents and executions, which were not seen: what comes of those is late too. */
    static SettledSpans withThoseAbove(List<Span> spans) {
        long[] ids = new long[IDS_OF_ONE * spans.size()];
        int count = 0;
        for (Span span : spans) {
            ids[count++] = span.spanId();
            if (span.hasParent()) {
                ids[count++] = span.parentSpanId();
            }
            if (span.genAi().executionId() != SpanId.NONE) {
                ids[count++] = span.genAi().executionId();
            }
        }
        return of(ids, count);
    }

    SettledSpans with(SettledSpans others) {
        long[] ids = Arrays.copyOf(ascending, ascending.length + others.ascending.length);
        System.arraycopy(others.ascending, 0, ids, ascending.length, others.ascending.length);
        return of(ids, ids.length);
    }

    /** Sorted, each once. */
    private static SettledSpans of(long[] ids, int count) {
        Arrays.sort(ids, 0, count);
        int distinct = 0;
        for (int i = 0; i < count; i++) {
            if (i == 0 || ids[i] != ids[i - 1]) {
                ids[distinct++] = ids[i];
            }
        }
        return new SettledSpans(distinct == ids.length ? ids : Arrays.copyOf(ids, distinct));
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
