package dev.scepsy.planner;

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
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Traces in which an execution may still be running. An execution settles a while after the end of its root was recorded; one
 * whose root does not come is let go by age, and those that have been silent for longest when too many spans are held. Both count
 * as incomplete: {@code timedOut}, or {@code spansDropped} because this table dropped them.
 *
 * <p>Spans that come after their execution has settled, such as the exporter's copy of a span that the advice recorded, are
 * recognised and ignored. Used by one thread.
 */
final class OpenExecutions {

    private final LongSupplier nanoTime;
    private final long settleNanos;
    private final AgingTable<OpenTrace> open;
    private final AgingTable<SettledSpans> settled;
    private final Queue<Due> due = new ArrayDeque<>();
    private long ignoredSpans;

    OpenExecutions(LiveStatisticsConfig config, LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        settleNanos = config.settleAfter().toNanos();
        open = new AgingTable<>(config.maxOpenSpans(), config.openFor().toNanos());
        settled = new AgingTable<>(config.maxOpenSpans(), config.openFor().toNanos());
    }

    /** Spans of executions that have not settled, with when the roots among them came; most traces have one. */
    private static final class OpenTrace extends AgingTable.Held {
        final List<Span> spans = new ArrayList<>(1);
        private long root = SpanId.NONE;
        private long arrivedAtNanos;
        private @Nullable Map<Long, Long> furtherRoots;

        OpenTrace(TraceId id) {
            super(id);
        }

        @Override
        int weight() {
            return spans.size();
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

    private record Due(OpenTrace trace, long atNanos) {}

    /** Takes one span. */
    void add(Span span) {
        SettledSpans known = settled.get(span.traceId());
        if (known != null && known.covers(span)) {
            ignoredSpans++;
            return;
        }
        OpenTrace trace = open.get(span.traceId());
        if (trace == null) {
            trace = new OpenTrace(span.traceId());
        }
        long now = nanoTime.getAsLong();
        trace.spans.add(span);
        open.put(trace, now);
        if (mayBeRoot(span)) {
            trace.arrived(span.spanId(), now);
            due.add(new Due(trace, now + settleNanos));
        }
    }

    /** Hands on the executions that have settled by now, or all that have ended when {@code atOnce}, and those let go. */
    void settle(boolean atOnce, Consumer<? super Execution> sink) {
        long now = nanoTime.getAsLong();
        open.letGo(now, (trace, aged) -> letGo(trace, aged, sink));
        settled.letGo(now, (spans, aged) -> {});
        if (atOnce) {
            due.clear();
            open.values().forEach(trace -> settle(trace, Long.MAX_VALUE, sink));
        }
        while (!due.isEmpty() && due.element().atNanos() - now <= 0) {
            OpenTrace trace = due.remove().trace();
            if (trace.isHeld()) {
                settle(trace, now, sink);
            }
        }
    }

    /** Spans held. */
    long spanCount() {
        return open.weight();
    }

    /** Spans that came after their execution had settled. */
    long ignoredSpans() {
        return ignoredSpans;
    }

    private void settle(OpenTrace trace, long now, Consumer<? super Execution> sink) {
        List<Assembled> waiting = new ArrayList<>();
        List<Span> done = new ArrayList<>();
        for (Assembled assembled : ExecutionAssembler.assemble(trace.spans)) {
            Long arrival = trace.arrival(assembled.execution().id().rootSpanId());
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
            remember(trace.traceId(), trace.spans);
            open.remove(trace);
        } else {
            remember(trace.traceId(), done);
            trace.spans.removeAll(Set.copyOf(done));
            open.put(trace, nanoTime.getAsLong());
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

    private void letGo(OpenTrace trace, boolean aged, Consumer<? super Execution> sink) {
        for (Assembled assembled : ExecutionAssembler.assemble(trace.spans)) {
            Execution execution = assembled.execution();
            if (execution instanceof Execution.Incomplete incomplete
                    && incomplete.reason() == IncompleteReason.ROOT_MISSING) {
                // only ended spans are recorded: a root that did not come in time is one that did not end in time
                sink.accept(incomplete.because(aged ? IncompleteReason.TIMED_OUT : IncompleteReason.SPANS_DROPPED));
            } else if (execution instanceof Execution.Complete complete && !aged && !isWhole(trace, assembled)) {
                sink.accept(new Execution.Incomplete(
                        complete.id(), complete.workflow(), IncompleteReason.SPANS_DROPPED, complete.origin()));
            } else {
                sink.accept(execution);
            }
        }
        remember(trace.traceId(), trace.spans);
    }

    private void remember(TraceId traceId, List<Span> spans) {
        SettledSpans known = settled.get(traceId);
        settled.put(known == null ? SettledSpans.of(traceId, spans) : known.with(spans), nanoTime.getAsLong());
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
