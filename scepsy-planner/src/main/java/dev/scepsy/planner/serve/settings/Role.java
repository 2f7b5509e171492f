package dev.scepsy.planner.serve.settings;

/** What the bearer of a token may do. */
public enum Role {
    /** Send OTLP. */
    SENDER,
    /** Read, and ask what if. */
    VIEWER,
    /** Read and decide. */
    OPERATOR;

    /** Whether one with this role may do what {@code needed} may. */
    public boolean may(Role needed) {
        return this == needed || (this == OPERATOR && needed == VIEWER);
    }
}
