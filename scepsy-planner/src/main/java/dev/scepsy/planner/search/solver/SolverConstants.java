package dev.scepsy.planner.search.solver;

/** Numbers that decide which method answers, and how long. {@link #JUST_BELOW} is for the door too. */
public final class SolverConstants {

    /** A factor found is sure just below it: products of decimals and factors are rounded. */
    public static final double JUST_BELOW = 1 - 1e-9;

    /** Models up to which the optimum is promised, placement included. */
    static final int PROMISED_MODELS = 6;

    /** GPUs up to which it is promised. */
    static final int PROMISED_GPUS = 32;

    /** Models up to which the exact search tries at all: beyond, a bound per model and depth costs more than prices do. */
    static final int EXACT_REACH_MODELS = 64;

    /** Choices up to which it tries: so many are still compared in seconds. */
    static final long EXACT_REACH_CHOICES = 500_000;

    /** Where the optimum is not promised the exact search gets this part of the work: what it proves it proves early. */
    static final long UNPROMISED_PART = 50;

    /** From so many models on it gets less still, by the square of their number. */
    static final double GROWTH_MODELS = 16;

    /** Partial plans looked at for any plan where no prices lead to one that can be placed. */
    static final long LAST_RESORT_NODES = 2_000;

    /**
     * Models up to which a search alone decides whether there is a plan; of more most stand in nobody's way, and prices
     * find out who has to give in.
     */
    static final int FEW_MODELS = 16;

    /** With latency limits and more choices than this, prices are asked first: the least needs no longer say what is enough. */
    static final int VAST_CHOICES = 20_000;

    /** Partial plans before prices at every node are worth it. */
    static final long QUICK_NODES = 400;

    /** GPUs: sums of compute may pass the cluster by so much in floating point, relative and absolute. */
    static final double GPU_ROUNDING = 1e-9;

    /** Breakpoints of the factor on targets that are listed and bisected exactly. */
    static final long MOST_BREAKPOINTS = 50_000;

    /** Relative: with latency limits, the factor is known to so much. */
    static final double SCALE_WIDTH = 1e-7;

    /** The same where there are more breakpoints than are listed. */
    static final double LARGE_SCALE_WIDTH = 2e-3;

    /** Partial plans of each such question. */
    static final long LARGE_SCALE_NODES = 2_000;

    /** Part of the targets (or of what single models sustain) below which no factor is looked for. */
    static final double SMALLEST_SCALE = 1e-9;

    /** While no factor is known to fit, the next is so many times smaller. */
    static final double FIRST_DROP = 16;

    /** Part of the smallest factor that is still tried, so that the search ends there. */
    static final double FLOOR_TRIED = 0.99;

    /** Halvings between a factor and the one at which a plan surely breaks: all of a double's digits. */
    static final int OWN_REACH_STEPS = 50;

    private SolverConstants() {}
}
