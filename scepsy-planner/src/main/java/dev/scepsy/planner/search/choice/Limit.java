package dev.scepsy.planner.search.choice;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * One sum over a plan's choices that must stay within a capacity, beside what placement asks: the latency of a workflow
 * with a limit, or the GPUs that a search for the fewest has found to suffice. Inclusive, up to a relative
 * {@value ChoiceConstants#SUM_ROUNDING} that sums of doubles need.
 *
 * @param amount what a choice takes, 0 or more
 * @param capacity what all choices together may take; negative: nothing keeps it
 */
public record Limit(ToDoubleFunction<Choice> amount, double capacity) {

    /** The capacity with room for rounding. */
    public double mostAllowed() {
        return capacity >= 0 ? capacity * (1 + ChoiceConstants.SUM_ROUNDING) : capacity;
    }

    /** What the plan takes of it. */
    public double taken(Choice[] plan) {
        return Arrays.stream(plan).mapToDouble(amount).sum();
    }

    /** The choices of each model that keep the limit even beside the least of all other models. */
    public List<List<Choice>> keeping(List<List<Choice>> choices) {
        double[] least = choices.stream()
                .mapToDouble(
                        ofModel -> ofModel.stream().mapToDouble(amount).min().orElse(0))
                .toArray();
        double all = Arrays.stream(least).sum();
        List<List<Choice>> kept = new ArrayList<>();
        for (int model = 0; model < least.length; model++) {
            double most = mostAllowed() - (all - least[model]) + ChoiceConstants.SUM_ROUNDING * Math.abs(all);
            kept.add(choices.get(model).stream()
                    .filter(choice -> amount.applyAsDouble(choice) <= most)
                    .toList());
        }
        return kept;
    }
}
