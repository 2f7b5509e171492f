package dev.scepsy.javaagent.hook;

import dev.langchain4j.model.chat.response.ChatResponse;
import dev.scepsy.javaagent.trace.GenAi;
import dev.scepsy.javaagent.trace.OpenWork;
import dev.scepsy.javaagent.trace.Operation;
import dev.scepsy.javaagent.trace.StreamState;
import dev.scepsy.javaagent.trace.Tracer;
import java.lang.ref.WeakReference;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One streaming model call, from its start to its only end: complete, failed, cancelled, or silent for too long. Keeps a
 * token stream's operation above it open. Chunks come from one thread at a time; the end may come from any.
 */
final class StreamedCall implements OpenWork.Piece {

    private final Tracer tracer;
    private final Operation operation;
    private final @Nullable Operation above;
    private final boolean countedAbove;
    private final AtomicBoolean left = new AtomicBoolean();
    private volatile @Nullable Thread heardBy;
    private @Nullable Object knownHandle;
    private volatile @Nullable WeakReference<Object> handlerHeard;
    private long chunks;
    private volatile long heardAtNanos = System.nanoTime();

    StreamedCall(Tracer tracer, Operation operation) {
        this.tracer = tracer;
        this.operation = operation;
        this.above = operation.parent();
        this.countedAbove = above != null && above.isDeferred();
        if (above != null && countedAbove) {
            above.streamBegins();
        }
        tracer.openWork().add(this);
    }

    /** What callbacks run under: what they start is not part of this call, but of what made it. */
    @Nullable
    Operation above() {
        return above;
    }

    Operation operation() {
        return operation;
    }

    /**
     * A callback begins on this thread; false when it is one that another callback of the same call makes, on the same object
     * or on the one that it stands before.
     */
    @SuppressWarnings("ReferenceEquality") // Identity is the point.
    boolean entersCallback() {
        if (heardBy == Thread.currentThread()) {
            return false;
        }
        heardBy = Thread.currentThread();
        return true;
    }

    void leavesCallback() {
        heardBy = null;
    }

    /**
     * The handler that hears of it from now on.
     *
     * @param heard whether its callbacks can be observed; else the one before is kept, if there is one
     */
    synchronized void heardThrough(StreamObserver observer, Object handler, boolean heard) {
        Object former = handlerHeard == null ? null : handlerHeard.get();
        if (heard && former != handler) {
            if (former != null) {
                observer.forget(former, this);
            }
            handlerHeard = new WeakReference<>(handler);
            observer.watch(handler, this);
        }
    }

    /** Its method has returned or failed: what follows is told by callbacks, if any can be heard. */
    void methodEnds(@Nullable Throwable error) {
        if (error != null) {
            failed(error);
            leave(error);
        } else if (handlerHeard == null) {
            complete(null);
            leave(null);
        }
    }

    /** Whether it is through, its last callback included. */
    boolean isOver() {
        return left.get();
    }

    /** Whether this handle of the stream has not come before. */
    @SuppressWarnings("ReferenceEquality") // The same handle comes with every chunk.
    boolean isNew(Object handle) {
        boolean known = knownHandle == handle;
        knownHandle = handle;
        return !known;
    }

    /** Something has arrived. */
    void chunk() {
        heardAtNanos = System.nanoTime();
        if (chunks++ == 0) {
            operation.put(GenAi.RESPONSE_TIME_TO_FIRST_CHUNK, operation.nanosSinceStart() / 1e9);
        }
    }

    /** The model has said everything. */
    void complete(@Nullable Object response) {
        try {
            Wrapping.answers(operation, response, null);
            operation.put(GenAi.STREAM_CHUNKS, chunks);
            if (response instanceof ChatResponse chat) {
                ContentCapture.OF_THIS_JVM.answered(operation, chat);
                Chat.describeResponse(operation, chat);
            }
        } catch (RuntimeException | LinkageError undescribed) {
            // The end matters more than what it says.
        } finally {
            operation.end(null);
        }
    }

    void failed(Throwable error) {
        Wrapping.answers(operation, null, error);
        operation.put(GenAi.STREAM_CHUNKS, chunks);
        StreamState.end(operation, error);
    }

    /** Whoever reads the stream wants no more; nothing follows. */
    void cancelled() {
        endAs(StreamState.CANCELLED);
    }

    private void endAs(StreamState state) {
        Wrapping.givenUp(operation);
        operation.put(GenAi.STREAM_CHUNKS, chunks);
        state.end(operation);
        if (countedAbove && above != null) {
            above.put(GenAi.STREAM_STATE, state.text());
        }
        leave(null);
    }

    /** Only when the last callback is through: it may have started the next call of the same agent. */
    void leave(@Nullable Throwable failure) {
        tracer.openWork().remove(this);
        if (left.compareAndSet(false, true) && countedAbove && above != null) {
            above.streamEnds(failure);
        }
    }

    @Override
    public long heardAtNanos() {
        return heardAtNanos;
    }

    @Override
    public void giveUp(boolean atExit) {
        endAs(StreamState.silent(atExit));
    }
}
