package dev.scepsy.javaagent.hook;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.service.tool.ToolExecutionResult;
import dev.scepsy.javaagent.install.HookTable;
import dev.scepsy.javaagent.install.Target;
import dev.scepsy.javaagent.trace.GenAi;
import dev.scepsy.javaagent.trace.Operation;
import dev.scepsy.javaagent.trace.OperationKind;
import dev.scepsy.javaagent.trace.Token;
import dev.scepsy.javaagent.trace.Tracer;
import org.jspecify.annotations.Nullable;

/**
 * Tools, wherever they run: the tool service (which turns a tool's exception into a result) around the executor (which throws
 * it). Both see the same request object: one operation.
 */
final class ToolHooks {

    /** LangChain4j lets a tool be executed without a request. */
    private static final Object NO_REQUEST = new Object();

    private final Tracer tracer;

    ToolHooks(Tracer tracer) {
        this.tracer = tracer;
    }

    void register(HookTable hooks) {
        hooks.put(Target.TOOL, (self, arguments) -> execute((ToolExecutionRequest) arguments[0]));
        hooks.put(Target.TOOL_SERVICE, (self, arguments) -> execute((ToolExecutionRequest) arguments[0]));
    }

    private @Nullable Token execute(@Nullable ToolExecutionRequest request) {
        Operation current = tracer.current();
        Object subject = request == null ? NO_REQUEST : request;
        if (current != null && current.isCallOf(OperationKind.TOOL, subject)) {
            return new Token(tracer, current) {
                @Override
                protected @Nullable Object exit(@Nullable Object result, @Nullable Throwable error) {
                    if (error != null) {
                        current.failed(error);
                    }
                    return result;
                }
            };
        }
        String name = request == null || request.name() == null ? "" : request.name();
        Operation operation =
                tracer.begin(OperationKind.TOOL, name.isBlank() ? "execute_tool" : "execute_tool " + name, subject);
        ContentCapture.OF_THIS_JVM.begun(operation);
        operation.put(GenAi.TOOL_NAME, name.isBlank() ? null : name);
        operation.put(GenAi.TOOL_TYPE, "function");
        if (request != null) {
            operation.put(GenAi.TOOL_CALL_ID, request.id());
            ContentCapture.OF_THIS_JVM.called(operation, request);
        }
        return new Token(tracer, operation) {
            @Override
            protected @Nullable Object exit(@Nullable Object result, @Nullable Throwable error) {
                if (result instanceof ToolExecutionResult outcome
                        && outcome.isError()
                        && operation.errorType() == null) {
                    operation.failedAs("tool_error");
                }
                ContentCapture.OF_THIS_JVM.returned(
                        operation,
                        result instanceof ToolExecutionResult outcome
                                ? outcome.resultText()
                                : result instanceof String text ? text : null);
                operation.end(error);
                return result;
            }
        };
    }
}
