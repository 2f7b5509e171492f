package dev.scepsy.planner.search.exact;

import dev.scepsy.planner.search.choice.Choice;
import dev.scepsy.planner.search.choice.LimitTable;
import dev.scepsy.planner.search.choice.Placeability;
import dev.scepsy.planner.search.choice.SearchLimits;
import dev.scepsy.planner.search.price.KnapsackRelaxation;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Among all placeable plans whose cost stays within a limit, the one with the fewest GPUs, then the smallest list of
 * (gpu, t, f, r) in name order.
 *
 * <p>Depth first with the choices in that very order, so that of plans with equally many GPUs the first one met is the
 * smallest list; afterwards only plans with strictly fewer GPUs are of interest. Bounds as in {@link BranchAndBound},
 * plus the fewest GPUs the open models can do with.
 */
final class TieBreak {

    private final List<List<Choice>> choices;
    private final List<KnapsackRelaxation> relaxations;
    private final List<LimitTable> limitTables;
    private final NoGoods noGoods;
    private final SearchLimits.Stop stop;
    private final double limit;
    private final @Nullable Choice[] chosen;
    private final int[][] left;
    private final double[][] spent;
    private final long[] fewestCompute;
    private long nodesLeft;
    private long mostCompute;
    private boolean complete = true;
    private Choice @Nullable [] winner;

    /**
     * @param choices undominated choices per model in name order, each list by (gpu, t, f, r)
     * @param limit largest cost that still ties
     * @param mostCompute compute units of a plan known to tie
     */
    TieBreak(
            List<List<Choice>> choices,
            List<KnapsackRelaxation> relaxations,
            List<LimitTable> limitTables,
            NoGoods noGoods,
            double limit,
            long mostCompute,
            long nodes,
            SearchLimits.Stop stop) {
        this.choices = choices;
        this.relaxations = relaxations;
        this.stop = stop;
        this.limitTables = limitTables;
        this.noGoods = noGoods;
        this.limit = limit;
        this.mostCompute = mostCompute;
        this.nodesLeft = nodes;
        this.chosen = new Choice[choices.size()];
        this.left = new int[choices.size() + 1][relaxations.size()];
        this.spent = new double[choices.size() + 1][limitTables.size()];
        for (int i = 0; i < relaxations.size(); i++) {
            left[0][i] = relaxations.get(i).capacity();
        }
        this.fewestCompute = new long[choices.size() + 1];
        for (int model = choices.size() - 1; model >= 0; model--) {
            fewestCompute[model] = fewestCompute[model + 1]
                    + choices.get(model).stream()
                            .mapToLong(Choice::compute)
                            .min()
                            .orElse(0);
        }
    }

    /** Whether the node limit let {@link #winner} look at all that ties. */
    boolean complete() {
        return complete;
    }

    /** The winner; empty when the node limit ended the search before any tying plan was met. */
    Optional<List<Choice>> winner() {
        descend(0, 0, 0);
        return winner == null ? Optional.empty() : Optional.of(List.of(winner));
    }

    private void descend(int depth, double cost, long compute) {
        if (depth == choices.size()) {
            @SuppressWarnings("NullAway") // all depths are chosen here
            Choice[] plan = chosen.clone();
            winner = plan;
            mostCompute = compute - 1;
            return;
        }
        List<Choice> options = choices.get(depth);
        int refusedShape = -1;
        for (int i = 0; i < options.size(); i++) {
            Choice choice = options.get(i);
            if (compute + choice.compute() + fewestCompute[depth + 1] > mostCompute
                    || choice.shape().index() == refusedShape
                    || !affordable(depth, i)
                    || cost + choice.cost() + remaining(depth, i) > limit) {
                continue;
            }
            if (nodesLeft-- <= 0 || stop.now()) {
                complete = false;
                break;
            }
            chosen[depth] = choice;
            if (noGoods.check(chosen, depth) == Placeability.Verdict.PLACEABLE) {
                for (int b = 0; b < limitTables.size(); b++) {
                    spent[depth + 1][b] = spent[depth][b] + limitTables.get(b).amount(depth, i);
                }
                for (int s = 0; s < relaxations.size(); s++) {
                    left[depth + 1][s] = left[depth][s] - relaxations.get(s).worth(depth, i);
                }
                descend(depth + 1, cost + choice.cost(), compute + choice.compute());
            } else {
                // the list goes by shape, then replicas: more of a shape that failed fails too
                refusedShape = choice.shape().index();
            }
        }
        chosen[depth] = null;
    }

    private boolean affordable(int depth, int choice) {
        for (int b = 0; b < limitTables.size(); b++) {
            if (!limitTables.get(b).allows(spent[depth][b], depth, choice)) {
                return false;
            }
        }
        return true;
    }

    private double remaining(int depth, int choice) {
        double bound = 0;
        for (int s = 0; s < relaxations.size(); s++) {
            KnapsackRelaxation relaxation = relaxations.get(s);
            bound = Math.max(bound, relaxation.least(depth + 1, left[depth][s] - relaxation.worth(depth, choice)));
        }
        return bound;
    }
}
