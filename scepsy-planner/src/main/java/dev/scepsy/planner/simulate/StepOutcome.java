package dev.scepsy.planner.simulate;

import java.util.stream.LongStream;

/** What one engine step gave. Immutable. */
public final class StepOutcome {

    private final double endSeconds;
    private final long[] tokens;
    private final long[] finished;

    StepOutcome(double endSeconds, long[] tokens, long[] finished) {
        this.endSeconds = endSeconds;
        this.tokens = tokens;
        this.finished = finished;
    }

    /** When the step ended. */
    public double endSeconds() {
        return endSeconds;
    }

    /** Requests that got one token each, in scheduling order. */
    public LongStream tokens() {
        return LongStream.of(tokens);
    }

    /** Requests that are done, in scheduling order; a request without output tokens is in no other list. */
    public LongStream finished() {
        return LongStream.of(finished);
    }
}
