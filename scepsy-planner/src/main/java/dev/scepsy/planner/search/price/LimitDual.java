package dev.scepsy.planner.search.price;

import dev.scepsy.planner.search.choice.Choice;
import dev.scepsy.planner.search.choice.ChoiceConstants;
import dev.scepsy.planner.search.choice.Limit;
import java.util.Arrays;
import java.util.List;

/**
 * Prices μ on what limits let a plan take, by the Lagrangian dual
 *
 * <pre>
 * D(μ) = Σ_m min over c of (cost(c) + Σ_l μ_l·amount_l(c))  −  Σ_l μ_l·capacity_l,   μ ≥ 0
 * </pre>
 *
 * Any μ bounds the cost of every plan that keeps the limits; the choices that answer the best μ are close to keeping them.
 * Projected subgradient with steps that shrink while nothing gets better.
 */
public final class LimitDual {

    private final List<List<Choice>> choices;
    private final List<Limit> limits;
    private final double[] free;
    private final double[] capacity;
    private double[] best;
    private double bestValue;

    /** @param choices per model, none of them empty */
    public LimitDual(List<List<Choice>> choices, List<Limit> limits) {
        this.choices = choices;
        this.capacity = limits.stream().mapToDouble(Limit::mostAllowed).toArray();
        this.limits = List.copyOf(limits);
        this.free = new double
                [choices.stream()
                                .flatMap(List::stream)
                                .mapToInt(choice -> choice.shape().index())
                                .max()
                                .orElse(0)
                        + 1];
        this.best = new double[limits.size()];
        this.bestValue = respond(best, new double[limits.size()]);
    }

    /** Climbs; {@code upper} is a cost worth aiming at, infinite when none is known. */
    public void climb(double upper) {
        if (limits.isEmpty()) {
            return;
        }
        double aim = Double.isInfinite(upper) ? Math.max(ChoiceConstants.SMALLEST_COST, 2 * bestValue) : upper;
        double pace = 1;
        int sinceBetter = 0;
        double[] at = best.clone();
        for (int step = 0; step < PriceConstants.LIMIT_STEPS && pace > PriceConstants.LIMIT_SHORTEST_PACE; step++) {
            double[] excess = new double[at.length];
            double value = respond(at, excess);
            if (value > bestValue) {
                bestValue = value;
                best = at.clone();
                sinceBetter = 0;
            } else if (++sinceBetter > PriceConstants.LIMIT_PATIENCE) {
                pace /= 2;
                sinceBetter = 0;
                at = best.clone();
                continue;
            }
            // in units of each limit's capacity, so that one step suits all
            double norm = 0;
            for (int l = 0; l < at.length; l++) {
                double relative = excess[l] / Math.max(ChoiceConstants.SMALLEST_DIVISOR, Math.abs(capacity[l]));
                excess[l] = at[l] <= 0 && relative < 0 ? 0 : relative;
                norm += excess[l] * excess[l];
            }
            if (norm == 0) {
                break;
            }
            double length = pace * Math.max(aim - value, PriceConstants.LIMIT_SMALLEST_AIM * Math.abs(aim)) / norm;
            for (int l = 0; l < at.length; l++) {
                at[l] = Math.max(
                        0,
                        at[l] + length * excess[l] / Math.max(ChoiceConstants.SMALLEST_DIVISOR, Math.abs(capacity[l])));
            }
        }
    }

    /** No plan that keeps the limits costs less. */
    public double bound() {
        return bestValue;
    }

    /** Every model's best answer to the best prices times {@code scale}. */
    public Choice[] answers(double scale) {
        Prices prices = prices(Arrays.stream(best).map(price -> price * scale).toArray());
        return choices.stream().map(prices::answer).toArray(Choice[]::new);
    }

    private Prices prices(double[] ofLimits) {
        return new Prices(free, limits, ofLimits);
    }

    private double respond(double[] ofLimits, double[] excess) {
        Prices prices = prices(ofLimits);
        double sum = 0;
        for (int l = 0; l < ofLimits.length; l++) {
            sum -= ofLimits[l] * capacity[l];
            excess[l] = -capacity[l];
        }
        for (List<Choice> ofModel : choices) {
            Choice answer = prices.answer(ofModel);
            sum += prices.reduced(answer);
            for (int l = 0; l < ofLimits.length; l++) {
                excess[l] += limits.get(l).amount().applyAsDouble(answer);
            }
        }
        return sum;
    }
}
