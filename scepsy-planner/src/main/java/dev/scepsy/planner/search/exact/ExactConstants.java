package dev.scepsy.planner.search.exact;

/** Numbers of the exact search. They decide how much work a proof takes, never what is proven. */
final class ExactConstants {

    /**
     * Partial plans looked at by the plain sums alone: most problems end within them, before dual feasible functions are
     * worth preparing.
     */
    static final long NODES_ON_SUMS = 60;

    /** Partial plans looked at by dual feasible functions too, before prices at every node are worth it. */
    static final long NODES_ON_FUNCTIONS = 400;

    /**
     * Choices up to which a refusal of placement is made a no-good: learning asks once or more per member, of many the
     * lesson is not worth its price.
     */
    static final int MOST_MEMBERS = 16;

    /**
     * The first limit of branch and price, in units of the bound of the whole: bounds cut most when the limit is close
     * to the optimum.
     */
    static final double FIRST_LIMIT = 1.05;

    /** The next limits, in units of what the round before has proven. */
    static final double RAISED = 1.35;

    /** Part of the dearest plan that a limit lies above the bound at least, so that a bound of 0 is left. */
    static final double LEAST_RAISED = 1e-4;

    /** A limit is above 0, even where nothing costs anything. */
    static final double SMALLEST_LIMIT = 1e-12;

    /** Relative: every plan costs less than the sum of the dearest choices and this. */
    static final double COST_ROUNDING = 1e-9;

    /** Models are branched on by fewest shapes; one with its shape decided counts as so many, and comes last. */
    static final long DECIDED_SHAPES = 1_000;

    /** One shape more weighs as much as so many choices. */
    static final long SHAPE_WEIGHT = 1_000_000;

    private ExactConstants() {}
}
