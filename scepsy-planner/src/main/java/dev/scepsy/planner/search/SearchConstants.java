package dev.scepsy.planner.search;

/** Numbers of the door. */
final class SearchConstants {

    /** Partial plans of a quick search, for plans that need not be the best of their kind. */
    static final long LITTLE_NODES = 2_000;

    /** Partial plans of each question for the largest factor, where no optimum is promised. */
    static final long FACTOR_NODES = 200_000;

    /** Models up to which reasons may take as much work as the search itself. */
    static final int REASON_MODELS = 16;

    /** Partial plans of each question for reasons where there are more. */
    static final long LARGE_REASON_NODES = 2_000;

    /** Relative: a factor this close to its bound counts as proven; bisection leaves 1e-7. */
    static final double FACTOR_PROVEN = 1e-6;

    /** Relative: finalists this close to the best plan's goal reach it. */
    static final double GOAL_TOLERANCE = 1e-9;

    private SearchConstants() {}
}
