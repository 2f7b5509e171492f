package dev.scepsy.planner.execution;

/** Why an execution is left out of the statistics; in order of precedence, the first that applies is counted. */
public enum IncompleteReason {
    /** Its outermost span was never seen. */
    ROOT_MISSING("rootMissing"),
    /** Its outermost span never ended. */
    TIMED_OUT("timedOut"),
    /** A parent inside it was never seen. */
    SPANS_DROPPED("spansDropped"),
    /** One of its spans ends before it starts. */
    CLOCK_BACKWARDS("clockBackwards");

    private final String key;

    IncompleteReason(String key) {
        this.key = key;
    }

    /** As files name it. */
    public String key() {
        return key;
    }
}
