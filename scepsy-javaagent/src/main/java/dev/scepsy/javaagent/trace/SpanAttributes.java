package dev.scepsy.javaagent.trace;

import dev.scepsy.javaagent.host.Stderr;
import java.util.function.BiConsumer;

/** All attributes of an ended operation's span: its own, and those every span has (operation, workflow, execution, error). */
public final class SpanAttributes {

    /** A name of a tool or an agent, an id, a type of an error: nobody reads more of it. */
    private static final int MAX_CHARACTERS = 4_096;

    /** A whole conversation; what is longer would take its batch with it at many receivers. */
    private static final int MAX_CONTENT_CHARACTERS = 1 << 20;

    private SpanAttributes() {}

    /** Those for export: with content, where that is captured. */
    public static void forEachExported(Operation operation, BiConsumer<String, Object> receiver) {
        forEach(operation, receiver);
        operation.content().forEach((key, content) -> {
            String text = content.get();
            if (text.length() <= MAX_CONTENT_CHARACTERS) {
                receiver.accept(key, text);
            } else {
                Stderr.once(
                        "content too long",
                        key + " of " + text.length() + " characters is left out of its span: more than "
                                + MAX_CONTENT_CHARACTERS + " (said once)");
            }
        });
    }

    /** A text that is no content, as long as anybody reads it. */
    public static String cut(String text) {
        if (text.length() <= MAX_CHARACTERS) {
            return text;
        }
        int end = Character.isHighSurrogate(text.charAt(MAX_CHARACTERS - 1)) ? MAX_CHARACTERS - 1 : MAX_CHARACTERS;
        return text.substring(0, end);
    }

    /** Values are String, Long, Double, Boolean, or List of String. */
    public static void forEach(Operation operation, BiConsumer<String, Object> all) {
        BiConsumer<String, Object> receiver =
                (key, value) -> all.accept(key, value instanceof String text ? cut(text) : value);
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
