package dev.scepsy.planner.search.price;

/**
 * Numbers of the prices and bounds. None of them decides what is true: any prices bound, these decide how well and how
 * fast.
 */
final class PriceConstants {

    /**
     * Columns of a knapsack table that is not exact: the bound loses less than one part in 2,000 by rounding, the table
     * fills in milliseconds.
     */
    static final int KNAPSACK_UNITS = 2_000;

    /** Units: what lies this close below a whole number was that number before floating point. */
    static final double UNIT_ROUNDING = 1e-9;

    /**
     * Tables of dual feasible functions that a search looks up at every partial plan, those of the best bound at the
     * root; more of them no longer cut what they cost.
     */
    static final int FUNCTIONS_KEPT = 6;

    /** Dual feasible functions u_k are tried for k up to this: 1/2, 1/3 and 1/4 of a GPU are what shards differ by. */
    static final int MOST_DEGREE = 3;

    /** Steps of the dual ascent where one set of prices serves a whole exact search. */
    static final int ASCENT_STEPS = 200;

    /**
     * Compute units of the knapsack of one GPU; finer grids are coarsened, shards rounded down, so that the pricing
     * problem takes microseconds.
     */
    static final int MOST_UNITS = 1_000;

    /**
     * Labels (memory, value) kept per compute unit where memory binds too; beyond, neighbours merge into one as good as
     * both.
     */
    static final int MOST_LABELS = 64;

    /**
     * Rounds of column generation at one node; all met so far end by optimality long before, this ends those that cycle
     * by rounding.
     */
    static final int MASTER_ROUNDS = 400;

    /** Pivots of one round, likewise. */
    static final int MASTER_PIVOTS = 4_000;

    /** Columns kept from node to node: those of the last few nodes, which is where the next node's optimum lies. */
    static final int MOST_SUPPLIES = 120;

    /**
     * What a model left out costs in a restricted master, in multiples of the cost that is enough: dear enough never to
     * be worth it, near enough to keep the arithmetic sound.
     */
    static final double MISSING_COST = 20;

    /**
     * Part of the way from the master's value to what would be enough: a bound closer to the master's value than that no
     * longer closes the node.
     */
    static final double MASTER_NEAR = 0.02;

    /** Relative: master and bound this close have met. */
    static final double MASTER_GAP = 1e-7;

    /** Relative: a pattern worth no more beyond what the master pays brings nothing. */
    static final double MASTER_GAIN = 1e-9;

    /** Relative to the sum of a bound's terms: what cancelling terms leave behind, taken off the bound so that it stays one. */
    static final double DUAL_ROUNDING = 2e-14;

    /** Multiplications that one aggregated master spends on its inverses; about a second. */
    static final double MOST_WORK = 1.5e9;

    /** Multiplications that finding new patterns for all kinds of domains counts as. */
    static final double PATTERN_WORK = 1e5;

    /**
     * So many times fewer models than all are looked at for something that improves, if there is something: partial
     * pricing.
     */
    static final int MODEL_PARTS = 8;

    /** Rows of an aggregated master; its inverse has their square, and beyond that other prices are better for the time. */
    static final int MOST_ROWS = 1_500;

    /** Costs in units of the least plan: a column improves if its reduced cost is below minus this. */
    static final double SIMPLEX_TOLERANCE = 1e-9;

    /**
     * What taking more than there is costs in the aggregated master, in units of the least plan: above every price that
     * a plan would pay.
     */
    static final double DEAREST = 256;

    /** Parts of what there is: an excess above it is one, not the perturbation below. */
    static final double EXCESS = 1e-6;

    /** Right sides of replica rows differ by about so much, because equal ones make steps of no length. */
    static final double PERTURBATION = 1e-8;

    /** Multiples of given worths tried as first prices. */
    static final int SCALINGS = 24;

    /** The largest such multiple, in units of cost per worth. */
    static final double FIRST_SCALING = 64;

    /** Ratio of the multiples that follow; 24 of them span five orders of magnitude. */
    static final double SCALING_RATIO = 1.6;

    /** Length of the first step of the dual ascent, in units of {@link #STEP_TARGET}. */
    static final double FIRST_PACE = 0.1;

    /** Largest pace; longer steps only jump. */
    static final double LONGEST_PACE = 2;

    /** The pace grows by it at every better value. */
    static final double PACE_UP = 1.2;

    /** The pace shrinks by it after {@link #PATIENCE} steps that were not better. */
    static final double PACE_DOWN = 0.7;

    /** Steps without a better value before the pace shrinks; the average direction needs a few to turn. */
    static final int PATIENCE = 4;

    /** Part of the bound that a step of pace 1 aims to gain. */
    static final double STEP_TARGET = 0.05;

    /** Weight of the newest subgradient in the average direction; single ones jump between patterns of equal worth. */
    static final double MIXED_IN = 0.15;

    /** Steps of the ascent over limits alone; each is one pass over all choices. */
    static final int LIMIT_STEPS = 300;

    /** Pace at which that ascent ends. */
    static final double LIMIT_SHORTEST_PACE = 1e-4;

    /** Steps without a better value before its pace is halved. */
    static final int LIMIT_PATIENCE = 8;

    /** Part of the cost aimed at that a step aims to gain at least. */
    static final double LIMIT_SMALLEST_AIM = 1e-3;

    /** Prices are made anew below this part of the choices left: less struck out does not pay for another programme. */
    static final double WORTH_REPEATING = 0.9;

    /** Shapes up to which programmes are solved at every node: they have a row per shape. */
    static final int MOST_SHAPES = 400;

    private PriceConstants() {}
}
