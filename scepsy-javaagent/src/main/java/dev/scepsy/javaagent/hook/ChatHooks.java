package dev.scepsy.javaagent.hook;

import static java.util.Objects.requireNonNull;

import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.scepsy.javaagent.install.HookTable;
import dev.scepsy.javaagent.install.Target;
import dev.scepsy.javaagent.trace.Operation;
import dev.scepsy.javaagent.trace.OperationKind;
import dev.scepsy.javaagent.trace.StreamState;
import dev.scepsy.javaagent.trace.Token;
import dev.scepsy.javaagent.trace.Tracer;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Chat models. {@code chat(request)} calls {@code chat(request, options)} calls {@code doChat(request)} on one object: one
 * operation, begun by the outermost; the innermost sees the request with the model's defaults merged in. The asynchronous
 * twins end with their future, cancelled or not.
 */
final class ChatHooks {

    private final Tracer tracer;

    ChatHooks(Tracer tracer) {
        this.tracer = tracer;
    }

    void register(HookTable hooks) {
        hooks.put(Target.CHAT, this::chat);
        hooks.put(Target.CHAT_ASYNC, this::chat);
    }

    private @Nullable Token chat(@Nullable Object self, Object[] arguments) {
        ChatModel model = (ChatModel) requireNonNull(self);
        ChatRequest request = (ChatRequest) arguments[0];
        Operation current = tracer.current();
        if (current != null && current.isCallOf(OperationKind.CHAT, model)) {
            Chat.describeRequest(current, request);
            return null;
        }
        Operation operation = tracer.begin(OperationKind.CHAT, "", model);
        Chat.describeRequest(operation, request);
        return new Token(tracer, operation) {
            @Override
            protected @Nullable Object exit(@Nullable Object result, @Nullable Throwable error) {
                if (error == null && result instanceof CompletionStage<?> stage) {
                    stage.whenComplete((response, failure) -> end(operation, model, response, failure));
                } else {
                    end(operation, model, result, error);
                }
                return result;
            }
        };
    }

    private static void end(Operation operation, ChatModel model, @Nullable Object result, @Nullable Throwable error) {
        try {
            Chat.describeModel(operation, model, model.provider());
            Chat.nameRequestModel(operation, model.defaultRequestParameters());
            if (result instanceof ChatResponse response) {
                Chat.describeResponse(operation, response);
            }
        } finally {
            StreamState.end(operation, error);
        }
    }
}
