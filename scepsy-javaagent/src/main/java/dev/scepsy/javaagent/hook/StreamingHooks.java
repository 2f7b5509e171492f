package dev.scepsy.javaagent.hook;

import static java.util.Objects.requireNonNull;

import dev.langchain4j.model.StreamingResponseHandler;
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
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * Streaming models: the outermost call gets a handler of ours in the place of the application's, or gives a publisher of ours,
 * and the operation ends when the stream completes, fails, is cancelled or falls silent, on whatever thread.
 */
final class StreamingHooks {

    private final Tracer tracer;

    StreamingHooks(Tracer tracer) {
        this.tracer = tracer;
    }

    void register(HookTable hooks) {
        hooks.put(Target.STREAMING_CHAT, this::chat);
        hooks.put(Target.CHAT_PUBLISHER, this::publisher);
        hooks.put(Target.STREAMING_LANGUAGE, this::language);
        hooks.put(Target.STREAMING_HANDLE, (self, arguments) -> {
            if (self != null) {
                tracer.cancelled(self);
            }
            return null;
        });
    }

    private @Nullable Token chat(@Nullable Object self, Object[] arguments) {
        StreamingChatModel model = (StreamingChatModel) requireNonNull(self);
        ChatRequest request = (ChatRequest) arguments[0];
        if (isSameCall(OperationKind.CHAT, model, request)) {
            return null;
        }
        int last = arguments.length - 1;
        Object handler = arguments[last];
        if (handler == null) {
            return null;
        }
        StreamedCall call = new StreamedCall(tracer, begin(model, request));
        arguments[last] = StreamObserver.before(handler, StreamingChatResponseHandler.class, tracer, call);
        return failing(call);
    }

    private @Nullable Token language(@Nullable Object self, Object[] arguments) {
        Object model = requireNonNull(self);
        Operation current = tracer.current();
        if (arguments[1] == null || (current != null && current.isCallOf(OperationKind.TEXT_COMPLETION, model))) {
            return null;
        }
        Operation operation = tracer.begin(OperationKind.TEXT_COMPLETION, "", model);
        ModelHooks.describe(operation, model);
        operation.put(GenAi.REQUEST_STREAM, Boolean.TRUE);
        StreamedCall call = new StreamedCall(tracer, operation);
        arguments[1] = StreamObserver.before(arguments[1], StreamingResponseHandler.class, tracer, call);
        return failing(call);
    }

    /** Cold: nothing happens before somebody subscribes, and each subscription is a call. */
    private @Nullable Token publisher(@Nullable Object self, Object[] arguments) {
        StreamingChatModel model = (StreamingChatModel) requireNonNull(self);
        ChatRequest request = (ChatRequest) arguments[0];
        if (isSameCall(OperationKind.CHAT, model, request)) {
            return null;
        }
        Operation around = tracer.current();
        return new Token(tracer, around) {
            @Override
            protected @Nullable Object exit(@Nullable Object result, @Nullable Throwable error) {
                return result instanceof Flow.Publisher<?> publisher
                        ? new StreamingPublisher<>(publisher, tracer, around, () -> begin(model, request))
                        : result;
            }
        };
    }

    private boolean isSameCall(OperationKind kind, Object model, ChatRequest request) {
        Operation current = tracer.current();
        if (current == null || !current.isCallOf(kind, model)) {
            return false;
        }
        Chat.describeRequest(current, request);
        return true;
    }

    private Operation begin(StreamingChatModel model, ChatRequest request) {
        Operation operation = tracer.begin(OperationKind.CHAT, "", model);
        ContentCapture.OF_THIS_JVM.asked(operation, request);
        Chat.describeRequest(operation, request);
        operation.put(GenAi.REQUEST_STREAM, Boolean.TRUE);
        Chat.describeModel(operation, model, model.provider());
        Chat.nameRequestModel(operation, model.defaultRequestParameters());
        return operation;
    }

    /** Ends the call only if its method fails before any callback could. */
    private Token failing(StreamedCall call) {
        return new Token(tracer, call.operation()) {
            @Override
            protected @Nullable Object exit(@Nullable Object result, @Nullable Throwable error) {
                if (error != null) {
                    call.failed(error);
                    call.leave(error);
                }
                return result;
            }
        };
    }
}
