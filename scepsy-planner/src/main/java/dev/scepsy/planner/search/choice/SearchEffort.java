package dev.scepsy.planner.search.choice;

/**
 * How much work a search was.
 *
 * @param choices (GPU, t, f, r) combinations over all models before pruning
 * @param choicesKept what dominance and bounds left
 * @param nodes partial plans looked at
 * @param placementChecks partial plans whose placement was decided
 * @param placementProven the lower bound counts placement; where false it holds for the relaxed problem only, and so
 *     for the placed one too
 */
public record SearchEffort(long choices, long choicesKept, long nodes, long placementChecks, boolean placementProven) {}
