package dev.scepsy.planner.search.heuristic;

import dev.scepsy.planner.search.choice.Choice;
import dev.scepsy.planner.search.choice.ChoiceConstants;
import dev.scepsy.planner.search.choice.Measure;
import dev.scepsy.planner.search.choice.SearchLimits;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Spends what a plan leaves, and takes back what it does not need. */
final class GreedyUpgrades {

    private final List<List<Choice>> choices;
    private final Measure measure;
    private final LimitRepair limits;
    private final PlacementChecks checks;
    private final SearchLimits.Stop stop;

    /** @param choices per model, by compute */
    GreedyUpgrades(
            List<List<Choice>> choices,
            Measure measure,
            LimitRepair limits,
            PlacementChecks checks,
            SearchLimits.Stop stop) {
        this.choices = choices;
        this.measure = measure;
        this.limits = limits;
        this.checks = checks;
        this.stop = stop;
    }

    /**
     * Upgrades models, best saving for what it takes first, as long as something fits.
     *
     * @param worth what a replica of each shape takes
     */
    void spend(Choice[] plan, double[] worth) {
        boolean[] stuck = new boolean[plan.length];
        Upgrade[] next = new Upgrade[plan.length];
        for (int model = 0; model < plan.length; model++) {
            next[model] = upgrade(plan, worth, model);
        }
        while (!stop.now()) {
            Upgrade best = null;
            for (int model = 0; model < plan.length; model++) {
                Upgrade upgrade = next[model];
                if (upgrade != null && !stuck[model] && (best == null || upgrade.rate > best.rate)) {
                    best = upgrade;
                }
            }
            if (best == null) {
                return;
            }
            Choice before = plan[best.model];
            plan[best.model] = best.choice;
            if (limits.keepsLimits(plan) && checks.placeable(plan)) {
                next[best.model] = upgrade(plan, worth, best.model);
            } else {
                plan[best.model] = before;
                next[best.model] = smallerUpgrade(plan, worth, best);
                stuck[best.model] = next[best.model] == null;
            }
        }
    }

    private record Upgrade(int model, Choice choice, double rate, int trials) {}

    private @Nullable Upgrade upgrade(Choice[] plan, double[] worth, int model) {
        return bestUpgrade(plan, worth, model, Long.MAX_VALUE, 0);
    }

    private @Nullable Upgrade smallerUpgrade(Choice[] plan, double[] worth, Upgrade failed) {
        return failed.trials >= HeuristicConstants.UPGRADE_TRIALS
                ? null
                : bestUpgrade(plan, worth, failed.model, failed.choice.compute(), failed.trials + 1);
    }

    /** The choice that saves most for what it takes beyond the one there is, at prices, taking less than {@code below} units in all. */
    private @Nullable Upgrade bestUpgrade(Choice[] plan, double[] worth, int model, long below, int trials) {
        Choice now = plan[model];
        double taken = worth[now.shape().index()] * now.replicas();
        Upgrade best = null;
        for (Choice choice : choices.get(model)) {
            if (choice.compute() >= below) {
                break;
            }
            double saving = now.cost() - choice.cost();
            if (saving > 0) {
                double rate = saving
                        / Math.max(
                                ChoiceConstants.SMALLEST_DIVISOR,
                                worth[choice.shape().index()] * choice.replicas() - taken);
                if (best == null || rate > best.rate) {
                    best = new Upgrade(model, choice, rate, trials);
                }
            }
        }
        return best;
    }

    /** Takes back what costs and is not needed, most saving first; what latency costs is never more than it brings. */
    void trim(Choice[] plan) {
        if (!measure.inCompute()) {
            return;
        }
        boolean better = true;
        while (better && !stop.now()) {
            better = false;
            for (int model = 0; model < plan.length; model++) {
                Choice now = plan[model];
                List<Choice> cheaper = choices.get(model).stream()
                        .filter(choice -> choice.cost() < now.cost())
                        .sorted(Comparator.comparingDouble(Choice::cost))
                        .toList();
                for (Choice choice : cheaper) {
                    plan[model] = choice;
                    if (limits.keepsLimits(plan) && checks.placeable(plan)) {
                        better = true;
                        break;
                    }
                    plan[model] = now;
                }
            }
        }
    }
}
