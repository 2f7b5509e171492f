package dev.scepsy.javaagent.hook;

import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.PartialThinkingContext;
import dev.langchain4j.model.chat.response.PartialToolCallContext;
import dev.langchain4j.model.chat.response.StreamingHandle;
import dev.scepsy.javaagent.trace.Token;
import dev.scepsy.javaagent.trace.Tracer;
import dev.scepsy.javaagent.trace.WeakIdentityMap;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Hears what streams tell their handlers. The model gets the application's own handler; its class's callbacks are woven, and
 * which call a handler belongs to stands beside it. Callbacks run under the operation that started the call, so that tools and
 * follow-up calls get the right parent. Thread-safe.
 */
final class StreamObserver {

    private final Tracer tracer;
    private final WeakIdentityMap<Calls> calls = new WeakIdentityMap<>();

    StreamObserver(Tracer tracer) {
        this.tracer = tracer;
    }

    /** From now on this handler's callbacks are the call's. */
    synchronized void watch(Object handler, StreamedCall call) {
        calls.purge(gone -> {});
        Calls known = calls.get(handler);
        if (known == null) {
            known = new Calls();
            calls.put(handler, known);
        }
        known.add(call);
    }

    /** The handler that another one of the same call now stands before. */
    void forget(Object handler, StreamedCall call) {
        Calls known = calls.get(handler);
        if (known != null) {
            known.remove(call);
        }
    }

    /** A callback that says how the stream goes on. */
    @Nullable
    Token next(@Nullable Object handler, Object[] arguments) {
        StreamedCall call = callOf(handler);
        if (call == null) {
            return null;
        }
        call.chunk();
        return new Callback(call, handleIn(call, arguments), false, null);
    }

    /** The callback that says how it ended. */
    @Nullable
    Token last(@Nullable Object handler, Object[] arguments) {
        StreamedCall call = callOf(handler);
        if (call == null) {
            return null;
        }
        Throwable failure = arguments[0] instanceof Throwable thrown ? thrown : null;
        if (failure != null) {
            call.failed(failure);
        } else {
            call.complete(arguments[0]);
        }
        return new Callback(call, null, true, failure);
    }

    private @Nullable StreamedCall callOf(@Nullable Object handler) {
        Calls known = handler == null ? null : calls.get(handler);
        StreamedCall call = known == null ? null : known.speaking(tracer);
        return call != null && call.entersCallback() ? call : null;
    }

    /** The handle by which the application may cancel, now or later and from any thread. */
    private @Nullable StreamingHandle handleIn(StreamedCall call, Object[] arguments) {
        if (arguments.length != 2) {
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
        if (handle != null && call.isNew(handle)) {
            tracer.onCancel(handle, call::cancelled);
        }
        return handle;
    }

    private final class Callback extends Token {

        private final StreamedCall call;
        private final @Nullable StreamingHandle handle;
        private final boolean last;
        private final @Nullable Throwable failure;

        private Callback(
                StreamedCall call, @Nullable StreamingHandle handle, boolean last, @Nullable Throwable failure) {
            super(tracer, call.above());
            this.call = call;
            this.handle = handle;
            this.last = last;
            this.failure = failure;
        }

        @Override
        protected @Nullable Object exit(@Nullable Object result, @Nullable Throwable error) {
            call.leavesCallback();
            if (last) {
                call.leave(failure);
            } else if (handle != null && handle.isCancelled()) {
                call.cancelled();
            }
            return result;
        }
    }

    /** The calls that one handler hears of: one, unless the application uses it for several at a time. */
    private static final class Calls {

        private final List<StreamedCall> open = new ArrayList<>(1);

        private synchronized void add(StreamedCall call) {
            open.removeIf(StreamedCall::isOver);
            open.add(call);
        }

        private synchronized void remove(StreamedCall call) {
            open.remove(call);
        }

        /** The one whose callback this is: the only one, that of the method this thread is in, else the oldest. */
        @SuppressWarnings("ReferenceEquality") // Identity is the point.
        private synchronized @Nullable StreamedCall speaking(Tracer tracer) {
            StreamedCall oldest = null;
            for (StreamedCall call : open) {
                if (!call.isOver()) {
                    if (call.operation() == tracer.current()) {
                        return call;
                    }
                    oldest = oldest == null ? call : oldest;
                }
            }
            return oldest;
        }
    }
}
