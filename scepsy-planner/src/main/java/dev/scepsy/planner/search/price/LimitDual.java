package dev.scepsy.planner.search.price;

import dev.scepsy.planner.search.choice.Choice;
import dev.scepsy.planner.search.choice.Limit;
import dev.scepsy.planner.search.choice.LimitTable;
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

    private static final int STEPS = 300;

    private final List<List<Choice>> choices;
    private final double[][][] amounts;
    private final double[] capacity;
    private double[] best;
    private double bestValue;

    public LimitDual(List<List<Choice>> choices, List<Limit> limits) {
        this.choices = choices;
        this.capacity = limits.stream().mapToDouble(Limit::mostAllowed).toArray();
        this.amounts = new double[limits.size()][][];
        for (int l = 0; l < amounts.length; l++) {
            amounts[l] = LimitTable.of(choices, limits.get(l)).amounts();
        }
        this.best = new double[amounts.length];
        this.bestValue = respond(best, new double[amounts.length]);
    }

    /** Climbs; {@code upper} is a cost worth aiming at, infinite when none is known. */
    public void climb(double upper) {
        if (amounts.length == 0) {
            return;
        }
        double aim = Double.isInfinite(upper) ? Math.max(1e-9, 2 * bestValue) : upper;
        double pace = 1;
        int sinceBetter = 0;
        double[] at = best.clone();
        for (int step = 0; step < STEPS && pace > 1e-4; step++) {
            double[] excess = new double[at.length];
            double value = respond(at, excess);
            if (value > bestValue) {
                bestValue = value;
                best = at.clone();
                sinceBetter = 0;
            } else if (++sinceBetter > 8) {
                pace /= 2;
                sinceBetter = 0;
                at = best.clone();
                continue;
            }
            // in units of each limit's capacity, so that one step suits all
            double norm = 0;
            for (int l = 0; l < at.length; l++) {
                double relative = excess[l] / Math.max(1e-12, Math.abs(capacity[l]));
                excess[l] = at[l] <= 0 && relative < 0 ? 0 : relative;
                norm += excess[l] * excess[l];
            }
            if (norm == 0) {
                break;
            }
            double length = pace * Math.max(aim - value, 1e-3 * Math.abs(aim)) / norm;
            for (int l = 0; l < at.length; l++) {
                at[l] = Math.max(0, at[l] + length * excess[l] / Math.max(1e-12, Math.abs(capacity[l])));
            }
        }
    }

    /** No plan that keeps the limits costs less. */
    public double bound() {
        return bestValue;
    }

    /** Every model's best answer to the best prices times {@code scale}. */
    public Choice[] answers(double scale) {
        double[] at = Arrays.stream(best).map(price -> price * scale).toArray();
        Choice[] answers = new Choice[choices.size()];
        for (int model = 0; model < answers.length; model++) {
            answers[model] = choices.get(model).get(answer(model, at));
        }
        return answers;
    }

    private double respond(double[] prices, double[] excess) {
        double sum = 0;
        for (int l = 0; l < prices.length; l++) {
            sum -= prices[l] * capacity[l];
            excess[l] = -capacity[l];
        }
        for (int model = 0; model < choices.size(); model++) {
            int answer = answer(model, prices);
            sum += price(model, answer, prices);
            for (int l = 0; l < prices.length; l++) {
                excess[l] += amounts[l][model][answer];
            }
        }
        return sum;
    }

    private int answer(int model, double[] prices) {
        int answer = 0;
        double least = Double.POSITIVE_INFINITY;
        for (int i = 0; i < choices.get(model).size(); i++) {
            double price = price(model, i, prices);
            if (price < least) {
                least = price;
                answer = i;
            }
        }
        return answer;
    }

    private double price(int model, int choice, double[] prices) {
        double price = choices.get(model).get(choice).cost();
        for (int l = 0; l < prices.length; l++) {
            if (prices[l] > 0) {
                price += prices[l] * amounts[l][model][choice];
            }
        }
        return price;
    }
}
