package dev.scepsy.javaagent.export;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * A bounded queue of many producers and one consumer. Offering is one compare-and-set where no other thread offers at the
 * same moment, never blocks and allocates nothing; what finds no room is refused and counted.
 */
final class Ring<E> {

    private final AtomicReferenceArray<@Nullable E> slots;
    private final int mask;
    private final AtomicLong tail = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private volatile long head;

    /** @param capacity a power of two */
    Ring(int capacity) {
        if (Integer.bitCount(capacity) != 1) {
            throw new IllegalArgumentException("capacity (" + capacity + ") is no power of two");
        }
        slots = new AtomicReferenceArray<>(capacity);
        mask = capacity - 1;
    }

    /** Adds it; false when there is no room. */
    boolean offer(E element) {
        long at;
        do {
            at = tail.get();
            if (at - head > mask) {
                refused.incrementAndGet();
                return false;
            }
        } while (!tail.compareAndSet(at, at + 1));
        slots.lazySet((int) at & mask, element);
        return true;
    }

    /** Takes the oldest; null when there is none (or its producer has not put it down yet). By one thread. */
    @Nullable
    E poll() {
        long at = head;
        int slot = (int) at & mask;
        E element = slots.get(slot);
        if (element != null) {
            slots.lazySet(slot, null);
            head = at + 1;
        }
        return element;
    }

    /** How many were ever offered, taken or refused. */
    long offered() {
        return tail.get() + refused.get();
    }

    long refused() {
        return refused.get();
    }
}
