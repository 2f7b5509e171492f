package dev.scepsy.planner.search;

/**
 * How much work a search may do. Limits count work, never time: the same problem with the same limits gives the same
 * plan on every machine, and higher limits never give a worse one.
 *
 * @param nodes partial plans that may be looked at, above 0
 * @param seed start of every random draw; problems small enough to be solved exactly draw nothing
 */
public record SearchLimits(long nodes, long seed) {

    private static final SearchLimits STANDARD = new SearchLimits(2_000_000, 0);

    public SearchLimits {
        if (nodes < 1) {
            throw new IllegalArgumentException("The nodes (" + nodes + ") must be at least 1.");
        }
    }

    /** Two million partial plans, seed 0: proves the optimum of every problem of up to 6 models on 32 GPUs met so far. */
    public static SearchLimits standard() {
        return STANDARD;
    }
}
