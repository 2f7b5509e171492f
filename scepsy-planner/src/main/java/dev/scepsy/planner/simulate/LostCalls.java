package dev.scepsy.planner.simulate;

/** What becomes of the calls inside a replica that fails. */
public enum LostCalls {
    /** The router sends them to another replica at once, from the start; without one they wait for the first to return. */
    RETRY,
    /** They fail, and their executions with them. */
    FAIL
}
