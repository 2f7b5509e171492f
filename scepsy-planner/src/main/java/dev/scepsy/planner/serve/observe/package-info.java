/**
 * Spans to executions to statistics over a window, rates, shares over time, executions kept. In: requests of OTLP; out: {@link dev.scepsy.planner.serve.observe.Observations}.
 *
 * <p>Internal: public for the planner's other packages, changes without notice.
 */
@NullMarked
package dev.scepsy.planner.serve.observe;

import org.jspecify.annotations.NullMarked;
