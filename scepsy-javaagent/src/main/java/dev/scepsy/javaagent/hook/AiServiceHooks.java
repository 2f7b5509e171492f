package dev.scepsy.javaagent.hook;

import dev.langchain4j.invocation.InvocationContext;
import dev.langchain4j.service.TokenStream;
import dev.scepsy.javaagent.install.HookTable;
import dev.scepsy.javaagent.install.Target;
import dev.scepsy.javaagent.trace.GenAi;
import dev.scepsy.javaagent.trace.Operation;
import dev.scepsy.javaagent.trace.OperationKind;
import dev.scepsy.javaagent.trace.Token;
import dev.scepsy.javaagent.trace.Tracer;
import dev.scepsy.javaagent.trace.WorkflowDeclaration;
import java.lang.reflect.Method;
import org.jspecify.annotations.Nullable;

/**
 * AI services: an agent named by its interface, or a workflow where the interface carries {@code @Workflow}. Called by an
 * agentic agent, it is that agent's own work and gets no span of its own. A token stream keeps it open.
 */
final class AiServiceHooks {

    private final Tracer tracer;

    AiServiceHooks(Tracer tracer) {
        this.tracer = tracer;
    }

    void register(HookTable hooks) {
        hooks.put(
                Target.AI_SERVICE,
                (self, arguments) ->
                        invoke((Method) arguments[0], (Object[]) arguments[1], (InvocationContext) arguments[2]));
        hooks.put(Target.TOKEN_STREAM_ADAPTED, (self, arguments) -> {
            Operation current = tracer.current();
            if (current != null && arguments[0] instanceof TokenStream stream) {
                tracer.endings().belongs(stream, current);
            }
            return null;
        });
        hooks.put(Target.TOKEN_STREAM, (self, arguments) -> self == null ? null : start(self));
    }

    private Token invoke(Method method, Object @Nullable [] arguments, @Nullable InvocationContext context) {
        Operation current = tracer.current();
        if (current != null && current.kind() == OperationKind.AGENT && current.takeExpectedService()) {
            return new Token(tracer, current) {
                @Override
                protected @Nullable Object exit(@Nullable Object result, @Nullable Throwable error) {
                    if (result instanceof TokenStream stream) {
                        tracer.endings().belongs(stream, current);
                    }
                    return result;
                }
            };
        }
        Operation operation = begin(method, context);
        ContentCapture.OF_THIS_JVM.entered(operation, arguments);
        String returned = method.getReturnType().getName();
        return new Token(tracer, operation) {
            @Override
            protected @Nullable Object exit(@Nullable Object result, @Nullable Throwable error) {
                if (result instanceof TokenStream stream) {
                    tracer.endings().belongs(stream, operation);
                }
                return tracer.endings().end(operation, result, error, returned);
            }
        };
    }

    private Operation begin(Method method, @Nullable InvocationContext context) {
        Class<?> service = serviceOf(method, context);
        WorkflowDeclaration declared = WorkflowDeclaration.of(method, service);
        if (declared != null) {
            return declared.begin(tracer, method);
        }
        String name = context != null && context.interfaceName() != null
                ? ClassNames.simple(context.interfaceName())
                : ClassNames.simple(service);
        Operation operation = tracer.begin(OperationKind.AGENT, "invoke_agent " + name, method);
        operation.put(GenAi.AGENT_NAME, name);
        return operation;
    }

    /** The interface that was built as a service: it may have inherited the method. */
    private static Class<?> serviceOf(Method method, @Nullable InvocationContext context) {
        Class<?> declaring = method.getDeclaringClass();
        String name = context == null ? null : context.interfaceName();
        if (name == null || name.equals(declaring.getName())) {
            return declaring;
        }
        try {
            Class<?> called = Class.forName(name, false, Thread.currentThread().getContextClassLoader());
            return declaring.isAssignableFrom(called) ? called : declaring;
        } catch (ClassNotFoundException | LinkageError elsewhere) {
            return declaring;
        }
    }

    /** The stream really begins here, maybe on another thread than the one that asked for it. */
    private @Nullable Token start(Object stream) {
        Operation owner = tracer.endings().ownerOf(stream);
        if (owner == null) {
            return null;
        }
        return new Token(tracer, owner) {
            @Override
            protected @Nullable Object exit(@Nullable Object result, @Nullable Throwable error) {
                if (error != null) {
                    owner.end(error);
                }
                return result;
            }
        };
    }
}
