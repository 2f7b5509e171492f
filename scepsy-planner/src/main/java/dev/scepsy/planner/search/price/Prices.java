package dev.scepsy.planner.search.price;

import dev.scepsy.planner.search.choice.Choice;
import dev.scepsy.planner.search.choice.Limit;
import java.util.Arrays;
import java.util.List;

/**
 * What a choice costs once it pays for all it takes: the reduced cost of the Lagrangian, but for its model's part.
 *
 * <pre>
 * reduced(c) = cost(c) + σ·r_c·π_{s(c)} + Σ_l μ_l·amount_l(c)
 * </pre>
 *
 * <p>Immutable as far as nobody changes the arrays; those who ask millions of times share them.
 *
 * @param ofReplicas π per replica, by shape, at least 0, in the unit of costs
 * @param times σ, by which the prices of replicas are raised or lowered together
 * @param limits what is priced beside replicas
 * @param ofLimits μ per unit of each limit's amount, at least 0
 */
public record Prices(double[] ofReplicas, double times, List<Limit> limits, double[] ofLimits) {

    /** Replicas alone have a price. */
    public Prices(double[] ofReplicas) {
        this(ofReplicas, 1, List.of(), new double[0]);
    }

    /** Everything at its own price. */
    public Prices(double[] ofReplicas, List<Limit> limits, double[] ofLimits) {
        this(ofReplicas, 1, limits, ofLimits);
    }

    /** Other prices of replicas, beside those of limits times a factor. */
    public Prices with(double[] others, double scale, double limitScale) {
        return new Prices(
                others,
                scale,
                limits,
                Arrays.stream(ofLimits).map(price -> price * limitScale).toArray());
    }

    /** What the choice costs with all it takes. */
    public double reduced(Choice choice) {
        double sum = choice.cost()
                + times * choice.replicas() * ofReplicas[choice.shape().index()];
        for (int l = 0; l < ofLimits.length; l++) {
            if (ofLimits[l] > 0) {
                sum += ofLimits[l] * limits.get(l).amount().applyAsDouble(choice);
            }
        }
        return sum;
    }

    /** What the choice pays for the limits alone. */
    public double ofLimits(Choice choice) {
        double sum = 0;
        for (int l = 0; l < ofLimits.length; l++) {
            sum += ofLimits[l] * limits.get(l).amount().applyAsDouble(choice);
        }
        return sum;
    }

    /** The model's answer: of choices that cost the least so, the first; the list is not empty. */
    public Choice answer(List<Choice> ofModel) {
        Choice answer = ofModel.get(0);
        double least = Double.POSITIVE_INFINITY;
        for (Choice choice : ofModel) {
            double reduced = reduced(choice);
            if (reduced < least) {
                least = reduced;
                answer = choice;
            }
        }
        return answer;
    }

    /** The least that one of the choices costs so; infinite without any. */
    public double least(List<Choice> choices) {
        double least = Double.POSITIVE_INFINITY;
        for (Choice choice : choices) {
            least = Math.min(least, reduced(choice));
        }
        return least;
    }
}
