package dev.scepsy.javaagent.trace;

import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * When an operation ends: with its method, or with the work its result stands for (a future, a publisher, a token stream). Work that is cancelled, never started, or silent for too long ends it too, with a state. Thread-safe; results are
 * held weakly and by identity.
 */
public final class Endings {

    private final WeakIdentityMap<Owned> owners = new WeakIdentityMap<>();
    private final OpenWork openWork;
    private final ReturnedFutures futures;
    private final Publications publications = new Publications();

    Endings(OpenWork openWork) {
        this.openWork = openWork;
        this.futures = new ReturnedFutures(openWork);
    }

    /** This result (a token stream) is the operation's: whoever returns it too ends with it. */
    public void belongs(Object result, Operation operation) {
        operation.defer();
        Owned owned = new Owned(operation);
        owners.put(result, owned);
        openWork.add(owned);
        operation.whenEnded((ended, failure) -> openWork.remove(owned));
    }

    /** The operation a result belongs to. */
    public @Nullable Operation ownerOf(Object result) {
        Owned owned = owners.get(result);
        return owned == null ? null : owned.operation;
    }

    /**
     * Ends the operation now, or when the work behind the method's result is through.
     *
     * @param returned the name of the type that the method returns: what stands in for a publisher must be one
     * @return the method's result, or what stands in for it
     */
    public @Nullable Object end(
            Operation operation, @Nullable Object result, @Nullable Throwable error, String returned) {
        if (error != null) {
            operation.end(error);
            return result;
        }
        if (result == null) {
            if (!operation.isDeferred()) {
                operation.end(null);
            }
            return null;
        }
        if (result instanceof CompletionStage<?> stage) {
            try {
                stage.whenComplete((value, failure) -> {
                    operation.returned(value);
                    StreamState.end(operation, failure);
                });
            } catch (RuntimeException untold) { // A stage of the application's own that takes no more listeners.
                operation.end(null);
            }
            return result;
        }
        Operation owner = ownerOf(result);
        if (owner != null && owner != operation) {
            follow(operation, owner);
            return result;
        }
        if (operation.isDeferred()) {
            return result; // It ends with the token stream behind it.
        }
        if (futures.follows(operation, result)) {
            return result;
        }
        Object observed = Publishers.observed(operation.tracer(), operation, result, returned);
        if (observed != null) {
            return observed;
        }
        operation.returned(result);
        operation.end(null);
        return result;
    }

    /** The publishers of the application's own that were returned. */
    Publications publications() {
        return publications;
    }

    private static void follow(Operation operation, Operation owner) {
        owner.whenEnded((ended, failure) -> {
            if (failure != null) {
                operation.failed(failure);
            }
            operation.put(GenAi.STREAM_STATE, ended.get(GenAi.STREAM_STATE));
            operation.end(null);
        });
    }

    /** Ends the operations whose results nobody holds any more. */
    void purge() {
        owners.purge(owned -> owned.giveUp(false));
    }

    /** The operation of one result, until it has ended. */
    private static final class Owned implements OpenWork.Piece {

        private final Operation operation;
        private final long sinceNanos = System.nanoTime();

        private Owned(Operation operation) {
            this.operation = operation;
        }

        @Override
        public long heardAtNanos() {
            // Streams below it that are under way speak for themselves.
            return operation.hasOpenStreams() ? System.nanoTime() : sinceNanos;
        }

        @Override
        public void giveUp(boolean atExit) {
            if (!operation.hasOpenStreams()) { // Else the stream below it ends it, with its own state.
                StreamState.ABANDONED.end(operation); // Ignored when it has ended, as it normally has.
            }
        }
    }
}
