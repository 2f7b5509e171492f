package dev.scepsy.planner.simulate;

/** How a model's calls are spread over its replicas. */
public enum Routing {
    /** To the replica with the fewest calls inside; ties to the first. */
    LEAST_LOADED,
    /** To each in turn. */
    ROUND_ROBIN
}
