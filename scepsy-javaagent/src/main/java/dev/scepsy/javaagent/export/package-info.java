/**
 * Where finished operations go: every one to the in-process planner, the sampled ones as OpenTelemetry spans to OTLP. In:
 * operations, from any thread, never blocked; out: records and spans, from one daemon thread.
 */
@NullMarked
package dev.scepsy.javaagent.export;

import org.jspecify.annotations.NullMarked;
