package dev.scepsy.planner.search.choice;

/** Numbers that the choices rest on, and those that several rooms share. Others than the public ones are for this room. */
public final class ChoiceConstants {

    /**
     * Relative: plans this close to the best count as equally good. Far above the rounding of sums of a thousand costs
     * (1e-13), far below what a profile is good for.
     */
    public static final double TIE_TOLERANCE = 1e-10;

    /** Relative: by so much a sum of doubles may pass a bound that it only just keeps on paper. */
    public static final double SUM_ROUNDING = 1e-12;

    /**
     * What is divided by is never less, where 0 would mean "takes nothing": the quotient then beats all others, and
     * stays finite.
     */
    public static final double SMALLEST_DIVISOR = 1e-12;

    /**
     * Costs that steps and tolerances are measured by are never less: problems in which nothing costs anything still
     * have a scale.
     */
    public static final double SMALLEST_COST = 1e-9;

    /**
     * Partial plans of a search nobody limits: proves the optimum of every problem of up to 6 models on 32 GPUs met so
     * far, full clusters included, in seconds.
     */
    static final long STANDARD_NODES = 2_000_000;

    /**
     * Replica counts of one shape that dominance compares one by one; it compares pairs of shapes at every count, so
     * beyond that only a grid is kept.
     */
    static final long MOST_COUNTS = 20_000;

    /**
     * Replica counts from the fewest on that a grid has every one of: there one replica more still changes the latency
     * visibly.
     */
    static final int GRID_DENSE = 64;

    /** Ratio of the counts that follow in a grid: one per cent more replicas change the latency by no more than that. */
    static final double GRID_GROWTH = 1.01;

    private ChoiceConstants() {}
}
