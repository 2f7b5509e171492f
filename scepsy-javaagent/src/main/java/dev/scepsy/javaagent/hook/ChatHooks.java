package dev.scepsy.javaagent.hook;

import static java.util.Objects.requireNonNull;

import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.scepsy.javaagent.install.HookTable;
import dev.scepsy.javaagent.install.Target;
import dev.scepsy.javaagent.trace.Hook;
import dev.scepsy.javaagent.trace.Operation;
import dev.scepsy.javaagent.trace.OperationKind;
import dev.scepsy.javaagent.trace.Token;
import dev.scepsy.javaagent.trace.Tracer;
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
        Hook.Entry chat = this::chat;
        hooks.put(Target.CHAT, chat);
        hooks.put(Target.CHAT_ASYNC, chat);
    }

    private @Nullable Token chat(@Nullable Object self, Object[] arguments) {
        ChatModel model = (ChatModel) requireNonNull(self);
        ChatRequest request = (ChatRequest) arguments[0];
        Operation current = tracer.current();
        if (current != null && current.isCallOf(OperationKind.CHAT, model)) {
            if (current.description() instanceof ChatCall call) {
                call.asks(request);
            }
            return null;
        }
        Operation operation = tracer.begin(OperationKind.CHAT, "", model);
        Wrapping.begins(current, operation, request);
        ChatCall call = new ChatCall(tracer, operation, model);
        call.asks(request);
        return call;
    }
}
