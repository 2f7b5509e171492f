package dev.scepsy.javaagent.hook;

import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.PartialThinkingContext;
import dev.langchain4j.model.chat.response.PartialToolCallContext;
import dev.langchain4j.model.chat.response.StreamingHandle;
import dev.scepsy.javaagent.trace.Tracer;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import org.jspecify.annotations.Nullable;

/**
 * Stands before the application's stream handler and passes every callback on, newer versions' callbacks too (hence a proxy).
 * Callbacks run under the operation that started the call, so that tools and follow-up calls get the right parent.
 */
final class StreamObserver implements InvocationHandler {

    private final Tracer tracer;
    private final StreamedCall call;
    private final Object handler;
    private @Nullable Object knownHandle;

    private StreamObserver(Tracer tracer, StreamedCall call, Object handler) {
        this.tracer = tracer;
        this.call = call;
        this.handler = handler;
    }

    /** A handler of the same sort that observes the call and passes everything on. */
    static Object before(Object handler, Class<?> type, Tracer tracer, StreamedCall call) {
        return Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, new StreamObserver(tracer, call, handler));
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments) throws Throwable {
        String callback = method.getName();
        if (!callback.startsWith("on")) {
            return passOn(method, arguments);
        }
        boolean last = (callback.startsWith("onComplete") && !callback.equals("onCompleteToolCall"))
                || callback.equals("onError");
        Throwable failure = null;
        StreamingHandle handle = null;
        if (!last) {
            call.chunk();
            handle = handleIn(arguments);
        } else if (arguments != null && arguments[0] instanceof Throwable thrown) {
            failure = thrown;
            call.failed(thrown);
        } else {
            call.complete(arguments == null ? null : arguments[0]);
        }
        Object before = tracer.makeCurrent(call.above());
        try {
            return passOn(method, arguments);
        } finally {
            tracer.restore(before);
            if (last) {
                call.leave(failure);
            } else if (handle != null && handle.isCancelled()) {
                call.cancelled();
            }
        }
    }

    private @Nullable Object passOn(Method method, Object @Nullable [] arguments) throws Throwable {
        try {
            return method.invoke(handler, arguments);
        } catch (InvocationTargetException thrown) {
            throw thrown.getCause() == null ? thrown : thrown.getCause();
        }
    }

    /** The handle by which the application may cancel, now or later and from any thread. */
    @SuppressWarnings("ReferenceEquality") // The same handle comes with every chunk.
    private @Nullable StreamingHandle handleIn(Object @Nullable [] arguments) {
        if (arguments == null || arguments.length != 2) {
            return null;
        }
        StreamingHandle handle = null;
        if (arguments[1] instanceof PartialResponseContext context) {
            handle = context.streamingHandle();
        } else if (arguments[1] instanceof PartialThinkingContext context) {
            handle = context.streamingHandle();
        } else if (arguments[1] instanceof PartialToolCallContext context) {
            handle = context.streamingHandle();
        }
        if (handle != null && handle != knownHandle) {
            knownHandle = handle;
            tracer.onCancel(handle, call::cancelled);
        }
        return handle;
    }
}
