package dev.scepsy.langchain4j;

import dev.scepsy.langchain4j.context.Running;
import dev.scepsy.langchain4j.listen.Spans;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Runs work as a workflow: the one place where a scope is opened, and it is closed in the same block. */
final class Workflows {

    private final Spans spans;

    Workflows(Spans spans) {
        this.spans = spans;
    }

    <T> T run(String name, @Nullable Workflow facts, Callable<T> work) throws Exception {
        if (Spans.agentIsActive()) {
            return work.call();
        }
        Context context = spans.startWorkflow(name, facts, Running.parentHere());
        Span span = Span.fromContext(context);
        T result;
        try (Scope ignored = context.makeCurrent()) {
            result = work.call();
        } catch (Throwable e) {
            spans.end(span, e);
            throw e;
        }
        if (result instanceof CompletionStage<?> stage) {
            stage.whenComplete((value, error) -> spans.end(span, error));
        } else {
            spans.end(span, null);
        }
        return result;
    }

    /** A call of {@code method}, as the workflow that its annotation names, or plainly where there is none. */
    <T> T run(Method method, Class<?> implementation, Callable<T> call) throws Exception {
        Workflow facts = facts(implementation, method);
        return facts == null ? call.call() : run(name(facts, method), facts, call);
    }

    static Optional<String> nameOf(Method method, Class<?> implementation) {
        return Optional.ofNullable(facts(implementation, method)).map(facts -> name(facts, method));
    }

    <T> T proxy(Class<T> type, T target) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(),
                new Class<?>[] {type},
                (proxy, method, arguments) -> run(method, target.getClass(), () -> invoke(target, method, arguments))));
    }

    private static Object invoke(Object target, Method method, Object[] arguments) throws Exception {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof Exception cause) {
                throw cause;
            }
            if (e.getCause() instanceof Error cause) {
                throw cause;
            }
            throw e;
        }
    }

    /** The nearest annotation: implementing method, its type, interface method, interface. */
    private static @Nullable Workflow facts(Class<?> implementation, Method method) {
        if (method.getDeclaringClass() == Object.class) {
            return null;
        }
        Workflow facts = null;
        try {
            facts = implementation
                    .getMethod(method.getName(), method.getParameterTypes())
                    .getAnnotation(Workflow.class);
        } catch (NoSuchMethodException e) {
            // the implementation is not public: only the interface can say
        }
        if (facts == null) {
            facts = implementation.getAnnotation(Workflow.class);
        }
        if (facts == null) {
            facts = method.getAnnotation(Workflow.class);
        }
        return facts == null ? method.getDeclaringClass().getAnnotation(Workflow.class) : facts;
    }

    private static String name(Workflow facts, Method method) {
        return facts.name().isEmpty() ? method.getName() : facts.name();
    }
}
