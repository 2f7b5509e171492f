package dev.scepsy.planner.search.choice;

import java.util.List;

/** A {@link Limit} tabulated over the choices of a search, model by model. */
public final class LimitTable {

    private final double[][] amounts;
    private final double[] leastAfter;
    private final double capacity;

    private LimitTable(double[][] amounts, double capacity) {
        this.amounts = amounts;
        this.capacity = capacity;
        this.leastAfter = new double[amounts.length + 1];
        for (int model = amounts.length - 1; model >= 0; model--) {
            double least = Double.POSITIVE_INFINITY;
            for (double amount : amounts[model]) {
                least = Math.min(least, amount);
            }
            leastAfter[model] = leastAfter[model + 1] + least;
        }
    }

    /** @param choices per model in search order */
    public static LimitTable of(List<List<Choice>> choices, Limit limit) {
        return new LimitTable(
                choices.stream()
                        .map(ofModel ->
                                ofModel.stream().mapToDouble(limit.amount()).toArray())
                        .toArray(double[][]::new),
                limit.mostAllowed());
    }

    /** What the choice takes. */
    public double amount(int model, int choice) {
        return amounts[model][choice];
    }

    /** All amounts, by model and choice; shared, not to be changed. */
    public double[][] amounts() {
        return amounts;
    }

    /** What all choices together may take, with room for rounding. */
    public double capacity() {
        return capacity;
    }

    /** Whether {@code spent} by models before {@code model}, a choice of its own and the least of the rest stay within. */
    public boolean allows(double spent, int model, int choice) {
        return spent + amounts[model][choice] + leastAfter[model + 1] <= capacity;
    }
}
