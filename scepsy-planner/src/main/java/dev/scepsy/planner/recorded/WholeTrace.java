package dev.scepsy.planner.recorded;

import dev.scepsy.planner.execution.ExecutionAssembler.Assembly;
import dev.scepsy.planner.span.Span;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** All spans of one trace, and the executions in it. Immutable. */
public final class WholeTrace {

    private final Assembly assembly;
    private final int firstSource;

    /** Of each span, where it was read first; empty where all came from one source. */
    private final Map<Long, Integer> sourceBySpan;

    WholeTrace(Assembly assembly, List<Span> spans, List<Integer> sources) {
        this.assembly = assembly;
        this.firstSource = sources.get(0);
        boolean several = false;
        for (int source : sources) {
            several |= source != firstSource;
        }
        this.sourceBySpan = several ? new HashMap<>(2 * sources.size()) : Map.of();
        for (int i = 0; i < sources.size() && several; i++) {
            sourceBySpan.putIfAbsent(spans.get(i).spanId(), sources.get(i));
        }
    }

    /** Its executions and calls. */
    public Assembly assembly() {
        return assembly;
    }

    /** The number of the source that a span of it came from. */
    int sourceOf(Span span) {
        return sourceBySpan.isEmpty() ? firstSource : sourceBySpan.getOrDefault(span.spanId(), firstSource);
    }
}
