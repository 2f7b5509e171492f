package dev.scepsy.planner.serve.observe;

import dev.scepsy.planner.execution.Execution;
import dev.scepsy.planner.execution.ExecutionAssembler.Assembled;
import dev.scepsy.planner.execution.RootRule;
import dev.scepsy.planner.running.OpenExecutions;
import dev.scepsy.planner.serve.settings.ServeSettings.StatisticsSettings;
import dev.scepsy.planner.share.ExecutionShares;
import dev.scepsy.planner.share.WorkflowKey;
import dev.scepsy.planner.span.Sampling;
import dev.scepsy.planner.span.Span;
import dev.scepsy.planner.span.SpanId;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Spans to executions to windows. Settling goes by a clock that never goes back and never jumps; whether an execution is too old, or of the
 * future, by the service's time. Used by one thread at a time; takes the windows' monitor for as long as settled executions
 * are added.
 */
final class Folding {

    /** How far clocks may be ahead. */
    private static final Duration AHEAD = Duration.ofMinutes(5);

    /** A trace stands for so many at most. */
    private static final double MOST_TRACES = 1e6;

    /** Spans of open executions, at least. */
    private static final long LEAST_OPEN_SPANS = 50_000;

    private static final int SPANS_PER_EXECUTION = 20;

    /** Of the heap, what an open span takes at most; a quarter of the heap is theirs. */
    private static final int SPAN_BYTES = 200;

    private final Windows windows;
    private final InstantSource clock;
    private final LongSupplier steadyNanos;
    private final ObserverCounts counts;
    private final Duration window;
    private final double samplingRatio;
    private final OpenExecutions.Limits limits;
    private OpenExecutions open;
    private long lateBefore;

    Folding(
            StatisticsSettings settings,
            Windows windows,
            InstantSource clock,
            LongSupplier steadyNanos,
            ObserverCounts counts) {
        this.windows = windows;
        this.clock = clock;
        this.steadyNanos = steadyNanos;
        this.counts = counts;
        window = settings.window();
        samplingRatio = settings.samplingRatio();
        limits = new OpenExecutions.Limits(
                settings.settle(),
                settings.open(),
                Math.max(
                        LEAST_OPEN_SPANS,
                        Math.min(
                                (long) SPANS_PER_EXECUTION * settings.openExecutions(),
                                Runtime.getRuntime().maxMemory() / 4 / SPAN_BYTES)),
                settings.openExecutions(),
                rule(settings.root()));
        open = new OpenExecutions(limits, steadyNanos);
    }

    private static RootRule rule(String root) {
        if (root.startsWith("span:")) {
            return new RootRule.SpanNamed(root.substring("span:".length()));
        }
        return root.equals("topmost") ? RootRule.TOPMOST : RootRule.DEFAULT;
    }

    /** Begins anew: what is open is forgotten. */
    void clear() {
        open = new OpenExecutions(limits, steadyNanos);
        lateBefore = 0;
    }

    void add(List<Span> spans) {
        for (Span span : spans) {
            open.add(span);
        }
    }

    /** Adds what has settled by now to the windows, or all that has ended when {@code atOnce}; the executions added, in order of end. */
    List<FoldedExecution> settle(boolean atOnce) {
        List<Assembled> executions = new ArrayList<>();
        open.settle(atOnce, executions::add);
        List<FoldedExecution> folded = new ArrayList<>();
        if (!executions.isEmpty()) {
            executions.sort(Comparator.comparingLong(Folding::endOf));
            List<@Nullable ExecutionShares> shares = new ArrayList<>(executions.size());
            for (Assembled each : executions) {
                shares.add(
                        each.execution() instanceof Execution.Complete complete
                                ? ExecutionShares.withAgents(complete)
                                : null);
            }
            Instant now = clock.instant();
            long steady = steadyNanos.getAsLong();
            synchronized (windows) {
                for (int i = 0; i < executions.size(); i++) {
                    FoldedExecution one = fold(executions.get(i), shares.get(i), now, steady);
                    if (one != null) {
                        folded.add(one);
                    }
                }
            }
        }
        counts.execution("late", open.ignoredSpans() - lateBefore);
        lateBefore = open.ignoredSpans();
        return folded;
    }

    private @Nullable FoldedExecution fold(
            Assembled assembled, @Nullable ExecutionShares shares, Instant now, long steady) {
        Execution execution = assembled.execution();
        Instant end = Instant.ofEpochSecond(0, endOf(assembled));
        if (end.isBefore(now.minus(window))) {
            counts.execution("tooOld", 1);
            return null;
        }
        if (end.isAfter(now.plus(AHEAD))) {
            counts.execution("future", 1);
            return null;
        }
        if (shares != null && !Windows.isUsable(shares)) {
            counts.execution("unusable", 1);
            return null;
        }
        boolean known = execution.id().rootSpanId() != SpanId.NONE;
        if (known && !windows.isNew(execution.id(), endOf(assembled), steady)) {
            counts.execution("late", assembled.spans().size());
            return null;
        }
        WorkflowWindow own = null;
        if (execution.workflow() != null) {
            own = windows.window(
                    new WorkflowKey(execution.workflow(), execution.origin().service()));
            if (own == null) {
                counts.execution("unusable", 1);
                return null;
            }
        }
        double traces = 1 / probability(assembled);
        if (own != null) {
            own.arrived(endOf(assembled), Math.round(traces * RateHour.ONE));
        }
        if (execution instanceof Execution.Incomplete left) {
            counts.execution(left.reason().key(), 1);
            counts.spansDropped.add(assembled.spans().size());
            windows.incomplete(left.reason(), now);
            return null;
        }
        if (own == null || shares == null) {
            return null;
        }
        counts.execution("complete", 1);
        own.add(shares);
        own.stated(shares.targetPerSecond(), shares.weight(), shares.startEpochNanos(), shares.endEpochNanos());
        windows.keep(new ExecutionDocument(assembled, shares));
        return new FoldedExecution(windows.shown(own.key()), shares, traces);
    }

    private double probability(Assembled assembled) {
        Sampling sampling = assembled.root() == null
                ? assembled.spans().get(0).sampling()
                : assembled.root().sampling();
        return Math.max(1 / MOST_TRACES, sampling == null ? samplingRatio : sampling.probability());
    }

    /** Of the root; where it was not seen, of the last span. */
    private static long endOf(Assembled assembled) {
        if (assembled.execution() instanceof Execution.Complete complete) {
            return complete.endEpochNanos();
        }
        if (assembled.root() != null && assembled.root().ended()) {
            return assembled.root().endEpochNanos();
        }
        return assembled.spans().stream().mapToLong(Span::endEpochNanos).max().orElse(0);
    }

    /** Calls {@code each} with every span of an open execution. */
    void forEachOpen(java.util.function.Consumer<? super Span> each) {
        open.forEachOpen(each);
    }

    long openTraces() {
        return open.traceCount();
    }

    long openSpans() {
        return open.spanCount();
    }
}
