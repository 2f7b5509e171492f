package dev.scepsy.planner.share;

/**
 * One model's part in one execution.
 *
 * @param model its name
 * @param calls calls to it, at least 1
 * @param callNanos D, their durations without back-off, summed
 * @param busyNanos U, length of the union of their intervals
 * @param crowdNanos ∫ c² dt, c calls running at once
 * @param pathNanos time charged to it on the critical path
 * @param inputTokens of the calls that report them
 * @param outputTokens of the calls that report them
 * @param engine what engines said about them
 */
record ModelUse(
        String model,
        int calls,
        long callNanos,
        long busyNanos,
        double crowdNanos,
        long pathNanos,
        int[] inputTokens,
        int[] outputTokens,
        EngineUse engine) {}
