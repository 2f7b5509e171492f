package dev.scepsy.planner.profile;

/** How evenly a router fills the replicas of a model, as far as the closed form tells rules apart. */
public enum Balancing {
    /** Every call goes to the replica with the fewest inside: they stay equally full, and work as one pool. */
    POOLED,
    /** Calls are dealt in turn: siblings of a fan-out spread, but a full replica gets its turn like an empty one. */
    DEALT
}
