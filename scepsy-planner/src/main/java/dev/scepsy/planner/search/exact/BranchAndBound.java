package dev.scepsy.planner.search.exact;

import dev.scepsy.planner.search.choice.Choice;
import dev.scepsy.planner.search.choice.LimitTable;
import dev.scepsy.planner.search.choice.Placeability.Verdict;
import dev.scepsy.planner.search.choice.SearchLimits;
import dev.scepsy.planner.search.price.KnapsackRelaxation;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Exact search over one choice per model, placement included.
 *
 * <p>Depth first over the models in name order. A partial plan's bound is its cost plus, for the models still open, the
 * largest of what the {@link KnapsackRelaxation} tables promise; choices are tried best bound first and left out once the bound
 * reaches the best plan found. Each partial plan must be placeable ({@link NoGoods}); because placeability is monotone,
 * a shape that failed with r replicas is not tried with more beside the same choices. With nothing left open the plan is
 * complete and placeable, so the last one found is optimal among placed plans.
 *
 * <p>Among plans that tie, the winner has the fewest GPUs, then the smallest list of (gpu, t, f, r) in name order: choices
 * are tried in that very order, so that of plans with equally many GPUs the first one met is the smallest list; afterwards
 * only plans with strictly fewer GPUs are of interest.
 */
public final class BranchAndBound {

    private final List<List<Choice>> choices;
    private final List<KnapsackRelaxation> relaxations;
    private final List<LimitTable> limitTables;
    private final NoGoods noGoods;
    private final SearchLimits.Stop stop;
    private final @Nullable Choice[] chosen;
    private final int[][] left;
    private final double[][] spent;
    private long nodesLeft;
    private double open = Double.POSITIVE_INFINITY;
    private boolean anyWillDo;
    private double best = Double.POSITIVE_INFINITY;
    private Choice @Nullable [] bestPlan;

    /** @param choices undominated choices per model in name order, each list by (gpu, t, f, r) */
    public BranchAndBound(
            List<List<Choice>> choices,
            List<KnapsackRelaxation> relaxations,
            List<LimitTable> limitTables,
            NoGoods noGoods,
            long nodes,
            SearchLimits.Stop stop) {
        this.choices = choices;
        this.relaxations = relaxations;
        this.stop = stop;
        this.limitTables = limitTables;
        this.noGoods = noGoods;
        this.chosen = new Choice[choices.size()];
        this.left = new int[choices.size() + 1][relaxations.size()];
        this.spent = new double[choices.size() + 1][limitTables.size()];
        for (int i = 0; i < relaxations.size(); i++) {
            left[0][i] = relaxations.get(i).capacity();
        }
        this.nodesLeft = nodes;
    }

    /** Looks for the cheapest plan. */
    void solve() {
        descend(0, 0);
    }

    /** Takes a plan known to be legal as the one to beat. */
    BranchAndBound startingFrom(BranchAndBound earlier) {
        best = earlier.best;
        bestPlan = earlier.bestPlan;
        return this;
    }

    /** Looks for any plan; the cheapest are tried first. */
    public boolean solveAny() {
        anyWillDo = true;
        descend(0, 0);
        return bestPlan != null;
    }

    /**
     * Among all plans that cost no more than {@code limit}, the one that wins by the tie rules; empty when work ended before
     * one was met. Whether all that ties was looked at, {@link #complete} tells.
     *
     * @param mostCompute compute units of a plan known to tie
     */
    Optional<List<Choice>> tieWinner(double limit, long mostCompute) {
        new Ties(limit, mostCompute).descend(0, 0, 0);
        return plan();
    }

    /** The best plan's choices; empty when none was found. */
    public Optional<List<Choice>> plan() {
        return bestPlan == null ? Optional.empty() : Optional.of(List.of(bestPlan));
    }

    /** Cost of the best plan. */
    double cost() {
        return best;
    }

    /** Whether every plan was looked at or proven no better: what was found is optimal. */
    public boolean complete() {
        return open >= best;
    }

    /**
     * No plan costs less: what was left unexplored for want of work, here or in placement, has bounds of its own. Infinite
     * where there is none.
     */
    double lowerBound() {
        return Math.min(open, best);
    }

    long nodesLeft() {
        return nodesLeft;
    }

    private void descend(int depth, double cost) {
        if (depth == choices.size()) {
            if (cost < best) {
                best = cost;
                bestPlan = complete(chosen);
            }
            return;
        }
        List<Choice> options = choices.get(depth);
        double[] bounds = new double[options.size()];
        int count = 0;
        int[] order = new int[options.size()];
        for (int i = 0; i < bounds.length; i++) {
            bounds[i] = cost + options.get(i).cost() + remaining(depth, i);
            if (bounds[i] < best && affordable(depth, i)) {
                order[count++] = i;
            }
        }
        int[] sorted = byBound(order, count, bounds);
        long[] refused = new long[options.isEmpty() ? 0 : maxShape(options) + 1];
        Arrays.fill(refused, Long.MAX_VALUE);
        for (int i : sorted) {
            if (bounds[i] >= best || (anyWillDo && bestPlan != null)) {
                break;
            }
            Choice choice = options.get(i);
            if (choice.replicas() >= refused[choice.shape().index()]) {
                continue;
            }
            if (nodesLeft <= 0 || stop.now()) {
                open = Math.min(open, bounds[i]);
                break;
            }
            nodesLeft--;
            chosen[depth] = choice;
            Verdict verdict = noGoods.check(chosen, depth);
            if (verdict == Verdict.PLACEABLE) {
                take(depth, i);
                descend(depth + 1, cost + choice.cost());
            } else {
                // more replicas of the shape come later only with bounds at least as high
                refused[choice.shape().index()] = choice.replicas();
                open = verdict == Verdict.UNDECIDED ? Math.min(open, bounds[i]) : open;
            }
        }
        chosen[depth] = null;
    }

    private final class Ties {

        private final double limit;
        private final long[] fewestCompute;
        private long mostCompute;

        Ties(double limit, long mostCompute) {
            this.limit = limit;
            this.mostCompute = mostCompute;
            this.fewestCompute = new long[choices.size() + 1];
            for (int model = choices.size() - 1; model >= 0; model--) {
                fewestCompute[model] = fewestCompute[model + 1]
                        + choices.get(model).stream()
                                .mapToLong(Choice::compute)
                                .min()
                                .orElse(0);
            }
        }

        void descend(int depth, double cost, long compute) {
            if (depth == choices.size()) {
                bestPlan = complete(chosen);
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
                if (nodesLeft <= 0 || stop.now()) {
                    open = Double.NEGATIVE_INFINITY;
                    break;
                }
                nodesLeft--;
                chosen[depth] = choice;
                if (noGoods.check(chosen, depth) == Verdict.PLACEABLE) {
                    take(depth, i);
                    descend(depth + 1, cost + choice.cost(), compute + choice.compute());
                } else {
                    // the list goes by shape, then replicas: more of a shape that failed fails too
                    refusedShape = choice.shape().index();
                }
            }
            chosen[depth] = null;
        }
    }

    @SuppressWarnings("NullAway") // all depths are chosen here
    private static Choice[] complete(@Nullable Choice[] chosen) {
        return chosen.clone();
    }

    /** What is left beyond a depth once its choice is made. */
    private void take(int depth, int choice) {
        for (int b = 0; b < limitTables.size(); b++) {
            spent[depth + 1][b] = spent[depth][b] + limitTables.get(b).amount(depth, choice);
        }
        for (int s = 0; s < relaxations.size(); s++) {
            left[depth + 1][s] = left[depth][s] - relaxations.get(s).worth(depth, choice);
        }
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

    private static int[] byBound(int[] order, int count, double[] bounds) {
        Integer[] sorted = new Integer[count];
        for (int i = 0; i < count; i++) {
            sorted[i] = order[i];
        }
        Arrays.sort(sorted, (a, b) -> {
            int byBound = Double.compare(bounds[a], bounds[b]);
            return byBound != 0 ? byBound : Integer.compare(a, b);
        });
        return Arrays.stream(sorted).mapToInt(Integer::intValue).toArray();
    }

    private static int maxShape(List<Choice> options) {
        return options.stream().mapToInt(choice -> choice.shape().index()).max().orElse(0);
    }
}
