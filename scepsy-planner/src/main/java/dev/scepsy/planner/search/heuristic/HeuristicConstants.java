package dev.scepsy.planner.search.heuristic;

/**
 * Numbers of the heuristic: how long it tries what. None of them touches the bound, or the rule that more work is never
 * worse.
 */
final class HeuristicConstants {

    /** Steps of the dual ascent after the aggregated master, which is near the optimum already. */
    static final int PRICE_STEPS = 60;

    /** Halvings (of the logarithm) of the multiple of prices at which answers can be placed. */
    static final int SCALE_STEPS = 40;

    /** The lowest multiple of prices tried, and the highest by its inverse: at these costs or prices alone count. */
    static final double SMALLEST_SCALE = 1e-6;

    /** Multiples this close together give the same answers nearly always. */
    static final double SCALE_RATIO = 1.0005;

    /** Multiples of prices that are tried where no bisection has found any. */
    static final double[] HIGH_SCALES = {1, 10, 1 / SMALLEST_SCALE};

    /** Multiples of the limits' prices that first plans are made at: a little more than 1, because answers are whole. */
    static final double[] CHARGE_SCALES = {1, 1.01, 1.03, 1.1, 1.3, 2};

    /** The same where limits alone are priced; these prices know nothing of hardware, so far larger ones are tried too. */
    static final double[] LIMIT_SCALES = {1, 1.001, 1.01, 1.03, 1.1, 1.3, 2, 4, 16, 256};

    /** Upgrades that placement refuses before mending a plan is given up. */
    static final int MOST_REFUSED = 50;

    /** Relative to the limits: less excess than this is rounding, not a gain. */
    static final double SMALLEST_GAIN = 1e-13;

    /** Relative to a choice's cost: an upgrade that mends for less is taken as costing so much. */
    static final double SMALLEST_PRICE = 1e-9;

    /** Ever smaller upgrades of one model that are tried after placement refused one. */
    static final int UPGRADE_TRIALS = 24;

    /** Questions of placement that exchange moves may ask for one plan. */
    static final long MOVES_ASKED = 300;

    /**
     * Changes of single models that exchange moves combine, those of least reduced cost: pairs of them are looked
     * through in milliseconds.
     */
    static final int MOST_MOVES = 600;

    /** Of these the ones that are combined in threes, for the same reason. */
    static final int MOST_IN_THREES = 120;

    /** Combinations kept for placement to be asked about, a list that is sorted. */
    static final int MOST_CANDIDATES = 20_000;

    /**
     * Questions of placement that random exchanges may ask at least; with more work one for as many partial plans,
     * because a question costs so many times more.
     */
    static final long EXCHANGE_QUESTIONS = 200;

    /** A swap, one model that gives up, or two: drawn alike. */
    static final int KINDS_OF_EXCHANGE = 3;

    /** Power of the draw that picks among neighbours: half of the picks are of the nearest eighth. */
    static final double NEARNESS = 3;

    private HeuristicConstants() {}
}
