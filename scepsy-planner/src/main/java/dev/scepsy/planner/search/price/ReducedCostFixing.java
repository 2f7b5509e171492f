package dev.scepsy.planner.search.price;

import dev.scepsy.planner.search.choice.Choice;
import dev.scepsy.planner.search.choice.ChoiceConstants;
import dev.scepsy.planner.search.choice.ChoiceSpace;
import dev.scepsy.planner.search.choice.Limit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What remains to be looked at below a partial plan, by prices made for it: the bound of {@link RestrictedMaster}
 * over the choices that remain, with patterns of their shapes only, and reduced-cost fixing.
 *
 * <pre>
 * every plan that contains choice c of model m costs at least  D − min over c' of m of reduced(c') + reduced(c)
 * </pre>
 *
 * A choice whose bound exceeds the limit is left out; with fewer choices there are fewer patterns, so the dual rises and
 * more can be left out. The fewer shapes are left, the more the bound knows of what cannot share a GPU. Not thread-safe.
 */
public final class ReducedCostFixing {

    private final ChoiceSpace space;
    private final List<Limit> limits;
    private final List<double[]> supplies = new ArrayList<>();
    private long work;

    /** @param limits what the choices together must keep */
    public ReducedCostFixing(ChoiceSpace space, List<Limit> limits) {
        this.space = space;
        this.limits = List.copyOf(limits);
    }

    /** Whether programmes over the choices are small enough to be solved at every node: they have a row per shape. */
    public static boolean suits(List<List<Choice>> choices) {
        return choices.stream()
                        .flatMap(List::stream)
                        .mapToInt(choice -> choice.shape().index())
                        .distinct()
                        .count()
                <= PriceConstants.MOST_SHAPES;
    }

    /**
     * What remains.
     *
     * @param choices per model, none of them empty
     * @param priced bound of all of them, and prices there
     */
    public record Remaining(List<List<Choice>> choices, RestrictedMaster.Priced priced) {

        /** No plan of these choices costs less. */
        public double bound() {
            return priced.bound();
        }

        /** The lowest cost of plans that contain one of {@code some}, choices of the model. */
        public double boundOf(int model, List<Choice> some) {
            return priced.bound()
                    - priced.prices().least(choices.get(model))
                    + priced.prices().least(some);
        }
    }

    /** Work done: a programme counts as many partial plans as it has rows. */
    public long work() {
        return work;
    }

    /** What remains of {@code choices}; empty when no plan of them costs less than the limit. */
    public Optional<Remaining> tighten(List<List<Choice>> choices, double limit) {
        List<List<Choice>> left = choices;
        while (true) {
            left = affordable(left);
            if (left.stream().anyMatch(List::isEmpty)) {
                return Optional.empty();
            }
            RestrictedMaster master = new RestrictedMaster(space, left, limits);
            work += master.rows();
            RestrictedMaster.Priced priced = master.climb(limit, supplies);
            double most = limit + ChoiceConstants.SUM_ROUNDING * Math.abs(limit);
            if (priced.bound() >= most) {
                return Optional.empty();
            }
            long before = size(left);
            left = below(left, priced, most);
            if (size(left) > PriceConstants.WORTH_REPEATING * before) {
                return Optional.of(new Remaining(left, priced));
            }
        }
    }

    private static List<List<Choice>> below(List<List<Choice>> choices, RestrictedMaster.Priced priced, double most) {
        List<List<Choice>> left = new ArrayList<>();
        for (List<Choice> ofModel : choices) {
            double others = priced.bound() - priced.prices().least(ofModel);
            left.add(ofModel.stream()
                    .filter(choice -> others + priced.prices().reduced(choice) < most)
                    .toList());
        }
        return left;
    }

    /** Leaves out what breaks a limit even beside the least of all other models. */
    private List<List<Choice>> affordable(List<List<Choice>> choices) {
        List<List<Choice>> left = choices;
        for (Limit limit : limits) {
            left = limit.keeping(left);
        }
        return left;
    }

    private static long size(List<List<Choice>> choices) {
        return choices.stream().mapToLong(List::size).sum();
    }
}
