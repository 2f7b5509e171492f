/**
 * A Quarkus application that is traced by the listener module: its models, services and an OpenTelemetry SDK are beans. In: a
 * models' server; out: two answers and the spans of one workflow.
 */
@NullMarked
package dev.scepsy.samples.quarkus;

import org.jspecify.annotations.NullMarked;
