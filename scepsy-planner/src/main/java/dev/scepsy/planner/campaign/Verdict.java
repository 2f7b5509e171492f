package dev.scepsy.planner.campaign;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * How sure the plan of now is. Immutable.
 *
 * @param plan the best one by what is believed; empty where no plan is
 * @param keptShare share of the draws in which it stays the best, in [0, 1]
 * @param expectedLoss how much slower it is than the best one of each draw, mean over draws, relative; a draw in which it does
 *     not sustain its load counts as 1
 * @param next the combination whose measurement is worth most; empty where nothing is left to measure
 * @param expectedLossAfter what is left of the loss after it, expected
 */
public record Verdict<P>(
        Optional<P> plan, double keptShare, double expectedLoss, OptionalInt next, double expectedLossAfter) {}
