/** One finished operation, from whichever door it came: our agent, OTLP, a file, Jaeger. In: nothing; out: the Span value. */
@NullMarked
package dev.scepsy.planner.span;

import org.jspecify.annotations.NullMarked;
