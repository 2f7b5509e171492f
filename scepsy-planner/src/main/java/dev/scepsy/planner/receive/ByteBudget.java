package dev.scepsy.planner.receive;

import java.util.concurrent.atomic.AtomicLong;

/** Bytes that may be held at a time. Thread-safe. */
public final class ByteBudget {

    private final long most;
    private final AtomicLong held = new AtomicLong();

    public ByteBudget(long most) {
        this.most = most;
    }

    /** Takes them, or none where they would be too many. */
    public boolean tryTake(long bytes) {
        if (held.addAndGet(bytes) > most) {
            held.addAndGet(-bytes);
            return false;
        }
        return true;
    }

    /** Gives back what was taken. */
    public void give(long bytes) {
        held.addAndGet(-bytes);
    }

    long held() {
        return held.get();
    }
}
