/**
 * OTLP at the planner's doors. In: OTLP JSON lines from files, Jaeger's API and HTTP exporters, protobuf from HTTP exporters; out: spans, and the same requests as JSON lines or forwarded unchanged.
 *
 * <p>Internal: public for the planner's other packages, changes without notice.
 */
@NullMarked
package dev.scepsy.planner.otlp;

import org.jspecify.annotations.NullMarked;
