package dev.scepsy.samples.demo;

/**
 * One question asked of the application. Times by {@code System.nanoTime()}; mutable only by the generator that asks.
 */
final class Execution {

    private final Question question;
    private final long offeredNanos;
    private volatile long answeredNanos;
    private volatile boolean failed;

    /** @param offeredNanos when it was due, not when the generator came round to it */
    Execution(Question question, long offeredNanos) {
        this.question = question;
        this.offeredNanos = offeredNanos;
    }

    void answered(boolean ok) {
        failed = !ok;
        answeredNanos = System.nanoTime();
    }

    Question question() {
        return question;
    }

    long offeredNanos() {
        return offeredNanos;
    }

    boolean isAnswered() {
        return answeredNanos != 0;
    }

    boolean isFailed() {
        return failed;
    }

    boolean answeredWithin(long fromNanos, long toNanos) {
        return isAnswered() && answeredNanos >= fromNanos && answeredNanos < toNanos;
    }

    /** From due to answered; defined once answered. */
    long latencyNanos() {
        return answeredNanos - offeredNanos;
    }
}
