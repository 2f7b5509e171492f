package dev.scepsy.planner.search.heuristic;

import dev.scepsy.planner.search.choice.Choice;
import dev.scepsy.planner.search.choice.SearchLimits;
import dev.scepsy.planner.search.price.Prices;
import java.util.Comparator;
import java.util.List;
import java.util.Random;

/**
 * A model or two give something up or swap it, what that frees is spent again, and the exchange stays if the whole got
 * better. Draws depend on the seed alone, so more work never gives a worse plan.
 */
final class RandomExchanges {

    private final List<List<Choice>> choices;
    private final Prices prices;
    private final LimitRepair limits;
    private final GreedyUpgrades upgrades;
    private final ExchangeMoves moves;
    private final PlacementChecks checks;
    private final SearchLimits.Stop stop;
    private final Random random;

    RandomExchanges(
            List<List<Choice>> choices,
            Prices prices,
            LimitRepair limits,
            GreedyUpgrades upgrades,
            ExchangeMoves moves,
            PlacementChecks checks,
            SearchLimits work) {
        this.choices = choices;
        this.prices = prices;
        this.limits = limits;
        this.upgrades = upgrades;
        this.moves = moves;
        this.checks = checks;
        this.stop = work.stop();
        this.random = new Random(work.seed());
    }

    /**
     * Betters the plan for as many questions of placement, every trial counting as one more.
     *
     * @param worths what a replica of each shape takes, seen in two ways; each trial spends by one of them
     */
    void better(Choice[] best, long questions, double[] worth, double[] otherWorth) {
        double cost = LagrangianHeuristic.cost(best);
        long last = checks.count() + questions;
        while (checks.count() < last && best.length > 1 && !stop.now()) {
            Choice[] trial = best.clone();
            last--;
            int kind = random.nextInt(HeuristicConstants.KINDS_OF_EXCHANGE);
            boolean changed = kind == 0 ? swap(trial) : giveUp(trial);
            if (kind == 1) {
                changed |= giveUp(trial);
            }
            double[] by = random.nextBoolean() ? worth : otherWorth;
            if (!changed
                    || !(checks.placeable(trial) || (giveUp(trial) && checks.placeable(trial)))
                    || !limits.mend(trial)) {
                continue;
            }
            upgrades.spend(trial, by);
            upgrades.trim(trial);
            double trialCost = LagrangianHeuristic.cost(trial);
            if (trialCost < cost) {
                System.arraycopy(trial, 0, best, 0, best.length);
                moves.asLongAsBetter(
                        best, Math.max(0, Math.min(last - checks.count(), HeuristicConstants.MOVES_ASKED)));
                cost = LagrangianHeuristic.cost(best);
            }
        }
    }

    /** One model takes less; near neighbours more often than far ones. */
    private boolean giveUp(Choice[] plan) {
        int giver = random.nextInt(plan.length);
        Choice now = plan[giver];
        return change(
                plan,
                giver,
                choices.get(giver).stream()
                        .filter(choice -> choice.compute() < now.compute())
                        .sorted(Comparator.comparingLong(Choice::compute).reversed())
                        .toList());
    }

    /** One model takes something else that is hardly dearer at the prices. */
    private boolean swap(Choice[] plan) {
        int giver = random.nextInt(plan.length);
        Choice now = plan[giver];
        return change(
                plan,
                giver,
                choices.get(giver).stream()
                        .filter(choice -> !choice.same(now))
                        .sorted(Comparator.comparingDouble(prices::reduced))
                        .toList());
    }

    private boolean change(Choice[] plan, int model, List<Choice> nearestFirst) {
        int at = (int) Math.floor(nearestFirst.size() * Math.pow(random.nextDouble(), HeuristicConstants.NEARNESS));
        if (nearestFirst.isEmpty()) {
            return false;
        }
        plan[model] = nearestFirst.get(Math.min(at, nearestFirst.size() - 1));
        return true;
    }
}
