package dev.scepsy.planner.search;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What remains to be looked at below a partial plan, by prices made for it: the bound of {@link PatternMaster}
 * over the choices that remain, with patterns of their shapes only, and reduced-cost fixing.
 *
 * <pre>
 * every plan that contains choice c of model m costs at least  D − min over c' of m of reduced(c') + reduced(c)
 * </pre>
 *
 * A choice whose bound exceeds the limit is left out; with fewer choices there are fewer patterns, so the dual rises and
 * more can be left out. The fewer shapes are left, the more the bound knows of what cannot share a GPU. Not thread-safe.
 */
final class PricedBounds {

    private static final double WORTH_REPEATING = 0.9;
    private static final int MOST_SHAPES = 400;
    private static final double ROUNDING = 1e-12;

    private final ChoiceSpace space;
    private final List<Limit> limits;
    private final List<double[]> supplies = new ArrayList<>();
    private long work;

    /** @param limits what the choices together must keep */
    PricedBounds(ChoiceSpace space, List<Limit> limits) {
        this.space = space;
        this.limits = List.copyOf(limits);
    }

    /** Whether programmes over the choices are small enough to be solved at every node: they have a row per shape. */
    static boolean suits(List<List<Choice>> choices) {
        return choices.stream()
                        .flatMap(List::stream)
                        .mapToInt(choice -> choice.shape().index())
                        .distinct()
                        .count()
                <= MOST_SHAPES;
    }

    /**
     * What remains.
     *
     * @param choices per model, none of them empty
     * @param priced bound of all of them, and prices there
     */
    record Remaining(List<List<Choice>> choices, PatternMaster.Priced priced) {

        /** No plan of these choices costs less. */
        double bound() {
            return priced.bound();
        }

        /** The lowest cost of plans that contain one of {@code some}, choices of the model. */
        double boundOf(int model, List<Choice> some) {
            return priced.bound() - priced.least(choices.get(model)) + priced.least(some);
        }
    }

    /** Work done: a programme counts as many partial plans as it has rows. */
    long work() {
        return work;
    }

    /** What remains of {@code choices}; empty when no plan of them costs less than the limit. */
    Optional<Remaining> tighten(List<List<Choice>> choices, double limit) {
        List<List<Choice>> left = choices;
        while (true) {
            left = affordable(left);
            if (left.stream().anyMatch(List::isEmpty)) {
                return Optional.empty();
            }
            PatternMaster master = new PatternMaster(space, left, limits);
            work += master.rows();
            PatternMaster.Priced priced = master.climb(limit, supplies);
            double most = limit + ROUNDING * Math.abs(limit);
            if (priced.bound() >= most) {
                return Optional.empty();
            }
            long before = size(left);
            left = below(left, priced, most);
            if (size(left) > WORTH_REPEATING * before) {
                return Optional.of(new Remaining(left, priced));
            }
        }
    }

    private static List<List<Choice>> below(List<List<Choice>> choices, PatternMaster.Priced priced, double most) {
        List<List<Choice>> left = new ArrayList<>();
        for (List<Choice> ofModel : choices) {
            double others = priced.bound() - priced.least(ofModel);
            left.add(ofModel.stream()
                    .filter(choice -> others + priced.reduced(choice) < most)
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
