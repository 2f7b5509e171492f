package dev.scepsy.planner.search.infeasible;

/** Numbers of the reasons. */
final class InfeasibleConstants {

    /** Sets of models asked about one by one for the smallest that has no plan; each question is a search. */
    static final int MOST_SETS = 150;

    /** Nodes named one by one in a sentence; more are counted. */
    static final int MOST_NAMED = 3;

    /** Significant digits of numbers in sentences. */
    static final int DIGITS = 6;

    /** GPUs: a shortage this close above a whole number is that number. */
    static final double GPU_ROUNDING = 1e-9;

    /** Relative: sums of memory, which are not counted in whole units here, may pass the cluster's by so much. */
    static final double MEMORY_ROUNDING = 1e-9;

    private InfeasibleConstants() {}
}
