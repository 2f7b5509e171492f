package dev.scepsy.javaagent.hook;

import static java.util.Objects.requireNonNull;

import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.scepsy.javaagent.install.HookTable;
import dev.scepsy.javaagent.install.Target;
import dev.scepsy.javaagent.trace.GenAi;
import dev.scepsy.javaagent.trace.Operation;
import dev.scepsy.javaagent.trace.OperationKind;
import dev.scepsy.javaagent.trace.Token;
import dev.scepsy.javaagent.trace.Tracer;
import org.jspecify.annotations.Nullable;

/**
 * Streaming chat models: the outermost call gets a handler of ours in the place of the application's, and the operation ends
 * when the stream completes, fails or is cancelled, on whatever thread.
 */
final class StreamingHooks {

    private final Tracer tracer;

    StreamingHooks(Tracer tracer) {
        this.tracer = tracer;
    }

    void register(HookTable hooks) {
        hooks.put(Target.STREAMING_CHAT, this::chat);
    }

    private @Nullable Token chat(@Nullable Object self, Object[] arguments) {
        StreamingChatModel model = (StreamingChatModel) requireNonNull(self);
        ChatRequest request = (ChatRequest) arguments[0];
        Operation current = tracer.current();
        if (current != null && current.isCallOf(OperationKind.CHAT, model)) {
            Chat.describeRequest(current, request);
            return null;
        }
        int last = arguments.length - 1;
        if (!(arguments[last] instanceof StreamingChatResponseHandler handler)) {
            return null;
        }
        Operation operation = tracer.begin(OperationKind.CHAT, "", model);
        Chat.describeRequest(operation, request);
        operation.put(GenAi.REQUEST_STREAM, Boolean.TRUE);
        Chat.describeModel(operation, model, model.provider());
        Chat.nameRequestModel(operation, model.defaultRequestParameters());
        StreamObserver observer = new StreamObserver(tracer, operation, handler);
        arguments[last] = observer.asHandler();
        return new Token(tracer, operation) {
            @Override
            protected @Nullable Object exit(@Nullable Object result, @Nullable Throwable error) {
                if (error != null) {
                    observer.finish(error);
                }
                return result;
            }
        };
    }
}
