package dev.scepsy.javaagent.trace;

import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * When an operation ends: with its method, or with the work its result stands for (a completion stage, a token stream).
 * Thread-safe; results are held weakly and by identity.
 */
public final class Endings {

    private final ConcurrentHashMap<Key, Operation> open = new ConcurrentHashMap<>();
    private final ReferenceQueue<Object> collected = new ReferenceQueue<>();

    /** This result (a token stream) is the operation's: whoever returns it too ends with it. */
    public void belongs(Object result, Operation operation) {
        purge();
        open.put(new Key(result, collected), operation);
        operation.defer();
    }

    /** The operation a result belongs to. */
    public @Nullable Operation ownerOf(Object result) {
        return open.isEmpty() ? null : open.get(new Key(result, null));
    }

    /** Ends the operation now, or when the work behind the method's result is through. */
    public void end(Operation operation, @Nullable Object result, @Nullable Throwable error) {
        if (error != null) {
            operation.end(error);
            return;
        }
        if (result instanceof CompletionStage<?> stage) {
            stage.whenComplete((value, failure) -> operation.end(failure));
            return;
        }
        Operation owner = result == null ? null : ownerOf(result);
        if (owner != null && owner != operation) {
            owner.whenEnded((ended, failure) -> {
                if (failure != null) {
                    operation.failed(failure);
                }
                operation.end(null);
            });
            return;
        }
        if (!operation.isDeferred()) {
            operation.end(null);
        }
    }

    private void purge() {
        for (Reference<?> gone = collected.poll(); gone != null; gone = collected.poll()) {
            Operation abandoned = open.remove(gone);
            if (abandoned != null) {
                abandoned.put(GenAi.STREAM_STATE, "abandoned");
                abandoned.end(null); // Ignored when it has ended, as it normally has.
            }
        }
    }

    private static final class Key extends WeakReference<Object> {

        private final int hash;

        private Key(Object referent, @Nullable ReferenceQueue<Object> queue) {
            super(referent, queue);
            this.hash = System.identityHashCode(referent);
        }

        @Override
        public int hashCode() {
            return hash;
        }

        @Override
        @SuppressWarnings("ReferenceEquality") // Identity is the point.
        public boolean equals(@Nullable Object other) {
            if (this == other) {
                return true;
            }
            Object mine = get();
            return other instanceof Key key && mine != null && mine == key.get();
        }
    }
}
