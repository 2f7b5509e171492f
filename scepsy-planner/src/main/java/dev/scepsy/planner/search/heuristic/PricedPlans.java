package dev.scepsy.planner.search.heuristic;

import dev.scepsy.planner.search.choice.Choice;
import dev.scepsy.planner.search.price.Prices;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Plans in which every model answers prices for itself, at a multiple of the prices where the answers can be placed. */
final class PricedPlans {

    private final List<List<Choice>> choices;
    private final RootPrices root;
    private final PlacementChecks checks;

    /** @param choices per model, by compute; none of them empty */
    PricedPlans(List<List<Choice>> choices, RootPrices root, PlacementChecks checks) {
        this.choices = choices;
        this.root = root;
        this.checks = checks;
    }

    /** At the prices of the bound; where no multiple of them will do, at others. */
    Optional<Choice[]> first() {
        Optional<Choice[]> first = atLowestPrices(root.prices().ofReplicas());
        return first.isPresent() ? first : atHighestPrices();
    }

    /** The answers to prices that outweigh all costs. */
    Optional<Choice[]> atHighestPrices() {
        List<double[]> all = new ArrayList<>(List.of(root.prices().ofReplicas()));
        all.addAll(root.others());
        for (double[] scarce : all) {
            for (double scale : HeuristicConstants.HIGH_SCALES) {
                Optional<Choice[]> plan = placeableAt(scarce, 0, scale);
                if (plan.isPresent()) {
                    return plan;
                }
            }
        }
        return Optional.empty();
    }

    /** The answers to the lowest multiple of the prices at which they can be placed. */
    Optional<Choice[]> atLowestPrices(double[] ofReplicas) {
        return atLowestPrices(ofReplicas, 0);
    }

    /** The same where limits have their own prices, times a factor. */
    Optional<Choice[]> atLowestPrices(double[] ofReplicas, double limitScale) {
        double low = HeuristicConstants.SMALLEST_SCALE;
        double high = 1 / HeuristicConstants.SMALLEST_SCALE;
        Choice[] best = placeableAt(ofReplicas, limitScale, high).orElse(null);
        if (best == null) {
            best = leastNeeds();
            if (!checks.placeable(best)) {
                return Optional.empty();
            }
        }
        for (int step = 0;
                step < HeuristicConstants.SCALE_STEPS && high / low > HeuristicConstants.SCALE_RATIO;
                step++) {
            double middle = Math.sqrt(low * high);
            Optional<Choice[]> answer = placeableAt(ofReplicas, limitScale, middle);
            if (answer.isPresent()) {
                best = answer.get();
                high = middle;
            } else {
                low = middle;
            }
        }
        return Optional.of(best);
    }

    private Optional<Choice[]> placeableAt(double[] ofReplicas, double limitScale, double scale) {
        Prices prices = root.prices().with(ofReplicas, scale, limitScale);
        Choice[] answers = choices.stream().map(prices::answer).toArray(Choice[]::new);
        return checks.placeable(answers) ? Optional.of(answers) : Optional.empty();
    }

    /** Every model with the least compute it may have. */
    Choice[] leastNeeds() {
        return choices.stream().map(ofModel -> ofModel.get(0)).toArray(Choice[]::new);
    }
}
