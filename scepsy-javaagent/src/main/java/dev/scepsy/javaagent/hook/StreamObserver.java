package dev.scepsy.javaagent.hook;

import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.scepsy.javaagent.trace.GenAi;
import dev.scepsy.javaagent.trace.Operation;
import dev.scepsy.javaagent.trace.Tracer;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Stands before the application's stream handler and passes every callback on, newer versions' callbacks too (hence a proxy).
 * Callbacks run under the operation that started the call, so that tools and follow-up calls get the right parent.
 */
final class StreamObserver implements InvocationHandler {

    private final Tracer tracer;
    private final Operation operation;
    private final StreamingChatResponseHandler handler;
    private final @Nullable Operation above;
    private final boolean countedAbove;
    private final AtomicBoolean finished = new AtomicBoolean();
    private long chunks;

    StreamObserver(Tracer tracer, Operation operation, StreamingChatResponseHandler handler) {
        this.tracer = tracer;
        this.operation = operation;
        this.handler = handler;
        this.above = operation.parent();
        this.countedAbove = above != null && above.isDeferred();
        if (above != null && countedAbove) {
            above.streamBegins();
        }
    }

    StreamingChatResponseHandler asHandler() {
        return (StreamingChatResponseHandler) Proxy.newProxyInstance(
                StreamingChatResponseHandler.class.getClassLoader(),
                new Class<?>[] {StreamingChatResponseHandler.class},
                this);
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments) throws Throwable {
        String callback = method.getName();
        boolean last = callback.equals("onCompleteResponse") || callback.equals("onError");
        Throwable failure = null;
        if (last) {
            failure = arguments != null && arguments[0] instanceof Throwable thrown ? thrown : null;
            end(arguments, failure);
        } else if (callback.startsWith("on")) {
            chunk();
        }
        Object before = tracer.makeCurrent(above);
        try {
            return method.invoke(handler, arguments);
        } catch (InvocationTargetException thrown) {
            throw thrown.getCause() == null ? thrown : thrown.getCause();
        } finally {
            tracer.restore(before);
            if (last) {
                leave(failure);
            }
        }
    }

    /** The call itself failed before any callback could. */
    void finish(Throwable error) {
        operation.end(error);
        leave(error);
    }

    private void chunk() {
        if (chunks++ == 0) {
            operation.put(GenAi.RESPONSE_TIME_TO_FIRST_CHUNK, operation.nanosSinceStart() / 1e9);
        }
    }

    private void end(Object @Nullable [] arguments, @Nullable Throwable failure) {
        try {
            operation.put(GenAi.STREAM_CHUNKS, chunks);
            if (arguments != null && arguments[0] instanceof ChatResponse response) {
                Chat.describeResponse(operation, response);
            }
        } catch (RuntimeException | LinkageError undescribed) {
            // The end matters more than what it says.
        } finally {
            operation.end(failure);
        }
    }

    /** Only when the last callback is through: it may have started the next call of the same agent. */
    private void leave(@Nullable Throwable failure) {
        if (countedAbove && above != null && finished.compareAndSet(false, true)) {
            above.streamEnds(failure);
        }
    }
}
