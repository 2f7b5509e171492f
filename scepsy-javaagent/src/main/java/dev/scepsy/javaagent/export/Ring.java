package dev.scepsy.javaagent.export;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * A bounded queue of many producers and one consumer. Offering is one compare-and-set where no other thread offers at the
 * same moment, never blocks and allocates nothing; what finds no room is refused and counted. What the consumer writes lies on
 * other cache lines than what producers read, so that emptying the queue slows no offer down.
 */
final class Ring<E> {

    private final AtomicReferenceArray<@Nullable E> slots;
    private final int mask;
    private final Cursor tail = new Cursor();
    private final Cursor head = new Cursor(); // Written by the consumer alone.
    private final LongAdder refused = new LongAdder();

    /** A number with two cache lines to itself. */
    @SuppressWarnings("unused") // The room is what they are for.
    private static final class Cursor extends AtomicLong {
        private static final long serialVersionUID = 1;

        private long room1, room2, room3, room4, room5, room6, room7, room8;
        private long room9, room10, room11, room12, room13, room14, room15;
    }

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
            if (at - head.getAcquire() > mask) {
                refused.increment();
                return false;
            }
        } while (!tail.compareAndSet(at, at + 1));
        slots.lazySet((int) at & mask, element);
        return true;
    }

    /** Takes the oldest; null when there is none (or its producer has not put it down yet). By one thread. */
    @Nullable
    E poll() {
        long at = head.getPlain();
        int slot = (int) at & mask;
        E element = slots.get(slot);
        if (element != null) {
            slots.lazySet(slot, null);
            head.setRelease(at + 1);
        }
        return element;
    }

    /** How many were ever offered, taken or refused. */
    long offered() {
        return tail.get() + refused.sum();
    }

    long refused() {
        return refused.sum();
    }
}
