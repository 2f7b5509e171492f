package dev.scepsy.planner.execution;

import dev.scepsy.planner.span.Span;
import org.jspecify.annotations.Nullable;

/**
 * An innermost model call of a trace, whether or not an execution has it. Immutable.
 *
 * @param span the call
 * @param inExecution whether it belongs to an execution, complete or not
 * @param misplaced the span at which the way up from the call first leaves its parent's time by more than
 *     {@link SpanTree#MISPLACED_NANOS}, the call itself perhaps; null where everything lies inside
 * @param misplacedFrom that span's parent; null where everything lies inside
 */
public record SeenCall(
        Span span,
        boolean inExecution,
        @Nullable Span misplaced,
        @Nullable Span misplacedFrom) {}
