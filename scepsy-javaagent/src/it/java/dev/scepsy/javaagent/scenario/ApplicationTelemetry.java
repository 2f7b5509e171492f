package dev.scepsy.javaagent.scenario;

import io.opentelemetry.api.GlobalOpenTelemetry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Scope;

/** A span of the application's own around each round, with whatever is behind the OpenTelemetry API. */
final class ApplicationTelemetry implements Telemetry {

    private final Runnable atEnd;
    private final Tracer tracer = GlobalOpenTelemetry.get().getTracer("application");

    ApplicationTelemetry(Runnable atEnd) {
        this.atEnd = atEnd;
    }

    @Override
    public void around(Runnable round) {
        Span span = tracer.spanBuilder("outer").setNoParent().startSpan();
        try (Scope scope = span.makeCurrent()) {
            round.run();
        } finally {
            span.end();
        }
    }

    @Override
    public void close() {
        atEnd.run();
    }
}
