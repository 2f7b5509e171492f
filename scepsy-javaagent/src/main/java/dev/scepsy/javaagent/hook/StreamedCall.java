package dev.scepsy.javaagent.hook;

import dev.langchain4j.model.chat.response.ChatResponse;
import dev.scepsy.javaagent.trace.GenAi;
import dev.scepsy.javaagent.trace.OpenWork;
import dev.scepsy.javaagent.trace.Operation;
import dev.scepsy.javaagent.trace.StreamState;
import dev.scepsy.javaagent.trace.Tracer;
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
        operation.put(GenAi.STREAM_CHUNKS, chunks);
        StreamState.end(operation, error);
    }

    /** Whoever reads the stream wants no more; nothing follows. */
    void cancelled() {
        endAs(StreamState.CANCELLED);
    }

    private void endAs(StreamState state) {
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
    public void giveUp() {
        endAs(StreamState.TIMED_OUT);
    }
}
