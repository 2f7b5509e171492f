package dev.scepsy.planner.execution;

import dev.scepsy.planner.span.Span;
import java.util.List;

/** Why an execution is left out of the statistics; in order of precedence, the first that applies is counted. */
public enum IncompleteReason {
    /** Its outermost span was never seen. */
    ROOT_MISSING("rootMissing"),
    /** Its outermost span never ended. */
    TIMED_OUT("timedOut"),
    /** A parent inside it was never seen. */
    SPANS_DROPPED("spansDropped"),
    /** One of its spans ends before it starts, or lasts longer than anything does: a call a day, an execution ten years. */
    CLOCK_BACKWARDS("clockBackwards");

    /** A day, as the files that are written from it take it. */
    private static final long LONGEST_CALL_NANOS = 86_400_000_000_000L;

    /** Ten years: it may wait for people. */
    private static final long LONGEST_EXECUTION_NANOS = 3_650 * LONGEST_CALL_NANOS;

    private final String key;

    IncompleteReason(String key) {
        this.key = key;
    }

    /** Whether the last of the reasons holds; a start that was never set is 1970, and makes a call longer than a day. */
    static boolean timesAreWrong(Span root, List<Span> members) {
        return root.endEpochNanos() - root.startEpochNanos() > LONGEST_EXECUTION_NANOS
                || members.stream().anyMatch(span -> {
                    long nanos = span.endEpochNanos() - span.startEpochNanos();
                    return nanos < 0 || (span.isModelCall() && nanos > LONGEST_CALL_NANOS);
                });
    }

    /** As files name it. */
    public String key() {
        return key;
    }
}
