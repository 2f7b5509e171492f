package dev.scepsy.javaagent.hook;

import static java.util.Objects.requireNonNull;

import dev.langchain4j.agentic.agent.AgentInvocationHandler;
import dev.langchain4j.agentic.internal.AgentInvocationArguments;
import dev.langchain4j.agentic.internal.PlannerBasedInvocationHandler;
import dev.langchain4j.agentic.planner.AgentInstance;
import dev.langchain4j.service.TokenStream;
import dev.scepsy.javaagent.install.HookTable;
import dev.scepsy.javaagent.install.Target;
import dev.scepsy.javaagent.trace.GenAi;
import dev.scepsy.javaagent.trace.Operation;
import dev.scepsy.javaagent.trace.OperationKind;
import dev.scepsy.javaagent.trace.Token;
import dev.scepsy.javaagent.trace.Tracer;
import dev.scepsy.javaagent.trace.WorkflowDeclaration;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * {@code langchain4j-agentic}: whatever a planner runs (sequence, loop, parallel, conditional, supervisor, custom) is a
 * workflow; every leaf agent it invokes is an agent.
 */
final class AgenticHooks {

    private final Tracer tracer;

    AgenticHooks(Tracer tracer) {
        this.tracer = tracer;
    }

    void register(HookTable hooks) {
        hooks.put(
                Target.AGENTIC_WORKFLOW,
                (self, arguments) ->
                        workflow((PlannerBasedInvocationHandler) requireNonNull(self), (Method) arguments[1], (Object[])
                                arguments[2]));
        hooks.put(
                Target.AGENT,
                (self, arguments) -> agent((AgentInstance) requireNonNull(self), arguments[1], arguments[2]));
        hooks.put(
                Target.STANDALONE_AGENT,
                (self, arguments) -> standalone(
                        (AgentInstance) requireNonNull(self), (Method) arguments[0], (Object[]) arguments[1]));
    }

    private Token workflow(
            PlannerBasedInvocationHandler handler, @Nullable Method method, Object @Nullable [] arguments) {
        WorkflowDeclaration declared = WorkflowDeclaration.of(method, handler.type());
        if (declared == null) {
            declared = new WorkflowDeclaration(AgentNames.of(handler), OptionalDouble.empty(), 1);
        }
        Operation operation = declared.begin(tracer, handler);
        ContentCapture.OF_THIS_JVM.entered(operation, arguments);
        return ending(operation, returnedBy(method));
    }

    private @Nullable Token agent(AgentInstance invoker, @Nullable Object agent, @Nullable Object arguments) {
        Operation current = tracer.current();
        if (current != null && current.isCallOf(OperationKind.AGENT, invoker)) {
            return null; // An invoker that calls its parent's method.
        }
        InvocationHandler handler =
                agent != null && Proxy.isProxyClass(agent.getClass()) ? Proxy.getInvocationHandler(agent) : null;
        if (handler instanceof PlannerBasedInvocationHandler) {
            return null; // A workflow inside a workflow: it speaks for itself.
        }
        Operation operation = begin(invoker, handler instanceof AgentInvocationHandler);
        Object named = arguments instanceof AgentInvocationArguments passed ? passed.namedArgs() : null;
        ContentCapture.OF_THIS_JVM.entered(operation, new Object[] {named});
        return ending(operation, "");
    }

    private Token standalone(AgentInstance agent, @Nullable Method method, Object @Nullable [] arguments) {
        Operation operation = begin(agent, true);
        ContentCapture.OF_THIS_JVM.entered(operation, arguments);
        return ending(operation, returnedBy(method));
    }

    private Operation begin(AgentInstance agent, boolean callsService) {
        String name = AgentNames.of(agent);
        Operation operation = tracer.begin(OperationKind.AGENT, "invoke_agent " + name, agent);
        operation.put(GenAi.AGENT_NAME, name);
        operation.put(GenAi.AGENT_ID, agent.agentId());
        if (callsService) {
            operation.expectService();
        }
        return operation;
    }

    private static String returnedBy(@Nullable Method method) {
        return method == null ? "" : method.getReturnType().getName();
    }

    private Token ending(Operation operation, String returned) {
        return new Token(tracer, operation) {
            @Override
            protected @Nullable Object exit(@Nullable Object result, @Nullable Throwable error) {
                if (result instanceof TokenStream stream && tracer.endings().ownerOf(stream) == null) {
                    operation.end(error);
                    return result;
                }
                return tracer.endings().end(operation, result, error, returned);
            }
        };
    }
}
