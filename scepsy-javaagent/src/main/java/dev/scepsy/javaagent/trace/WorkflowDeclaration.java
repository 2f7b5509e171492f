package dev.scepsy.javaagent.trace;

import java.lang.annotation.Annotation;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Method;
import org.jspecify.annotations.Nullable;

/**
 * What {@code @Workflow} says. The annotation is known by its name only: its class lives in the application.
 *
 * @param name never blank
 * @param targetPerSecond NaN when not declared
 * @param weight 0 or more
 */
public record WorkflowDeclaration(String name, double targetPerSecond, double weight) {

    /** The annotation's class. */
    public static final String ANNOTATION = "dev.scepsy.langchain4j.Workflow";

    /** As the method carries it, else the type; null when neither does. */
    public static @Nullable WorkflowDeclaration of(@Nullable Method method, Class<?> type) {
        WorkflowDeclaration ofMethod = method == null ? null : of(method, method.getName());
        return ofMethod != null ? ofMethod : of(type, type.getSimpleName());
    }

    private static @Nullable WorkflowDeclaration of(AnnotatedElement element, String otherwise) {
        for (Annotation annotation : element.getAnnotations()) {
            if (annotation.annotationType().getName().equals(ANNOTATION)) {
                return read(annotation, otherwise);
            }
        }
        return null;
    }

    private static WorkflowDeclaration read(Annotation annotation, String otherwise) {
        Object name = value(annotation, "name");
        Object target = value(annotation, "targetPerSecond");
        Object weight = value(annotation, "weight");
        return new WorkflowDeclaration(
                name instanceof String text && !text.isBlank() ? text : otherwise,
                target instanceof Double number ? number : Double.NaN,
                weight instanceof Double number ? number : 1);
    }

    private static @Nullable Object value(Annotation annotation, String member) {
        try {
            Method method = annotation.annotationType().getMethod(member);
            method.trySetAccessible();
            return method.invoke(annotation);
        } catch (ReflectiveOperationException | RuntimeException absent) {
            return null;
        }
    }

    /** Begins an execution of it below the current operation. */
    public Operation begin(Tracer tracer, Object subject) {
        Operation operation = tracer.begin(OperationKind.WORKFLOW, "invoke_workflow " + name, subject);
        operation.put(GenAi.WORKFLOW_NAME, name);
        if (!Double.isNaN(targetPerSecond)) {
            operation.put(GenAi.TARGET_PER_SECOND, targetPerSecond);
        }
        if (weight != 1) {
            operation.put(GenAi.WEIGHT, weight);
        }
        return operation;
    }
}
