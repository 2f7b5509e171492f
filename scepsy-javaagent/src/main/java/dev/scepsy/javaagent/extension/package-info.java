/**
 * The same instrumentation as an extension of the OpenTelemetry Java agent: its SDK, its exporters, its context; one transformer
 * beside its own. In: the agent's start; out: the first look, registered.
 */
@NullMarked
package dev.scepsy.javaagent.extension;

import org.jspecify.annotations.NullMarked;
