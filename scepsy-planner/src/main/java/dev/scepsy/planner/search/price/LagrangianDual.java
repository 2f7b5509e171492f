package dev.scepsy.planner.search.price;

import dev.scepsy.planner.search.choice.Choice;
import dev.scepsy.planner.search.choice.ChoiceConstants;
import dev.scepsy.planner.search.choice.ChoiceSpace;
import java.util.Arrays;
import java.util.List;

/**
 * Finds prices per replica whose {@link KnapsackRelaxation} bounds well: maximises the Lagrangian dual
 *
 * <pre>
 * D(π) = Σ_m min over c of (cost(c) + r_c·π_{s(c)})  −  V(π),   π ≥ 0
 * </pre>
 *
 * whose maximum is the bound of the linear programme over all patterns of GPUs and domains. Projected subgradient from the
 * best prices met, along a running average of subgradients (the volume algorithm of Barahona and Anbil, 2000): single
 * ones jump between patterns of equal worth. Started from the prices of the {@link AggregatedMaster}, which are the best
 * ones where replicas of equal kind cost the same, or from the best multiple of given worths. Any π gives a valid
 * inequality, so nothing depends on convergence.
 */
public final class LagrangianDual {

    private final ChoiceSpace space;
    private final List<List<Choice>> choices;
    private final PricingProblem patterns;
    private final double[] demand;
    private double[] best = new double[0];
    private double bestValue = Double.NEGATIVE_INFINITY;

    /** @param choices per model, none of them empty */
    public LagrangianDual(ChoiceSpace space, List<List<Choice>> choices, PricingProblem patterns) {
        this.space = space;
        this.choices = choices;
        this.patterns = patterns;
        this.demand = new double[space.shapes().size()];
    }

    /** The best prices met, starting from the best multiple of any of {@code worths}. */
    public double[] from(List<double[]> worths, int steps) {
        if (best.length == 0) {
            AggregatedMaster programme = new AggregatedMaster(space, choices, List.of());
            if (programme.solve()) {
                offer(programme.prices().ofReplicas());
            }
        }
        for (double[] worth : worths) {
            startAtBestMultiple(worth);
        }
        double[] average = direction(best).of();
        double pace = PriceConstants.FIRST_PACE;
        int sinceBetter = 0;
        for (int step = 0; step < steps && bestValue > 0; step++) {
            double norm = 0;
            for (int s = 0; s < average.length; s++) {
                double along = best[s] <= 0 && average[s] < 0 ? 0 : average[s] * size(s);
                norm += along * along;
            }
            if (norm == 0) {
                break;
            }
            double length = pace * bestValue * PriceConstants.STEP_TARGET / norm;
            double[] trial = best.clone();
            for (int s = 0; s < trial.length; s++) {
                // shapes of different size are priced per unit, so that one step suits all
                trial[s] = Math.max(0, trial[s] + length * average[s] * size(s) * size(s));
            }
            Direction there = direction(trial);
            for (int s = 0; s < average.length; s++) {
                average[s] = (1 - PriceConstants.MIXED_IN) * average[s] + PriceConstants.MIXED_IN * there.of()[s];
            }
            if (there.value() > bestValue) {
                bestValue = there.value();
                best = trial;
                pace = Math.min(PriceConstants.LONGEST_PACE, pace * PriceConstants.PACE_UP);
                sinceBetter = 0;
            } else if (++sinceBetter > PriceConstants.PATIENCE) {
                pace *= PriceConstants.PACE_DOWN;
                sinceBetter = 0;
            }
        }
        return best;
    }

    /** Looks at prices somebody else found; the value there. */
    public double offer(double[] prices) {
        double value = direction(prices).value();
        if (value > bestValue) {
            bestValue = value;
            best = prices;
        }
        return value;
    }

    /** D at some prices, and its subgradient: replicas wanted minus replicas the best patterns hold. */
    private record Direction(double value, double[] of) {}

    private Direction direction(double[] prices) {
        PricingProblem.Best supply = patterns.best(prices);
        double value = respond(prices) - supply.value();
        double[] direction = new double[prices.length];
        for (int s = 0; s < prices.length; s++) {
            direction[s] = demand[s] - supply.replicas()[s];
        }
        return new Direction(value, direction);
    }

    /** D at the best prices met: no plan costs less. */
    public double bestValue() {
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
            offer(new double[worth.length]);
        }
        if (value <= 0) {
            return;
        }
        double factor = PriceConstants.FIRST_SCALING * Math.max(costs, ChoiceConstants.SMALLEST_COST) / value;
        for (int i = 0; i < PriceConstants.SCALINGS; i++, factor /= PriceConstants.SCALING_RATIO) {
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
    private double respond(double[] ofReplicas) {
        Prices prices = new Prices(ofReplicas);
        Arrays.fill(demand, 0);
        double sum = 0;
        for (List<Choice> ofModel : choices) {
            Choice answer = prices.answer(ofModel);
            sum += prices.reduced(answer);
            demand[answer.shape().index()] += answer.replicas();
        }
        return sum;
    }
}
