package dev.scepsy.planner.simulate;

/** How a model's calls are spread over its replicas that are up. */
public enum Routing {
    /** To the replica with the fewest calls inside; ties take turns. */
    LEAST_LOADED,
    /** To each in turn. */
    ROUND_ROBIN,
    /** To the less loaded of two drawn at random. */
    POWER_OF_TWO
}
