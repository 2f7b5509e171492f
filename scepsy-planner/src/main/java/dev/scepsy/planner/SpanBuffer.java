package dev.scepsy.planner;

import dev.scepsy.planner.span.Span;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/**
 * Bounded queue from any number of recording threads to the one planner thread. Recording is a compare-and-set and a
 * store: it takes no lock, never waits and never allocates; when the buffer is full the span is dropped and counted.
 *
 * <p>An array whose producers claim a slot by advancing {@code tail} and publish it by a release store; the consumer stops at
 * a slot that is claimed and not yet published (D. Vyukov's bounded queue, with null as "not published").
 *
 * <p>{@link #offer} is thread-safe; {@link #drain} is for one thread.
 */
final class SpanBuffer {

    private static final VarHandle HEAD;

    static {
        try {
            HEAD = MethodHandles.lookup().findVarHandle(SpanBuffer.class, "head", long.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    private final AtomicReferenceArray<Span> slots;
    private final int mask;
    private final AtomicLong tail = new AtomicLong();
    private final LongAdder dropped = new LongAdder();

    /** Next slot to read; written by the consumer only. */
    private volatile long head;

    /** @param capacity at least 1; rounded up to a power of two */
    SpanBuffer(int capacity) {
        int slotCount = capacity <= 1 ? 1 : Integer.highestOneBit(capacity - 1) << 1;
        slots = new AtomicReferenceArray<>(slotCount);
        mask = slotCount - 1;
    }

    /** Adds the span; false, and counted, when there is no room. */
    boolean offer(Span span) {
        long claimed;
        do {
            claimed = tail.get();
            if (claimed - (long) HEAD.getAcquire(this) > mask) {
                dropped.increment();
                return false;
            }
        } while (!tail.compareAndSet(claimed, claimed + 1));
        slots.setRelease((int) claimed & mask, span);
        return true;
    }

    /** Hands every published span to {@code sink} in the order of recording, at most one buffer full; how many there were. */
    int drain(Consumer<? super Span> sink) {
        int count = 0;
        for (long next = head; count <= mask; next++, count++) {
            int slot = (int) next & mask;
            Span span = slots.getAcquire(slot);
            if (span == null) {
                break;
            }
            slots.setRelease(slot, null);
            HEAD.setRelease(this, next + 1);
            sink.accept(span);
        }
        return count;
    }

    boolean isEmpty() {
        return head == tail.get();
    }

    /** Spans that found no room since the start. */
    long dropped() {
        return dropped.sum();
    }
}
