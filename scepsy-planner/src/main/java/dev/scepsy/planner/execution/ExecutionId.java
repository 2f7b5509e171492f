package dev.scepsy.planner.execution;

import dev.scepsy.planner.span.TraceId;

/**
 * Identity of one run of a workflow. Immutable.
 *
 * @param traceId the trace it ran in
 * @param rootSpanId its outermost workflow span, or what plays that part
 */
public record ExecutionId(TraceId traceId, long rootSpanId) implements Comparable<ExecutionId> {

    @Override
    public int compareTo(ExecutionId other) {
        int byTrace = traceId.compareTo(other.traceId);
        return byTrace != 0 ? byTrace : Long.compareUnsigned(rootSpanId, other.rootSpanId);
    }
}
