package dev.scepsy.planner.execution;

/**
 * A span between an execution's root and one of its leaf calls: an agent, a nested workflow, a tool that calls models.
 * Immutable.
 *
 * @param spanId its span
 * @param startEpochNanos start, nanoseconds since the epoch
 * @param endEpochNanos end, nanoseconds since the epoch
 */
public record Enclosing(long spanId, long startEpochNanos, long endEpochNanos) {}
