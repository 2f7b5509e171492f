package dev.scepsy.planner.search;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A {@link Limit} tabulated over the choices of a search, model by model. */
final class Budget {

    private final double[][] amounts;
    private final double[] leastAfter;
    private final double capacity;

    private Budget(double[][] amounts, double capacity) {
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
    static Budget of(List<List<Choice>> choices, Limit limit) {
        return new Budget(
                choices.stream()
                        .map(ofModel ->
                                ofModel.stream().mapToDouble(limit.amount()).toArray())
                        .toArray(double[][]::new),
                limit.mostAllowed());
    }

    double amount(int model, int choice) {
        return amounts[model][choice];
    }

    double[][] amounts() {
        return amounts;
    }

    double capacity() {
        return capacity;
    }

    /** Whether {@code spent} by models before {@code model}, a choice of its own and the least of the rest stay within. */
    boolean allows(double spent, int model, int choice) {
        return spent + amounts[model][choice] + leastAfter[model + 1] <= capacity;
    }

    /**
     * A limit on what is left of a search, wherever it stands.
     *
     * @param limit on all models' choices together
     */
    record Part(Limit limit) {

        /** The choices that keep the limit beside the least of all other models. */
        List<List<Choice>> keeping(List<List<Choice>> choices) {
            double[] least = choices.stream()
                    .mapToDouble(ofModel ->
                            ofModel.stream().mapToDouble(limit.amount()).min().orElse(Double.POSITIVE_INFINITY))
                    .toArray();
            double all = Arrays.stream(least).sum();
            List<List<Choice>> left = new ArrayList<>();
            for (int model = 0; model < least.length; model++) {
                double most = limit.mostAllowed() - (all - least[model]) + 1e-12 * Math.abs(all);
                left.add(choices.get(model).stream()
                        .filter(choice -> limit.amount().applyAsDouble(choice) <= most)
                        .toList());
            }
            return left;
        }
    }
}
