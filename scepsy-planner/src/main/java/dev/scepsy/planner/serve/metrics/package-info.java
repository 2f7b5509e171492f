/**
 * What the service publishes of itself: {@code GET /metrics}, and spans of its own stages. In: the other rooms' counts; out: Prometheus text, OTLP.
 *
 * <p>Internal: public for the planner's other packages, changes without notice.
 */
@NullMarked
package dev.scepsy.planner.serve.metrics;

import org.jspecify.annotations.NullMarked;
