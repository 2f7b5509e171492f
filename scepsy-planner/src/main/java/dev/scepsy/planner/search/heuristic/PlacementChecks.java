package dev.scepsy.planner.search.heuristic;

import dev.scepsy.planner.search.choice.Choice;
import dev.scepsy.planner.search.choice.Placeability;
import dev.scepsy.planner.search.choice.Placeability.Verdict;

/** Asks placement about whole plans, and counts how often. Not thread-safe. */
final class PlacementChecks {

    private final Placeability placeability;
    private long count;

    PlacementChecks(Placeability placeability) {
        this.placeability = placeability;
    }

    /** How often it was asked. */
    long count() {
        return count;
    }

    /** Whether the plan is known to be placeable. */
    boolean placeable(Choice[] plan) {
        count++;
        int[] shapes = new int[plan.length];
        int[] replicas = new int[plan.length];
        for (int model = 0; model < plan.length; model++) {
            shapes[model] = plan[model].shape().index();
            replicas[model] = plan[model].replicas();
        }
        return placeability.check(shapes, replicas) == Verdict.PLACEABLE;
    }
}
