package dev.scepsy.planner.search.infeasible;

import dev.scepsy.planner.stat.ReadableNumber;

/** How numbers are written in what the search says to people. */
public final class Shown {

    private Shown() {}

    /** The value with six significant digits, and all those before the point. */
    public static String plain(double value) {
        return ReadableNumber.of(value, InfeasibleConstants.DIGITS);
    }
}
