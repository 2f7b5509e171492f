package dev.scepsy.javaagent.trace;

import java.util.function.BiConsumer;

/** All attributes of an ended operation's span: its own, and those every span has (operation, workflow, execution, error). */
public final class SpanAttributes {

    private SpanAttributes() {}

    /** Those for export: with content, where that is captured. */
    public static void forEachExported(Operation operation, BiConsumer<String, Object> receiver) {
        forEach(operation, receiver);
        operation.content().forEach((key, text) -> receiver.accept(key, text.get()));
    }

    /** Values are String, Long, Double, Boolean, or List of String. */
    public static void forEach(Operation operation, BiConsumer<String, Object> receiver) {
        operation.describe();
        receiver.accept(GenAi.OPERATION_NAME, operation.kind().operationName());
        Conventions conventions = operation.tracer().conventions();
        operation.forEachAttribute((key, value) -> {
            String name = conventions.nameOf(key);
            if (name != null) {
                receiver.accept(name, value);
            }
        });
        Operation root = operation.executionRoot();
        if (root != null) {
            receiver.accept(GenAi.EXECUTION_ID, root.spanId());
            if (operation.kind() != OperationKind.WORKFLOW && !operation.isExecutionRoot()) {
                receiver.accept(GenAi.WORKFLOW_NAME, root.workflowName());
            }
        }
        String errorType = operation.errorType();
        if (errorType != null) {
            receiver.accept(GenAi.ERROR_TYPE, errorType);
        }
    }
}
