package dev.scepsy.javaagent.trace;

import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Values by key object, by identity; a key is not kept alive. Thread-safe.
 *
 * @param <V> must not refer to its key strongly
 */
public final class WeakIdentityMap<V> {

    private final ConcurrentHashMap<Key, V> entries = new ConcurrentHashMap<>();
    private final ReferenceQueue<Object> collected = new ReferenceQueue<>();

    public void put(Object key, V value) {
        entries.put(new Key(key, collected), value);
    }

    public @Nullable V get(Object key) {
        return entries.get(new Key(key, null)); // Not isEmpty() first: with several threads at it, that may be wrong.
    }

    /** Puts what the function makes of the value, in one step; nothing for null. */
    void compute(Object key, UnaryOperator<@Nullable V> change) {
        entries.compute(new Key(key, collected), (known, value) -> change.apply(value));
    }

    public @Nullable V remove(Object key) {
        return entries.remove(new Key(key, null));
    }

    /** Removes the entries whose key is gone and hands out their values. */
    public void purge(Consumer<V> gone) {
        for (Reference<?> key = collected.poll(); key != null; key = collected.poll()) {
            V value = entries.remove(key);
            if (value != null) {
                gone.accept(value);
            }
        }
    }

    /** Removes the entries of which the predicate (key or null when gone, value) holds. */
    void removeIf(BiPredicate<@Nullable Object, V> unwanted) {
        entries.entrySet().removeIf(entry -> unwanted.test(entry.getKey().get(), entry.getValue()));
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
