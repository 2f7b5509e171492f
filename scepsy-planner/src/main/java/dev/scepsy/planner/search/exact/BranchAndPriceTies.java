package dev.scepsy.planner.search.exact;

import dev.scepsy.planner.search.choice.Choice;
import dev.scepsy.planner.search.choice.Placeability;
import dev.scepsy.planner.search.choice.SearchLimits;
import dev.scepsy.planner.search.price.ReducedCostFixing;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What {@link TieBreak} answers, in the same order, by the bounds of {@link ReducedCostFixing}: for plans that fill their cluster. */
final class BranchAndPriceTies {

    private final ReducedCostFixing bounds;
    private final NoGoods noGoods;
    private final SearchLimits.Stop stop;
    private final double limit;
    private final @Nullable Choice[] chosen;
    private long nodesLeft;
    private long mostCompute;
    private Choice @Nullable [] winner;

    /**
     * @param models how many there are
     * @param limit largest cost that still ties
     * @param mostCompute compute units of a plan known to tie
     */
    BranchAndPriceTies(
            int models,
            ReducedCostFixing bounds,
            NoGoods noGoods,
            double limit,
            long mostCompute,
            long nodes,
            SearchLimits.Stop stop) {
        this.bounds = bounds;
        this.noGoods = noGoods;
        // bounds look for less than a limit; 0 ties with 0
        this.limit = limit + Double.MIN_NORMAL;
        this.mostCompute = mostCompute;
        this.nodesLeft = nodes;
        this.stop = stop;
        this.chosen = new Choice[models];
    }

    /**
     * The winner; empty when the work ended before any tying plan was met.
     *
     * @param choices per model in name order, each list by (gpu, t, f, r)
     */
    Optional<List<Choice>> winner(List<List<Choice>> choices) {
        bounds.tighten(choices, limit).ifPresent(all -> descend(0, all.choices()));
        return winner == null ? Optional.empty() : Optional.of(List.of(winner));
    }

    private void descend(int model, List<List<Choice>> left) {
        if (fewestCompute(left) > mostCompute) {
            return;
        }
        if (model == left.size()) {
            winner = left.stream().map(ofModel -> ofModel.get(0)).toArray(Choice[]::new);
            mostCompute = fewestCompute(left) - 1;
            return;
        }
        for (Choice choice : left.get(model)) {
            List<List<Choice>> below = new ArrayList<>(left);
            below.set(model, List.of(choice));
            if (fewestCompute(below) > mostCompute) {
                continue;
            }
            if (nodesLeft <= 0 || stop.now()) {
                break;
            }
            chosen[model] = choice;
            if (noGoods.check(chosen, model) == Placeability.Verdict.PLACEABLE) {
                long work = bounds.work();
                Optional<ReducedCostFixing.Remaining> rest = bounds.tighten(below, limit);
                nodesLeft -= 1 + bounds.work() - work;
                rest.ifPresent(remaining -> descend(model + 1, remaining.choices()));
            } else {
                nodesLeft--;
            }
        }
        chosen[model] = null;
    }

    private static long fewestCompute(List<List<Choice>> left) {
        long sum = 0;
        for (List<Choice> ofModel : left) {
            long fewest = Long.MAX_VALUE;
            for (Choice choice : ofModel) {
                fewest = Math.min(fewest, choice.compute());
            }
            sum += fewest;
        }
        return sum;
    }
}
