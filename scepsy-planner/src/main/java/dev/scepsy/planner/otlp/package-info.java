/** OTLP at the planner's doors. In: OTLP JSON lines from files, Jaeger's API and HTTP exporters, protobuf from HTTP exporters; out: spans, and the same requests as JSON lines or forwarded unchanged. */
@NullMarked
package dev.scepsy.planner.otlp;

import org.jspecify.annotations.NullMarked;
