package dev.scepsy.planner;

import dev.scepsy.planner.span.TraceId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is held of each trace, in the order in which it was last put. What has not been put for a while goes by age; and from the
 * oldest on, when all together weigh too much. One that is too heavy by itself goes alone. Used by one thread.
 *
 * <p>Whatever the number of traces, every method but {@link #values} takes the same time, letting go apart.
 */
final class AgingTable<V extends AgingTable.Held> {

    /** What is held of one trace; in one table only. */
    abstract static class Held {
        private final TraceId traceId;
        private long putAtNanos;
        private int weighed;
        private boolean held;

        Held(TraceId traceId) {
            this.traceId = traceId;
        }

        final TraceId traceId() {
            return traceId;
        }

        /** Whether it is in its table. */
        final boolean isHeld() {
            return held;
        }

        /** Spans. */
        abstract int weight();
    }

    /** Is told of what goes. */
    @FunctionalInterface
    interface Farewell<V> {
        /** @param aged by age, not by weight */
        void letGo(V value, boolean aged);
    }

    private final long maxWeight;
    private final long maxAgeNanos;
    private final Map<TraceId, V> byTrace = new LinkedHashMap<>();
    private final List<V> tooHeavy = new ArrayList<>(0);
    private long weight;
    private @Nullable V newest;

    /**
     * @param maxWeight of all values together
     * @param maxAgeNanos since a value was last put
     */
    AgingTable(long maxWeight, long maxAgeNanos) {
        this.maxWeight = maxWeight;
        this.maxAgeNanos = maxAgeNanos;
    }

    @Nullable
    V get(TraceId traceId) {
        V last = newest;
        return last != null && last.traceId().equals(traceId) ? last : byTrace.get(traceId);
    }

    /** Puts it, or again: weighed anew, and the youngest. */
    @SuppressWarnings("ReferenceEquality") // The very last one need not move.
    void put(V value, long nowNanos) {
        Held held = value;
        if (value != newest) {
            V before = byTrace.remove(held.traceId);
            if (before != null) {
                leaves(before);
            }
            byTrace.put(held.traceId, value);
            held.held = true;
            held.weighed = 0;
            newest = value;
        }
        held.putAtNanos = nowNanos;
        int weighs = value.weight();
        if (weighs > maxWeight && held.weighed <= maxWeight) {
            tooHeavy.add(value);
        }
        weight += weighs - held.weighed;
        held.weighed = weighs;
    }

    void remove(V value) {
        if (byTrace.remove(value.traceId(), value)) {
            leaves(value);
        }
    }

    @SuppressWarnings("ReferenceEquality")
    private void leaves(V value) {
        Held held = value;
        held.held = false;
        weight -= held.weighed;
        held.weighed = 0;
        if (value == newest) {
            newest = null;
        }
    }

    /** Lets go of what is too old, and of what is too much. */
    void letGo(long nowNanos, Farewell<? super V> farewell) {
        for (V heavy : tooHeavy) {
            if (heavy.isHeld()) {
                remove(heavy);
                farewell.letGo(heavy, false);
            }
        }
        tooHeavy.clear();
        Iterator<V> oldestFirst = byTrace.values().iterator();
        while (oldestFirst.hasNext()) {
            V oldest = oldestFirst.next();
            Held held = oldest;
            boolean aged = nowNanos - held.putAtNanos > maxAgeNanos;
            if (!aged && weight <= maxWeight) {
                return;
            }
            oldestFirst.remove();
            leaves(oldest);
            farewell.letGo(oldest, aged);
        }
    }

    /** A copy, the oldest first. */
    Collection<V> values() {
        return List.copyOf(byTrace.values());
    }

    /** Of all values, as last weighed. */
    long weight() {
        return weight;
    }
}
