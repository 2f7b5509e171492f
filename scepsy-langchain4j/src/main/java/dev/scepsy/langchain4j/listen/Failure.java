package dev.scepsy.langchain4j.listen;

import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.UndeclaredThrowableException;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * What an exception tells of why something failed: the first cause that is no wrapper, and the HTTP status with which a server
 * answered; as the agent tells it. Asks exceptions of the application's and its libraries' by the names of their methods; whatever they throw then
 * means that they do not say.
 */
final class Failure {

    /** Causes looked at: some exceptions are their own cause, by way of others. */
    private static final int DEPTH = 24;

    /** Classes that say nothing themselves, where they have a cause. Their subclasses do say something. */
    private static final Set<String> WRAPPERS = Set.of(
            "java.lang.Exception",
            "java.lang.RuntimeException",
            "java.security.PrivilegedActionException",
            "dev.langchain4j.agentic.agent.AgentInvocationException",
            "dev.langchain4j.exception.LangChain4jException",
            "dev.langchain4j.exception.ToolExecutionException",
            "reactor.core.Exceptions$ReactiveException");

    private static final ClassValue<Method[]> STATUS = new ClassValue<>() {
        @Override
        protected Method[] computeValue(Class<?> type) {
            return statusMethods(type);
        }
    };

    private Failure() {}

    /** The first cause that is no wrapper. */
    static Throwable reasonOf(Throwable error) {
        Throwable reason = error;
        for (int i = 0; i < DEPTH && isWrapper(reason); i++) {
            Throwable cause = reason.getCause();
            if (cause == null) {
                return reason;
            }
            reason = cause;
        }
        return reason;
    }

    private static boolean isWrapper(Throwable error) {
        return error instanceof CompletionException
                || error instanceof ExecutionException
                || error instanceof InvocationTargetException
                || error instanceof UndeclaredThrowableException
                || error instanceof UncheckedIOException
                || WRAPPERS.contains(error.getClass().getName());
    }

    /** The HTTP status that the exception or one of its causes carries, 100 to 599; 0 for none. */
    static int statusOf(Throwable error) {
        Throwable at = error;
        for (int i = 0; i < DEPTH && at != null; i++) {
            for (Method method : STATUS.get(at.getClass())) {
                int status = read(method, at);
                if (status >= 100 && status < 600) {
                    return status;
                }
            }
            at = at.getCause();
        }
        return 0;
    }

    private static int read(Method method, Object from) {
        try {
            Object said = method.invoke(from);
            if (said instanceof Integer status) {
                return status;
            }
            if (said == null) {
                return 0;
            }
            for (Method inner : STATUS.get(said.getClass())) { // A status or a response of its own type.
                if (inner.getReturnType() == int.class) {
                    return (Integer) inner.invoke(said);
                }
            }
            return 0;
        } catch (ReflectiveOperationException | RuntimeException | LinkageError untold) {
            return 0;
        }
    }

    /**
     * LangChain4j's {@code HttpException.statusCode()}, and what the clients of Amazon, Azure, OpenAI, Google and Spring call it.
     */
    private static Method[] statusMethods(Class<?> type) {
        boolean throwable = Throwable.class.isAssignableFrom(type);
        Set<String> names = !throwable
                ? Set.of("statusCode", "getStatusCode", "value")
                : type.getName().startsWith("com.google.genai.")
                        ? Set.of("code")
                        : Set.of("statusCode", "getStatusCode", "getResponse");
        return names.stream()
                .sorted()
                .map(name -> method(type, name))
                .filter(found -> found != null)
                .toArray(Method[]::new);
    }

    private static @Nullable Method method(Class<?> type, String name) {
        try {
            Method method = type.getMethod(name);
            return method.getReturnType() != void.class && method.trySetAccessible() ? method : null;
        } catch (NoSuchMethodException | RuntimeException | LinkageError absent) {
            return null;
        }
    }
}
