package dev.scepsy.javaagent.export;

import dev.scepsy.javaagent.trace.Operation;
import dev.scepsy.javaagent.trace.SpanAttributes;
import dev.scepsy.planner.span.GenAi;
import dev.scepsy.planner.span.Span;
import dev.scepsy.planner.span.SpanId;
import dev.scepsy.planner.span.TraceId;

/** Finished operations as the planner's spans. */
final class Spans {

    private Spans() {}

    static Span of(Operation operation) {
        GenAi.Builder facts = GenAi.builder();
        SpanAttributes.forEach(operation, (key, value) -> {
            if (value instanceof String text) {
                facts.attribute(key, text);
            } else if (value instanceof Long number) {
                facts.attribute(key, number.longValue());
            } else if (value instanceof Double number) {
                facts.attribute(key, number.doubleValue());
            }
        });
        Operation parent = operation.parent();
        return Span.builder(new TraceId(operation.traceIdHigh(), operation.traceIdLow()), operation.spanIdBits())
                .parent(parent == null ? SpanId.NONE : parent.spanIdBits())
                .name(operation.name())
                .kind(operation.kind().isClient() ? Span.Kind.CLIENT : Span.Kind.INTERNAL)
                .startEpochNanos(operation.startEpochNanos())
                .endEpochNanos(operation.endEpochNanos())
                .error(operation.errorType() != null)
                .genAi(facts.build())
                .build();
    }
}
