package dev.scepsy.planner;

import dev.scepsy.planner.execution.Execution;
import dev.scepsy.planner.execution.ExecutionAssembler;
import dev.scepsy.planner.share.ExecutionTally;
import dev.scepsy.planner.share.ShareEstimator;
import dev.scepsy.planner.share.WorkflowShares;
import dev.scepsy.planner.span.Span;
import dev.scepsy.planner.span.TraceId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Traces that are read whole, because the spans of one may be spread over files: holds about 200 bytes a span. Not
 * thread-safe.
 */
public final class RecordedTraces {

    private final Map<TraceId, List<Span>> spansByTrace = new HashMap<>();

    /** Takes one span; several with the same trace and span id are one. */
    public void add(Span span) {
        spansByTrace.computeIfAbsent(span.traceId(), id -> new ArrayList<>(8)).add(span);
    }

    /** Traces held. */
    public int size() {
        return spansByTrace.size();
    }

    /** Hands on the executions of every trace, in no order, and lets go of the trace. */
    public void drainExecutions(Consumer<? super Execution> sink) {
        Iterator<List<Span>> traces = spansByTrace.values().iterator();
        while (traces.hasNext()) {
            ExecutionAssembler.assemble(traces.next(), sink);
            traces.remove();
        }
    }

    /** The statistics of all executions; the traces are let go. */
    public WorkflowShares drainShares(ShareEstimator estimator) {
        ExecutionTally tally = new ExecutionTally();
        drainExecutions(tally::add);
        return tally.estimate(estimator);
    }
}
