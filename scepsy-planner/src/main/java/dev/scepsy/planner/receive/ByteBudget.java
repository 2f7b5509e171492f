package dev.scepsy.planner.receive;

import java.util.concurrent.atomic.AtomicLong;

/** Bytes that may be held at a time. Thread-safe. */
final class ByteBudget {

    private final long most;
    private final AtomicLong held = new AtomicLong();

    ByteBudget(long most) {
        this.most = most;
    }

    boolean tryTake(long bytes) {
        if (held.addAndGet(bytes) > most) {
            held.addAndGet(-bytes);
            return false;
        }
        return true;
    }

    void give(long bytes) {
        held.addAndGet(-bytes);
    }

    long held() {
        return held.get();
    }
}
