package dev.scepsy.planner.search.price;

import dev.scepsy.planner.search.choice.Choice;
import dev.scepsy.planner.search.choice.ChoiceConstants;
import dev.scepsy.planner.search.choice.LimitTable;
import java.util.Arrays;
import java.util.List;

/**
 * One inequality Σ r_s·w_s ≤ V(w) that every legal plan obeys, and what follows from it: for every number of models
 * still open and every amount of V left, the least cost they can have. Worth and capacity are whole units, worth rounded
 * down, so that nothing legal is ever cut off.
 *
 * <p>Table: least[k][u] = min over choices c of model k of cost(c) + least[k+1][u − w(c)], {@code least[M][·] = 0}.
 */
public final class KnapsackRelaxation {

    private final int capacity;
    private final int[][] worth;
    private final double[][] least;

    /**
     * @param choices per model in search order
     * @param worthPerReplica w by shape index
     * @param value V(w)
     */
    static KnapsackRelaxation of(List<List<Choice>> choices, double[] worthPerReplica, double value) {
        double[][] worth = choices.stream()
                .map(ofModel -> ofModel.stream()
                        .mapToDouble(choice -> choice.replicas()
                                * worthPerReplica[choice.shape().index()])
                        .toArray())
                .toArray(double[][]::new);
        return new KnapsackRelaxation(
                choices, worth, value, wholeNumbers(worthPerReplica) && value <= PriceConstants.KNAPSACK_UNITS);
    }

    /** The inequality that is a budget. */
    static KnapsackRelaxation of(List<List<Choice>> choices, LimitTable budget) {
        return new KnapsackRelaxation(choices, budget.amounts(), budget.capacity(), false);
    }

    private KnapsackRelaxation(List<List<Choice>> choices, double[][] amounts, double value, boolean exact) {
        double scale = exact ? 1 : PriceConstants.KNAPSACK_UNITS / value;
        this.capacity = exact ? (int) Math.floor(value + PriceConstants.UNIT_ROUNDING) : PriceConstants.KNAPSACK_UNITS;
        this.worth = new int[choices.size()][];
        for (int model = 0; model < worth.length; model++) {
            worth[model] = Arrays.stream(amounts[model])
                    .mapToInt(amount -> (int) Math.min(capacity + 1L, (long)
                            (amount * scale * (1 - ChoiceConstants.SUM_ROUNDING) + PriceConstants.UNIT_ROUNDING)))
                    .toArray();
        }
        this.least = new double[worth.length + 1][capacity + 1];
        for (int model = worth.length - 1; model >= 0; model--) {
            fill(model, choices.get(model));
        }
    }

    private static boolean wholeNumbers(double[] values) {
        return Arrays.stream(values).allMatch(value -> value == Math.rint(value));
    }

    private void fill(int model, List<Choice> choices) {
        double[] cheapest = new double[capacity + 1];
        Arrays.fill(cheapest, Double.POSITIVE_INFINITY);
        for (int i = 0; i < choices.size(); i++) {
            int units = worth[model][i];
            if (units <= capacity) {
                cheapest[units] = Math.min(cheapest[units], choices.get(i).cost());
            }
        }
        double[] row = least[model];
        double[] next = least[model + 1];
        Arrays.fill(row, Double.POSITIVE_INFINITY);
        double best = Double.POSITIVE_INFINITY;
        for (int units = 0; units <= capacity; units++) {
            // more units for no less cost never help
            if (cheapest[units] >= best) {
                continue;
            }
            best = cheapest[units];
            for (int left = units; left <= capacity; left++) {
                double cost = best + next[left - units];
                if (cost < row[left]) {
                    row[left] = cost;
                }
            }
        }
    }

    /** V, in whole units. */
    public int capacity() {
        return capacity;
    }

    /** What the choice is worth, in whole units, rounded down. */
    public int worth(int model, int choice) {
        return worth[model][choice];
    }

    /** Least cost of models {@code from}, from+1, ... within {@code left} units; infinite where they do not fit. */
    public double least(int from, int left) {
        return left < 0 ? Double.POSITIVE_INFINITY : least[from][left];
    }

    double bound() {
        return least[0][capacity];
    }
}
