package dev.scepsy.planner.search.explain;

import dev.scepsy.planner.search.choice.Choice;
import dev.scepsy.planner.search.choice.ChoiceConstants;
import dev.scepsy.planner.search.choice.ChoiceSpace;
import dev.scepsy.planner.search.choice.Placeability;
import dev.scepsy.planner.search.explain.Explanation.Rival;
import dev.scepsy.planner.search.infeasible.Shown;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * What simpler ways of dividing the GPUs would have given: every model gets a budget of GPUs and makes the best of it
 * alone, judged by the same closed form, utilisation limit and placement as the plan.
 */
final class Rivals {

    private final ChoiceSpace space;
    private final List<List<Choice>> choices;
    private final Placeability placeability;

    Rivals(ChoiceSpace space, List<List<Choice>> choices, Placeability placeability) {
        this.space = space;
        this.choices = choices;
        this.placeability = placeability;
    }

    List<Rival> judge() {
        if (space.models() == 0) {
            return List.of();
        }
        double loads = 0;
        for (int model = 0; model < space.models(); model++) {
            loads += load(model);
        }
        double sum = loads;
        List<Rival> rivals = new ArrayList<>();
        rivals.add(shares("equal split", model -> 1.0 / space.models()));
        if (sum > 0) {
            rivals.add(shares("proportional to requests", model -> load(model) / sum));
        }
        rivals.add(independent());
        return rivals;
    }

    private interface Share {
        double of(int model);
    }

    private double load(int model) {
        return space.load(model).requestsPerSecond().doubleValue();
    }

    private Rival shares(String name, Share share) {
        List<Choice> picked = new ArrayList<>();
        for (int model = 0; model < space.models(); model++) {
            double budget = share.of(model) * space.compute() * (1 + ChoiceConstants.SUM_ROUNDING);
            Optional<Choice> best = choices.get(model).stream()
                    .filter(choice -> choice.compute() <= budget)
                    .min(Comparator.comparingDouble(Choice::cost).thenComparingLong(Choice::compute));
            if (best.isEmpty()) {
                return new Rival(
                        name,
                        OptionalDouble.empty(),
                        "model (" + space.model(model).name() + ") cannot take its load on "
                                + Shown.plain(budget / space.units().computePerGpu()) + " GPUs");
            }
            picked.add(best.get());
        }
        return judged(name, picked);
    }

    /** Every model sized for its own load, with nothing for the rest: what scaling each on its own arrives at. */
    private Rival independent() {
        List<Choice> picked = new ArrayList<>();
        for (List<Choice> ofModel : choices) {
            picked.add(ofModel.stream()
                    .min(Comparator.comparingLong(Choice::compute).thenComparingDouble(Choice::cost))
                    .orElseThrow());
        }
        return judged("each model on its own", picked);
    }

    private Rival judged(String name, List<Choice> picked) {
        int[] shapes =
                picked.stream().mapToInt(choice -> choice.shape().index()).toArray();
        int[] replicas = picked.stream().mapToInt(Choice::replicas).toArray();
        double objective = space.fixedSeconds()
                + IntStream.range(0, picked.size())
                        .mapToDouble(model -> picked.get(model).cost())
                        .sum();
        return placeability.check(shapes, replicas) == Placeability.Verdict.PLACEABLE
                ? new Rival(name, OptionalDouble.of(objective), "")
                : new Rival(
                        name,
                        OptionalDouble.empty(),
                        Shown.plain(objective) + " s by the formula, but it cannot be placed");
    }
}
