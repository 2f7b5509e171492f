package dev.scepsy.planner.recorded;

import dev.scepsy.planner.execution.ExecutionAssembler.Assembly;
import dev.scepsy.planner.span.Span;
import java.util.List;

/**
 * All spans of one trace, and the executions in it. Immutable.
 *
 * @param assembly its executions
 * @param spans as they were read, the same span more than once where it was recorded more than once
 * @param sources of each span, the number of its source
 */
public record WholeTrace(Assembly assembly, List<Span> spans, List<Integer> sources) {

    /** The source of one of {@link #spans}, the very object. */
    int sourceOf(Span span) {
        for (int i = 0; i < spans.size(); i++) {
            if (spans.get(i) == span) {
                return sources.get(i);
            }
        }
        return sources.get(0);
    }
}
