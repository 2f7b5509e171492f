package dev.scepsy.javaagent.trace;

import java.util.function.BiConsumer;

/** All attributes of an ended operation's span: its own, and those every span has (operation, workflow, execution, error). */
public final class SpanAttributes {

    private SpanAttributes() {}

    /** Values are String, Long, Double, Boolean, or List of String. */
    public static void forEach(Operation operation, BiConsumer<String, Object> receiver) {
        operation.describe();
        receiver.accept(GenAi.OPERATION_NAME, operation.kind().operationName());
        operation.forEachAttribute(receiver);
        Operation root = operation.executionRoot();
        if (root != null) {
            receiver.accept(GenAi.EXECUTION_ID, root.spanId());
            if (operation.kind() != OperationKind.WORKFLOW && !operation.isExecutionRoot()) {
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
