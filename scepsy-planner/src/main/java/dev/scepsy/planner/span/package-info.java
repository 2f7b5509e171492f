/**
 * One operation of a trace, from whichever door it came: our agent, OTLP, a file, Jaeger. In: attributes as recorded; out: the Span value with its GenAI facts typed.
 *
 * <p>API.
 */
@NullMarked
package dev.scepsy.planner.span;

import org.jspecify.annotations.NullMarked;
