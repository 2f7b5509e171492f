package dev.scepsy.javaagent.trace;

import java.lang.annotation.Annotation;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Method;
import java.lang.reflect.TypeVariable;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * What {@code @Workflow} says. The annotation is known by its name only: its class lives in the application.
 *
 * @param name never blank
 * @param targetPerSecond empty when not declared
 * @param weight 0 or more
 */
public record WorkflowDeclaration(String name, OptionalDouble targetPerSecond, double weight) {

    /** The annotation's class. */
    public static final String ANNOTATION = "dev.scepsy.langchain4j.Workflow";

    /**
     * As the method carries it, or one that it overrides in an interface above; else the type that is called, else the one that
     * declares the method. Null when none does.
     */
    public static @Nullable WorkflowDeclaration of(@Nullable Method method, Class<?> type) {
        WorkflowDeclaration found = method == null ? null : of(method, method.getName());
        if (found == null && method != null) {
            found = overriddenIn(type, method);
        }
        if (found == null) {
            found = of(type, type.getSimpleName());
        }
        Class<?> declaring = method == null ? type : method.getDeclaringClass();
        return found != null || declaring == type ? found : of(declaring, declaring.getSimpleName());
    }

    private static @Nullable WorkflowDeclaration overriddenIn(Class<?> type, Method method) {
        for (Class<?> above : type.getInterfaces()) {
            WorkflowDeclaration found = null;
            for (Method candidate : above.getDeclaredMethods()) {
                if (found == null && isOverridden(candidate, method)) {
                    found = of(candidate, candidate.getName());
                }
            }
            found = found == null ? overriddenIn(above, method) : found;
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    /** By name and parameters, which may be those of a type parameter's erasure. */
    private static boolean isOverridden(Method candidate, Method by) {
        Class<?>[] wider = candidate.getParameterTypes();
        Class<?>[] narrower = by.getParameterTypes();
        boolean same = candidate.getName().equals(by.getName()) && wider.length == narrower.length;
        for (int i = 0; same && i < wider.length; i++) {
            same = wider[i] == narrower[i] || (wider[i].isAssignableFrom(narrower[i]) && isParameter(candidate, i));
        }
        return same;
    }

    private static boolean isParameter(Method candidate, int index) {
        return candidate.getGenericParameterTypes()[index] instanceof TypeVariable<?>;
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
        return of(
                value(annotation, "name"),
                value(annotation, "targetPerSecond"),
                value(annotation, "weight"),
                otherwise);
    }

    /**
     * Of what an annotation says of its members; null where it leaves one to its default.
     *
     * @param otherwise the name where it says none
     */
    public static WorkflowDeclaration of(
            @Nullable Object name, @Nullable Object targetPerSecond, @Nullable Object weight, String otherwise) {
        return new WorkflowDeclaration(
                name instanceof String text && !text.isBlank() ? text : otherwise,
                targetPerSecond instanceof Double number && !number.isNaN()
                        ? OptionalDouble.of(number)
                        : OptionalDouble.empty(),
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
        if (targetPerSecond.isPresent()) {
            operation.put(GenAi.TARGET_PER_SECOND, targetPerSecond.getAsDouble());
        }
        if (weight != 1) {
            operation.put(GenAi.WEIGHT, weight);
        }
        return operation;
    }
}
