/**
 * Spans that join another OpenTelemetry in the same JVM: the application's own SDK, or the OpenTelemetry agent. In: operations;
 * out: spans of that SDK with the same ids. The only package that names the OpenTelemetry API of somebody else.
 */
@NullMarked
package dev.scepsy.javaagent.join;

import org.jspecify.annotations.NullMarked;
