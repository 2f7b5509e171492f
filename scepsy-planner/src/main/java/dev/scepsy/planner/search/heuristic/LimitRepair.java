package dev.scepsy.planner.search.heuristic;

import dev.scepsy.planner.search.choice.Choice;
import dev.scepsy.planner.search.choice.ChoiceConstants;
import dev.scepsy.planner.search.choice.Limit;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Mends plans that break latency limits: upgrades until all are kept, most gain for the least cost first. */
final class LimitRepair {

    private final List<List<Choice>> choices;
    private final List<Limit> limits;
    private final PlacementChecks checks;

    LimitRepair(List<List<Choice>> choices, List<Limit> limits, PlacementChecks checks) {
        this.choices = choices;
        this.limits = limits;
        this.checks = checks;
    }

    private record Upgrade(int model, Choice choice, double rate) {}

    boolean keepsLimits(Choice[] plan) {
        return excess(plan) == 0;
    }

    /** By how much the limits are broken, each relative to its capacity. */
    private double excess(Choice[] plan) {
        return excess(limits.stream().mapToDouble(limit -> limit.taken(plan)).toArray());
    }

    private double excess(double[] taken) {
        double sum = 0;
        for (int l = 0; l < taken.length; l++) {
            double most = limits.get(l).mostAllowed();
            sum += Math.max(0, taken[l] - most) / Math.max(ChoiceConstants.SMALLEST_DIVISOR, Math.abs(most));
        }
        return sum;
    }

    /** Changes the plan, which can be placed, until it keeps all limits; false when stuck. */
    boolean mend(Choice[] plan) {
        Set<Choice> refused = new HashSet<>();
        double excess = excess(plan);
        while (excess > 0) {
            Upgrade next = mending(plan, excess, refused);
            if (next == null) {
                return false;
            }
            Choice before = plan[next.model];
            plan[next.model] = next.choice;
            if (checks.placeable(plan)) {
                excess = excess(plan);
            } else {
                plan[next.model] = before;
                if (!refused.add(next.choice) || refused.size() > HeuristicConstants.MOST_REFUSED) {
                    return false;
                }
            }
        }
        return true;
    }

    private @Nullable Upgrade mending(Choice[] plan, double excess, Set<Choice> refused) {
        double[] taken = limits.stream().mapToDouble(limit -> limit.taken(plan)).toArray();
        double[] there = new double[taken.length];
        Upgrade best = null;
        for (int model = 0; model < plan.length; model++) {
            Choice now = plan[model];
            double[] without = new double[taken.length];
            for (int l = 0; l < taken.length; l++) {
                without[l] = taken[l] - limits.get(l).amount().applyAsDouble(now);
            }
            for (Choice choice : choices.get(model)) {
                if (choice.latencySeconds() >= now.latencySeconds() && choice.compute() >= now.compute()) {
                    continue;
                }
                for (int l = 0; l < taken.length; l++) {
                    there[l] = without[l] + limits.get(l).amount().applyAsDouble(choice);
                }
                double gain = excess - excess(there);
                if (gain > HeuristicConstants.SMALLEST_GAIN) {
                    double rate = gain
                            / Math.max(
                                    HeuristicConstants.SMALLEST_PRICE * Math.max(1, now.cost()),
                                    choice.cost() - now.cost());
                    if ((best == null || rate > best.rate) && !refused.contains(choice)) {
                        best = new Upgrade(model, choice, rate);
                    }
                }
            }
        }
        return best;
    }
}
