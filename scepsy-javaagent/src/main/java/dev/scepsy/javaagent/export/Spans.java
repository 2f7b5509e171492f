package dev.scepsy.javaagent.export;

import dev.scepsy.javaagent.trace.GenAi;
import dev.scepsy.javaagent.trace.Operation;
import dev.scepsy.javaagent.trace.OperationKind;
import dev.scepsy.planner.span.Span;
import dev.scepsy.planner.span.SpanId;
import dev.scepsy.planner.span.TraceId;
import java.util.function.BiConsumer;

/** Finished operations as the planner's spans. */
final class Spans {

    private Spans() {}

    static Span of(Operation operation) {
        dev.scepsy.planner.span.GenAi.Builder facts = dev.scepsy.planner.span.GenAi.builder();
        forEachAttribute(operation, (key, value) -> {
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

    /** Its own attributes and those every span has: operation, workflow, execution, error. */
    static void forEachAttribute(Operation operation, BiConsumer<String, Object> receiver) {
        receiver.accept(GenAi.OPERATION_NAME, operation.kind().operationName());
        operation.forEachAttribute(receiver);
        Operation root = operation.executionRoot();
        if (root != null) {
            receiver.accept(GenAi.EXECUTION_ID, root.spanId());
            if (operation.kind() != OperationKind.WORKFLOW && root != operation) {
                receiver.accept(GenAi.WORKFLOW_NAME, workflowNameOf(root));
            }
        }
        String errorType = operation.errorType();
        if (errorType != null) {
            receiver.accept(GenAi.ERROR_TYPE, errorType);
        }
    }

    private static Object workflowNameOf(Operation root) {
        Object name = root.get(root.kind() == OperationKind.WORKFLOW ? GenAi.WORKFLOW_NAME : GenAi.AGENT_NAME);
        return name == null ? root.name() : name;
    }
}
