package dev.scepsy.planner.running;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import com.github.benmanes.caffeine.cache.Weigher;
import dev.scepsy.planner.execution.Execution;
import dev.scepsy.planner.execution.ExecutionAssembler;
import dev.scepsy.planner.execution.ExecutionAssembler.Assembled;
import dev.scepsy.planner.execution.IncompleteReason;
import dev.scepsy.planner.execution.RootRule;
import dev.scepsy.planner.span.Operation;
import dev.scepsy.planner.span.Span;
import dev.scepsy.planner.span.SpanId;
import dev.scepsy.planner.span.TraceId;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Traces in which an execution may still be running. An execution settles a while after the end of its root was recorded; one
 * whose root does not come is let go by age; when too many spans are held the least useful traces go, when too many traces, those
 * that have not grown for longest. Both count as incomplete: {@code timedOut}, or {@code spansDropped} because this table dropped
 * them.
 *
 * <p>Spans that come after their execution has settled, such as the exporter's copy of a span that the advice recorded, are
 * recognised and ignored. Used by one thread.
 *
 * <p>The caches' clock moves only when {@link #settle} begins, so that nothing expires between two looks at the same trace.
 */
public final class OpenExecutions {

    private final LongSupplier nanoTime;
    private final long settleNanos;
    private final int mostTraces;
    private final RootRule rule;
    private final Cache<TraceId, OpenTrace> open;
    private final Cache<TraceId, SettledSpans> settled;

    /** Traces that have grown since the last settling; none of them is in the cache, which weighs what it is given. */
    private final Map<TraceId, OpenTrace> touched = new LinkedHashMap<>();

    private final Queue<Due> due = new ArrayDeque<>();
    private final Queue<Evicted> evicted = new ArrayDeque<>();
    private long cacheNanos;
    private long ignoredSpans;

    /**
     * What is waited for, and how much is held.
     *
     * @param settle how long after an execution's root was recorded late spans are waited for
     * @param open how long an execution without an end is waited for after its last span
     * @param mostSpans held for executions that have not settled
     * @param mostTraces likewise
     * @param rule which span begins an execution
     */
    public record Limits(Duration settle, Duration open, long mostSpans, int mostTraces, RootRule rule) {}

    /** @param nanoTime never goes back */
    public OpenExecutions(Limits limits, LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        cacheNanos = nanoTime.getAsLong();
        settleNanos = limits.settle().toNanos();
        mostTraces = limits.mostTraces();
        rule = limits.rule();
        open = this.<OpenTrace>bounded(limits, (id, trace) -> trace.spans.size())
                .evictionListener((id, trace, cause) -> {
                    if (trace != null) {
                        evicted.add(new Evicted(trace, cause));
                    }
                })
                .build();
        settled =
                this.<SettledSpans>bounded(limits, (id, spans) -> spans.size()).build();
    }

    private <V> Caffeine<TraceId, V> bounded(Limits limits, Weigher<TraceId, V> spans) {
        return Caffeine.newBuilder()
                .executor(Runnable::run)
                .ticker(() -> cacheNanos)
                .maximumWeight(limits.mostSpans())
                .weigher(spans)
                .expireAfterWrite(limits.open());
    }

    /** Spans of executions that have not settled, with when the roots among them came; most traces have one. */
    private static final class OpenTrace {
        final TraceId id;
        final List<Span> spans = new ArrayList<>(1);
        private long root = SpanId.NONE;
        private long arrivedAtNanos;
        private @Nullable Map<Long, Long> furtherRoots;

        OpenTrace(TraceId id) {
            this.id = id;
        }

        /** The first time counts. */
        void arrived(long rootSpanId, long nowNanos) {
            if (root == SpanId.NONE) {
                root = rootSpanId;
                arrivedAtNanos = nowNanos;
            } else if (root != rootSpanId) {
                if (furtherRoots == null) {
                    furtherRoots = new HashMap<>();
                }
                furtherRoots.putIfAbsent(rootSpanId, nowNanos);
            }
        }

        /** Null where it has not come. */
        @Nullable
        Long arrival(long rootSpanId) {
            if (root == rootSpanId) {
                return root == SpanId.NONE ? null : (Long) arrivedAtNanos;
            }
            return furtherRoots == null ? null : furtherRoots.get(rootSpanId);
        }
    }

    private record Due(TraceId traceId, long atNanos) {}

    private record Evicted(OpenTrace trace, RemovalCause cause) {}

    /** Takes one span. */
    public void add(Span span) {
        SettledSpans known = held(settled, span.traceId());
        if (known != null && known.covers(span)) {
            ignoredSpans++;
            return;
        }
        OpenTrace trace = touched.get(span.traceId());
        if (trace == null) {
            OpenTrace before = open.asMap().remove(span.traceId());
            trace = before == null ? new OpenTrace(span.traceId()) : before;
            touched.put(trace.id, trace);
        }
        trace.spans.add(span);
        if (mayBeRoot(span)) {
            long now = nanoTime.getAsLong();
            trace.arrived(span.spanId(), now);
            due.add(new Due(trace.id, now + settleNanos));
        }
    }

    /** Hands on the executions that have settled by now, or all that have ended when {@code atOnce}, and those let go. */
    public void settle(boolean atOnce, Consumer<? super Assembled> sink) {
        long now = nanoTime.getAsLong();
        cacheNanos = now;
        open.cleanUp();
        settled.cleanUp();
        touched.forEach(open::put);
        touched.clear();
        letOldestGo();
        if (atOnce) {
            due.clear();
            List.copyOf(open.asMap().values()).forEach(trace -> settle(trace, Long.MAX_VALUE, sink));
        }
        while (!due.isEmpty() && due.element().atNanos() - now <= 0) {
            OpenTrace trace = held(open, due.remove().traceId());
            if (trace != null) {
                settle(trace, now, sink);
            }
        }
        while (!evicted.isEmpty()) {
            letGo(evicted.remove(), sink);
        }
    }

    private void letOldestGo() {
        long tooMany = open.estimatedSize() - mostTraces;
        if (tooMany > 0) {
            open.policy()
                    .expireAfterWrite()
                    .ifPresent(age -> age.oldest((int) tooMany).forEach((id, trace) -> {
                        open.invalidate(id);
                        evicted.add(new Evicted(trace, RemovalCause.SIZE));
                    }));
        }
    }

    /** Without telling the cache: only what is written counts for age and use. */
    private static <V> @Nullable V held(Cache<TraceId, V> cache, TraceId id) {
        return cache.policy().getIfPresentQuietly(id);
    }

    /** Spans held. */
    public long spanCount() {
        long settled = open.policy()
                .eviction()
                .map(bound -> bound.weightedSize().orElse(0))
                .orElse(0L);
        return settled
                + touched.values().stream()
                        .mapToLong(trace -> trace.spans.size())
                        .sum();
    }

    /** Traces held. */
    public long traceCount() {
        return touched.size() + open.estimatedSize();
    }

    /** Calls {@code each} with every span that is held; nothing is let go. */
    public void forEachOpen(Consumer<? super Span> each) {
        touched.values().forEach(trace -> trace.spans.forEach(each));
        open.asMap().values().forEach(trace -> trace.spans.forEach(each));
    }

    /** Spans that came after their execution had settled. */
    public long ignoredSpans() {
        return ignoredSpans;
    }

    private void settle(OpenTrace trace, long now, Consumer<? super Assembled> sink) {
        List<Assembled> waiting = new ArrayList<>();
        List<Span> done = new ArrayList<>();
        for (Assembled assembled : ExecutionAssembler.assemble(trace.spans, rule)) {
            Long arrival = trace.arrival(assembled.execution().id().rootSpanId());
            if (arrival != null
                    && (now == Long.MAX_VALUE || arrival + settleNanos - now <= 0)
                    && isWhole(trace, assembled)) {
                sink.accept(assembled);
                done.addAll(assembled.spans());
            } else {
                waiting.add(assembled);
            }
        }
        if (done.isEmpty()) {
            return;
        }
        if (waiting.isEmpty()) {
            remember(trace.id, SettledSpans.of(trace.spans));
            open.invalidate(trace.id);
        } else {
            remember(trace.id, SettledSpans.of(done));
            trace.spans.removeAll(Set.copyOf(done));
            open.put(trace.id, trace);
        }
    }

    /** Whether nothing that may still come could be the execution's real root, or end it. */
    private boolean isWhole(OpenTrace trace, Assembled assembled) {
        if (assembled.execution() instanceof Execution.Incomplete incomplete
                && (incomplete.reason() == IncompleteReason.ROOT_MISSING
                        || incomplete.reason() == IncompleteReason.TIMED_OUT)) {
            return false;
        }
        Span root = assembled.root();
        if (root != null && (!root.hasParent() || root.parentMayBeMissing())) {
            return true;
        }
        long rootSpanId = assembled.execution().id().rootSpanId();
        if (rule instanceof RootRule.BySpans) {
            for (Span span : assembled.spans()) {
                if (span.genAi().executionId() == rootSpanId) {
                    return true;
                }
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

    private void letGo(Evicted evicted, Consumer<? super Assembled> sink) {
        OpenTrace trace = evicted.trace();
        boolean aged = evicted.cause() == RemovalCause.EXPIRED;
        for (Assembled assembled : ExecutionAssembler.assemble(trace.spans, rule)) {
            Execution execution = assembled.execution();
            if (execution instanceof Execution.Incomplete incomplete
                    && incomplete.reason() == IncompleteReason.ROOT_MISSING) {
                // only ended spans are recorded: a root that did not come in time is one that did not end in time
                sink.accept(assembled.as(
                        incomplete.because(aged ? IncompleteReason.TIMED_OUT : IncompleteReason.SPANS_DROPPED)));
            } else if (execution instanceof Execution.Complete complete && !aged && !isWhole(trace, assembled)) {
                sink.accept(assembled.as(new Execution.Incomplete(
                        complete.id(), complete.workflow(), IncompleteReason.SPANS_DROPPED, complete.origin())));
            } else {
                sink.accept(assembled);
            }
        }
        remember(trace.id, SettledSpans.withThoseAbove(trace.spans));
    }

    private void remember(TraceId traceId, SettledSpans spans) {
        SettledSpans known = held(settled, traceId);
        settled.put(traceId, known == null ? spans : known.with(spans));
    }

    private boolean mayBeRoot(Span span) {
        boolean top = !span.hasParent() || span.parentMayBeMissing();
        if (rule instanceof RootRule.Topmost) {
            return top;
        }
        if (rule instanceof RootRule.SpanNamed named) {
            return top || span.name().equals(named.name());
        }
        long executionId = span.genAi().executionId();
        if (executionId != SpanId.NONE) {
            return executionId == span.spanId();
        }
        Operation operation = span.genAi().operation();
        return operation == Operation.WORKFLOW || operation == Operation.AGENT || top;
    }
}
