package dev.scepsy.spring;

import io.micrometer.observation.Observation;
import io.micrometer.tracing.Tracer;
import io.micrometer.tracing.handler.TracingObservationHandler;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/**
 * Spring Boot asks its tracing handlers in order, and the first that takes an observation has it alone. This one takes those whose
 * span exists already, and does nothing with them.
 */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class NoSecondSpan implements TracingObservationHandler<ModelObservation>, Ordered {

    @Override
    public boolean supportsContext(Observation.Context context) {
        return context instanceof ModelObservation;
    }

    @Override
    public int getOrder() {
        return Ordered.HIGHEST_PRECEDENCE;
    }

    @Override
    public Tracer getTracer() {
        return Tracer.NOOP;
    }

    @Override
    public void onStart(ModelObservation context) {}

    @Override
    public void onError(ModelObservation context) {}

    @Override
    public void onEvent(Observation.Event event, ModelObservation context) {}

    @Override
    public void onScopeOpened(ModelObservation context) {}

    @Override
    public void onScopeClosed(ModelObservation context) {}

    @Override
    public void onScopeReset(ModelObservation context) {}

    @Override
    public void onStop(ModelObservation context) {}
}
