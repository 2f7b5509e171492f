package dev.scepsy.planner.search;

import java.util.Arrays;
import java.util.List;

/**
 * Finds prices per replica whose {@link Surrogate} bounds well: maximises the Lagrangian dual
 *
 * <pre>
 * D(π) = Σ_m min over c of (cost(c) + r_c·π_{s(c)})  −  V(π),   π ≥ 0
 * </pre>
 *
 * whose maximum is the bound of the linear programme over all patterns of GPUs and domains. Projected subgradient with
 * steps towards a target slightly above the best value, started from the best multiple of a given worth. Any π gives a
 * valid inequality, so nothing depends on convergence.
 */
final class PriceAscent {

    private static final int SCALINGS = 24;

    private final ChoiceSpace space;
    private final List<List<Choice>> choices;
    private final PatternPrices patterns;
    private final double[] demand;
    private double[] best = new double[0];
    private double bestValue = Double.NEGATIVE_INFINITY;

    PriceAscent(ChoiceSpace space, List<List<Choice>> choices, PatternPrices patterns) {
        this.space = space;
        this.choices = choices;
        this.patterns = patterns;
        this.demand = new double[space.shapes().size()];
    }

    /** The best prices met, starting from multiples of {@code worth}. */
    double[] from(double[] worth, int steps) {
        startAtBestMultiple(worth);
        double[] prices = best.clone();
        double pace = 0.05;
        int sinceBetter = 0;
        for (int step = 0; step < steps && bestValue > 0; step++) {
            PatternPrices.Best supply = patterns.best(prices);
            double value = respond(prices) - supply.value();
            double norm = 0;
            double[] direction = new double[prices.length];
            for (int s = 0; s < prices.length; s++) {
                direction[s] = demand[s] - supply.replicas()[s];
                if (prices[s] <= 0 && direction[s] < 0) {
                    direction[s] = 0;
                }
                // shapes of different size are priced per unit, so that one step suits all
                double size = size(s);
                norm += direction[s] * size * direction[s] * size;
            }
            if (value > bestValue) {
                bestValue = value;
                best = prices.clone();
                sinceBetter = 0;
            } else if (++sinceBetter > 8) {
                pace /= 2;
                sinceBetter = 0;
                prices = best.clone();
                continue;
            }
            if (norm == 0) {
                break;
            }
            double length = (bestValue * (1 + pace) - value) / norm;
            for (int s = 0; s < prices.length; s++) {
                prices[s] = Math.max(0, prices[s] + length * direction[s] * size(s) * size(s));
            }
        }
        return best;
    }

    double bestValue() {
        return bestValue;
    }

    private double size(int shape) {
        return (double) space.shapes().get(shape).replicaCompute()
                / space.units().computePerGpu();
    }

    private void startAtBestMultiple(double[] worth) {
        double costs = choices.stream()
                .mapToDouble(ofModel ->
                        ofModel.stream().mapToDouble(Choice::cost).min().orElse(0))
                .sum();
        double value = patterns.best(worth).value();
        if (best.length == 0) {
            best = new double[worth.length];
            bestValue = respond(best);
        }
        if (value <= 0) {
            return;
        }
        double factor = 64 * Math.max(costs, 1e-9) / value;
        for (int i = 0; i < SCALINGS; i++, factor /= 1.6) {
            double scale = factor;
            double[] prices = Arrays.stream(worth).map(w -> w * scale).toArray();
            double dual = respond(prices) - value * scale;
            if (dual > bestValue) {
                bestValue = dual;
                best = prices;
            }
        }
    }

    /** Every model's best answer to the prices; their replicas go to {@code demand}. */
    private double respond(double[] prices) {
        Arrays.fill(demand, 0);
        double sum = 0;
        for (List<Choice> ofModel : choices) {
            double least = Double.POSITIVE_INFINITY;
            Choice answer = ofModel.get(0);
            for (Choice choice : ofModel) {
                double cost = choice.cost()
                        + choice.replicas() * prices[choice.shape().index()];
                if (cost < least) {
                    least = cost;
                    answer = choice;
                }
            }
            sum += least;
            demand[answer.shape().index()] += answer.replicas();
        }
        return sum;
    }
}
