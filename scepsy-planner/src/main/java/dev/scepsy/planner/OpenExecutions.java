package dev.scepsy.planner;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import dev.scepsy.planner.execution.Execution;
import dev.scepsy.planner.execution.ExecutionAssembler;
import dev.scepsy.planner.execution.ExecutionAssembler.Assembled;
import dev.scepsy.planner.execution.IncompleteReason;
import dev.scepsy.planner.span.Operation;
import dev.scepsy.planner.span.Span;
import dev.scepsy.planner.span.SpanId;
import dev.scepsy.planner.span.TraceId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Traces in which an execution may still be running. An execution settles a while after the end of its root was recorded; one
 * whose root does not come is let go by age, and the least useful ones by weight when too many spans are held. Both count
 * as incomplete: {@code timedOut}, or {@code spansDropped} because this table dropped them.
 *
 * <p>Spans that come after their execution has settled, such as the exporter's copy of a span that the advice recorded, are
 * recognised and ignored. Used by one thread.
 */
final class OpenExecutions {

    private final LongSupplier nanoTime;
    private final long settleNanos;
    private final Cache<TraceId, OpenTrace> open;
    private final Cache<TraceId, SettledSpans> settled;
    private final Map<TraceId, OpenTrace> touched = new LinkedHashMap<>();
    private final Queue<Due> due = new ArrayDeque<>();
    private final Queue<Evicted> evicted = new ArrayDeque<>();
    private long ignoredSpans;

    OpenExecutions(LiveStatisticsConfig config, LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        settleNanos = config.settleAfter().toNanos();
        open = Caffeine.newBuilder()
                .executor(Runnable::run)
                .ticker(nanoTime::getAsLong)
                .maximumWeight(config.maxOpenSpans())
                .weigher((TraceId id, OpenTrace trace) -> trace.spans.size())
                .expireAfterWrite(config.openFor())
                .evictionListener((id, trace, cause) -> {
                    if (trace != null) {
                        evicted.add(new Evicted(trace, cause));
                    }
                })
                .build();
        settled = Caffeine.newBuilder()
                .executor(Runnable::run)
                .ticker(nanoTime::getAsLong)
                .maximumWeight(config.maxOpenSpans())
                .weigher((TraceId id, SettledSpans spans) -> spans.size())
                .expireAfterWrite(config.openFor())
                .build();
    }

    /** Spans of executions that have not settled, with when the roots among them came. */
    private static final class OpenTrace {
        final TraceId id;
        final List<Span> spans = new ArrayList<>();
        final Map<Long, Long> rootArrivals = new HashMap<>();

        OpenTrace(TraceId id) {
            this.id = id;
        }
    }

    private record Due(TraceId traceId, long atNanos) {}

    private record Evicted(OpenTrace trace, RemovalCause cause) {}

    /** Takes one span. */
    void add(Span span) {
        SettledSpans known = settled.getIfPresent(span.traceId());
        if (known != null && known.covers(span)) {
            ignoredSpans++;
            return;
        }
        OpenTrace trace = touched.computeIfAbsent(span.traceId(), id -> {
            OpenTrace held = open.getIfPresent(id);
            return held != null ? held : new OpenTrace(id);
        });
        trace.spans.add(span);
        if (mayBeRoot(span)) {
            long now = nanoTime.getAsLong();
            trace.rootArrivals.putIfAbsent(span.spanId(), now);
            due.add(new Due(span.traceId(), now + settleNanos));
        }
    }

    /** Hands on the executions that have settled by now, or all that have ended when {@code atOnce}, and those let go. */
    void settle(boolean atOnce, Consumer<? super Execution> sink) {
        // weighed anew, and young again
        touched.forEach(open::put);
        touched.clear();
        open.cleanUp();
        long now = nanoTime.getAsLong();
        if (atOnce) {
            due.clear();
            List.copyOf(open.asMap().values()).forEach(trace -> settle(trace, Long.MAX_VALUE, sink));
        }
        while (!due.isEmpty() && due.element().atNanos() - now <= 0) {
            OpenTrace trace = open.getIfPresent(due.remove().traceId());
            if (trace != null) {
                settle(trace, now, sink);
            }
        }
        while (!evicted.isEmpty()) {
            letGo(evicted.remove(), sink);
        }
    }

    /** Spans held. */
    long spanCount() {
        return open.asMap().values().stream()
                .mapToLong(trace -> trace.spans.size())
                .sum();
    }

    /** Spans that came after their execution had settled. */
    long ignoredSpans() {
        return ignoredSpans;
    }

    private void settle(OpenTrace trace, long now, Consumer<? super Execution> sink) {
        List<Assembled> waiting = new ArrayList<>();
        List<Span> done = new ArrayList<>();
        for (Assembled assembled : ExecutionAssembler.assemble(trace.spans)) {
            Long arrival = trace.rootArrivals.get(assembled.execution().id().rootSpanId());
            if (arrival != null
                    && (now == Long.MAX_VALUE || arrival + settleNanos - now <= 0)
                    && isWhole(trace, assembled)) {
                sink.accept(assembled.execution());
                done.addAll(assembled.spans());
            } else {
                waiting.add(assembled);
            }
        }
        if (done.isEmpty()) {
            return;
        }
        if (waiting.isEmpty()) {
            remember(trace.id, trace.spans);
            open.invalidate(trace.id);
        } else {
            remember(trace.id, done);
            trace.spans.removeAll(java.util.Set.copyOf(done));
            open.put(trace.id, trace);
        }
    }

    /** Whether nothing that may still come could be the execution's real root, or end it. */
    private static boolean isWhole(OpenTrace trace, Assembled assembled) {
        if (assembled.execution() instanceof Execution.Incomplete incomplete
                && (incomplete.reason() == IncompleteReason.ROOT_MISSING
                        || incomplete.reason() == IncompleteReason.TIMED_OUT)) {
            return false;
        }
        long rootSpanId = assembled.execution().id().rootSpanId();
        for (Span span : assembled.spans()) {
            if (span.genAi().executionId() == rootSpanId) {
                return true;
            }
        }
        return endsAtTop(trace, rootSpanId);
    }

    private static boolean endsAtTop(OpenTrace trace, long rootSpanId) {
        Map<Long, Span> byId = new HashMap<>();
        trace.spans.forEach(span -> byId.put(span.spanId(), span));
        Span at = byId.get(rootSpanId);
        for (int steps = 0; at != null && steps <= byId.size(); steps++) {
            if (!at.hasParent() || at.parentMayBeMissing()) {
                return true;
            }
            at = byId.get(at.parentSpanId());
        }
        return false;
    }

    private void letGo(Evicted evicted, Consumer<? super Execution> sink) {
        boolean aged = evicted.cause() == RemovalCause.EXPIRED;
        for (Assembled assembled : ExecutionAssembler.assemble(evicted.trace().spans)) {
            Execution execution = assembled.execution();
            if (execution instanceof Execution.Incomplete incomplete
                    && incomplete.reason() == IncompleteReason.ROOT_MISSING) {
                // only ended spans are recorded: a root that did not come in time is one that did not end in time
                sink.accept(incomplete.because(aged ? IncompleteReason.TIMED_OUT : IncompleteReason.SPANS_DROPPED));
            } else if (execution instanceof Execution.Complete complete
                    && !aged
                    && !isWhole(evicted.trace(), assembled)) {
                sink.accept(new Execution.Incomplete(
                        complete.id(), complete.workflow(), IncompleteReason.SPANS_DROPPED, complete.origin()));
            } else {
                sink.accept(execution);
            }
        }
        remember(evicted.trace().id, evicted.trace().spans);
    }

    private void remember(TraceId traceId, List<Span> spans) {
        SettledSpans known = settled.getIfPresent(traceId);
        settled.put(traceId, known == null ? SettledSpans.of(spans) : known.with(spans));
    }

    private static boolean mayBeRoot(Span span) {
        long executionId = span.genAi().executionId();
        if (executionId != SpanId.NONE) {
            return executionId == span.spanId();
        }
        Operation operation = span.genAi().operation();
        return operation == Operation.WORKFLOW
                || operation == Operation.AGENT
                || !span.hasParent()
                || span.parentMayBeMissing();
    }
}
