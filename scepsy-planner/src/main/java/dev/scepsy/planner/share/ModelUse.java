package dev.scepsy.planner.share;

import java.util.Arrays;

/**
 * One model's part in one execution. Nobody changes the arrays.
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
@SuppressWarnings("ArrayRecordComponent") // carried, never compared
public record ModelUse(
        String model,
        int calls,
        long callNanos,
        long busyNanos,
        double crowdNanos,
        long pathNanos,
        int[] inputTokens,
        int[] outputTokens,
        EngineUse engine) {

    /**
     * Both, under a name of their own. How far their intervals overlap is not known any more: they are taken as apart, so that busy time
     * is an upper bound, and what runs at once a lower one.
     */
    ModelUse plus(ModelUse other, String name) {
        return new ModelUse(
                name,
                calls + other.calls,
                callNanos + other.callNanos,
                busyNanos + other.busyNanos,
                crowdNanos + other.crowdNanos,
                pathNanos + other.pathNanos,
                joined(inputTokens, other.inputTokens),
                joined(outputTokens, other.outputTokens),
                engine.plus(other.engine));
    }

    /** The same under another name. */
    ModelUse named(String name) {
        return new ModelUse(
                name, calls, callNanos, busyNanos, crowdNanos, pathNanos, inputTokens, outputTokens, engine);
    }

    private static int[] joined(int[] one, int[] other) {
        int[] both = Arrays.copyOf(one, one.length + other.length);
        System.arraycopy(other, 0, both, one.length, other.length);
        return both;
    }
}
