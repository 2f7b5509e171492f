package dev.scepsy.javaagent.hook;

import static java.util.Objects.requireNonNull;

import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.output.Response;
import dev.scepsy.javaagent.install.HookTable;
import dev.scepsy.javaagent.install.Target;
import dev.scepsy.javaagent.install.WovenClasses;
import dev.scepsy.javaagent.trace.GenAi;
import dev.scepsy.javaagent.trace.Operation;
import dev.scepsy.javaagent.trace.OperationKind;
import dev.scepsy.javaagent.trace.Token;
import dev.scepsy.javaagent.trace.Tracer;
import java.util.List;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * Streaming models: the operation ends when the stream completes, fails, is cancelled or falls silent, on whatever thread. The
 * handler's callbacks tell, those of the innermost handler where LangChain4j puts one before the application's.
 */
final class StreamingHooks {

    private final Tracer tracer;
    private final StreamObserver observer;

    StreamingHooks(Tracer tracer) {
        this.tracer = tracer;
        this.observer = new StreamObserver(tracer);
    }

    void register(HookTable hooks) {
        hooks.put(Target.STREAMING_CHAT, this::chat);
        for (Target callback : List.of(Target.CHAT_STREAM_NEXT, Target.LANGUAGE_STREAM_NEXT)) {
            hooks.put(callback, observer::next);
        }
        for (Target callback : List.of(Target.CHAT_STREAM_END, Target.LANGUAGE_STREAM_END)) {
            hooks.put(callback, observer::last);
        }
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
        Object handler = arguments[arguments.length - 1];
        if (isSameCall(OperationKind.CHAT, model, request)) {
            handedTo(handler);
            return null;
        }
        return handler == null ? null : streamed(begin(model, request), handler);
    }

    private @Nullable Token language(@Nullable Object self, Object[] arguments) {
        Object model = requireNonNull(self);
        Object handler = arguments[1];
        Operation current = tracer.current();
        if (current != null && current.isCallOf(OperationKind.TEXT_COMPLETION, model)) {
            handedTo(handler);
            return null;
        }
        if (handler == null) {
            return null;
        }
        Operation operation = tracer.begin(OperationKind.TEXT_COMPLETION, "", model);
        Wrapping.begins(current, operation, arguments[0]);
        ContentCapture.OF_THIS_JVM.begun(operation);
        ModelHooks.describe(operation, model);
        operation.put(GenAi.REQUEST_STREAM, Boolean.TRUE);
        return streamed(operation, handler);
    }

    /** The same call goes on with another handler, which stands before the one known so far. */
    private void handedTo(@Nullable Object handler) {
        Operation current = tracer.current();
        StreamedCall call = current == null ? null : Wrapping.streamOf(current);
        if (call != null && handler != null) {
            call.heardThrough(observer, handler, isHeard(handler));
        }
    }

    private Token streamed(Operation operation, Object handler) {
        StreamedCall call = new StreamedCall(tracer, operation);
        Wrapping.streams(operation, call);
        call.heardThrough(observer, handler, isHeard(handler));
        return new Token(tracer, operation) {
            @Override
            protected @Nullable Object exit(@Nullable Object result, @Nullable Throwable error) {
                call.methodEnds(error);
                return result;
            }
        };
    }

    /** Whether this handler's class could be woven: those that the JVM hides from agents cannot. */
    private boolean isHeard(Object handler) {
        boolean chat = handler instanceof StreamingChatResponseHandler;
        try {
            Class<?> type = handler.getClass();
            Class<?> answer = chat ? ChatResponse.class : Response.class;
            return WovenClasses.contains(
                            type.getMethod("onError", Throwable.class).getDeclaringClass())
                    && WovenClasses.contains(type.getMethod(chat ? "onCompleteResponse" : "onComplete", answer)
                            .getDeclaringClass());
        } catch (ReflectiveOperationException unusual) {
            return false;
        }
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
        Operation around = tracer.current();
        Operation operation = tracer.begin(OperationKind.CHAT, "", model);
        Wrapping.begins(around, operation, request);
        ContentCapture.OF_THIS_JVM.asked(operation, request);
        Chat.describeRequest(operation, request);
        operation.put(GenAi.REQUEST_STREAM, Boolean.TRUE);
        Chat.describeModel(operation, model, model.provider());
        Chat.nameRequestModel(operation, model.defaultRequestParameters());
        return operation;
    }
}
