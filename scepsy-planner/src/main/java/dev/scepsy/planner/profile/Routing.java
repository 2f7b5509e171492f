package dev.scepsy.planner.profile;

/** How calls to one model spread over its replicas, as far as the closed form tells rules apart. */
public enum Routing {
    /** To the replica with the fewest calls inside: replicas stay equally full, and work as one pool. */
    LEAST_LOADED,
    /** To one after the other: siblings of a fan-out spread, but a full replica gets its turn like an empty one. */
    ROUND_ROBIN
}
