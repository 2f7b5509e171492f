package dev.scepsy.planner.receive;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** What a receiver has answered so far. Thread-safe. */
public final class ReceiverCounts {

    private final Map<Signal, LongAdder> accepted = new EnumMap<>(Signal.class);
    private final LongAdder refused = new LongAdder();
    private final LongAdder tooLarge = new LongAdder();
    private final LongAdder deferred = new LongAdder();
    private final LongAdder stalled = new LongAdder();

    /** Nothing answered yet. */
    public ReceiverCounts() {
        for (Signal signal : Signal.values()) {
            accepted.put(signal, new LongAdder());
        }
    }

    void count(Signal signal, Outcome outcome) {
        if (outcome instanceof Outcome.Accepted) {
            accepted.getOrDefault(signal, new LongAdder()).increment();
        } else if (outcome instanceof Outcome.TryLater) {
            deferred.increment();
        } else if (outcome instanceof Outcome.TooLarge) {
            tooLarge.increment();
        } else {
            refused.increment();
        }
    }

    void countRefused() {
        refused.increment();
    }

    void countStalled() {
        stalled.increment();
    }

    /** Requests taken. */
    public long accepted(Signal signal) {
        return accepted.getOrDefault(signal, new LongAdder()).sum();
    }

    /** Requests that were no OTLP, or to a path that is none. */
    public long refused() {
        return refused.sum();
    }

    /** Requests beyond a limit of size. */
    public long tooLarge() {
        return tooLarge.sum();
    }

    /** Requests whose senders were asked to come again. */
    public long deferred() {
        return deferred.sum();
    }

    /** Requests that did not arrive whole in time, or were given up by their senders. */
    public long stalled() {
        return stalled.sum();
    }
}
