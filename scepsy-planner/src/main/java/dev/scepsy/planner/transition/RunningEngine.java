package dev.scepsy.planner.transition;

/**
 * An engine as it was found. Immutable.
 *
 * @param engine what and where it is
 * @param ready whether it serves: ready, and not taken out of its service. An engine that is not ready occupies its GPUs
 *     and counts for no floor
 */
public record RunningEngine(Engine engine, boolean ready) {}
