package dev.scepsy.planner.search.exact;

import dev.scepsy.planner.search.choice.Choice;
import dev.scepsy.planner.search.choice.ChoiceConstants;
import dev.scepsy.planner.search.choice.Placeability.Verdict;
import dev.scepsy.planner.search.choice.SearchLimits;
import dev.scepsy.planner.search.price.ReducedCostFixing;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Exact search for problems that fill their cluster: branch and bound whose bound is made anew at every node
 * ({@link ReducedCostFixing}).
 *
 * <p>Splits the choices of one model by shape, later by replicas: the model with the fewest shapes left first, its parts
 * by rising bound. Where shapes are decided, the fewest replicas left of each must stand together. Bounds cut most when
 * the limit is close to the optimum, and near a full cluster first plans are hard to meet; so the limit starts a little
 * above the bound of the whole and is raised until a plan lies below it. Each round that ends without one proves that no
 * plan costs less than its limit.
 *
 * <p>Which plan wins among those that tie is answered as {@link BranchAndBound} does, in the same order, by these bounds.
 */
public final class BranchAndPrice {

    private final List<List<Choice>> choices;
    private final ReducedCostFixing bounds;
    private final NoGoods noGoods;
    private final SearchLimits.Stop stop;
    private final double most;
    private final double fixed;
    private boolean anyWillDo;
    private boolean tied;
    private long nodesLeft;
    private double limit;
    private double open = Double.POSITIVE_INFINITY;
    private double lowerBound;
    private double best;
    private Choice @Nullable [] bestPlan;

    /**
     * @param choices undominated choices per model, in name order
     * @param nodes work that may be done: partial plans, and the rows of their programmes
     * @param below what a plan must not cost more than to be of interest; infinite: any plan is
     * @param fixed what the objective is beside costs: ties are about both
     */
    public BranchAndPrice(
            List<List<Choice>> choices,
            ReducedCostFixing bounds,
            NoGoods noGoods,
            long nodes,
            SearchLimits.Stop stop,
            double below,
            double fixed) {
        this.choices = choices;
        this.bounds = bounds;
        this.noGoods = noGoods;
        this.nodesLeft = nodes;
        this.stop = stop;
        this.fixed = fixed;
        // every plan costs less than this
        double all = choices.stream()
                .mapToDouble(ofModel ->
                        ofModel.stream().mapToDouble(Choice::cost).max().orElse(0))
                .sum();
        this.most = Math.min(
                below + tolerance(below), all * (1 + ExactConstants.COST_ROUNDING) + ExactConstants.SMALLEST_LIMIT);
        this.best = Double.POSITIVE_INFINITY;
    }

    /** Looks for any plan, cheap ones first. */
    public boolean solveAny() {
        anyWillDo = true;
        solve();
        return bestPlan != null;
    }

    /** Looks for the cheapest plan. */
    void solve() {
        if (choices.stream().anyMatch(List::isEmpty)) {
            lowerBound = Double.POSITIVE_INFINITY;
            return;
        }
        Optional<ReducedCostFixing.Remaining> root = bounds.tighten(choices, most);
        double step = ExactConstants.FIRST_LIMIT;
        while (root.isPresent() && bestPlan == null) {
            ReducedCostFixing.Remaining all = root.get();
            lowerBound = Math.max(lowerBound, all.bound());
            limit = anyWillDo
                    ? most
                    : Math.min(
                            most,
                            lowerBound * step + ExactConstants.SMALLEST_LIMIT + ExactConstants.LEAST_RAISED * most);
            bounds.tighten(all.choices(), limit).ifPresent(this::split);
            if (anyWillDo && bestPlan != null) {
                return;
            }
            if (open < Double.POSITIVE_INFINITY) {
                lowerBound = Math.max(lowerBound, Math.min(open, Math.min(limit, best)));
                return;
            }
            if (bestPlan == null) {
                lowerBound = Math.max(lowerBound, limit);
                if (limit >= most) {
                    break;
                }
                step = ExactConstants.RAISED;
            }
        }
        lowerBound = bestPlan == null ? Double.POSITIVE_INFINITY : best;
    }

    /**
     * Among all plans that cost no more than {@code tying}, the one that wins by the tie rules; empty when work ended before
     * one was met. For a search of its own, with choices by (gpu, t, f, r).
     *
     * @param mostCompute compute units of a plan known to tie
     */
    Optional<List<Choice>> tieWinner(double tying, long mostCompute) {
        Ties ties = new Ties(tying, mostCompute);
        bounds.tighten(choices, ties.most).ifPresent(all -> ties.descend(0, all.choices()));
        return plan();
    }

    /** The best plan met; empty when none was met. */
    public Optional<List<Choice>> plan() {
        return bestPlan == null ? Optional.empty() : Optional.of(List.of(bestPlan));
    }

    /** Cost of the best plan; infinite without one. */
    double cost() {
        return best;
    }

    /** Whether the best plan is proven best, or no plan below the limit given is proven to be. */
    public boolean complete() {
        return lowerBound >= best;
    }

    /** Whether another plan met ties with the best: if not, and the search is complete, none does. */
    boolean tied() {
        return tied;
    }

    /** No plan costs less, but those that cost no less than what was given; infinite when there is none at all. */
    double lowerBound() {
        return lowerBound;
    }

    long nodesLeft() {
        return nodesLeft;
    }

    private void split(ReducedCostFixing.Remaining remaining) {
        List<List<Choice>> left = remaining.choices();
        Verdict verdict = standsAtLeast(left);
        if (verdict == Verdict.UNPLACEABLE) {
            return;
        }
        int model = next(left);
        if (model < 0) {
            leaf(left, verdict);
            return;
        }
        List<Part> parts = parts(remaining, model);
        for (Part part : parts) {
            if (part.bound >= limit || (anyWillDo && bestPlan != null)) {
                return;
            }
            if (nodesLeft <= 0 || stop.now()) {
                open = Math.min(open, part.bound);
                return;
            }
            List<List<Choice>> below = new ArrayList<>(left);
            below.set(model, part.choices);
            tighten(below, limit).ifPresent(this::split);
        }
    }

    /** What remains of the choices, with the work it took. */
    private Optional<ReducedCostFixing.Remaining> tighten(List<List<Choice>> below, double most) {
        long work = bounds.work();
        Optional<ReducedCostFixing.Remaining> rest = bounds.tighten(below, most);
        nodesLeft -= 1 + bounds.work() - work;
        return rest;
    }

    private void leaf(List<List<Choice>> left, Verdict verdict) {
        Choice[] plan = left.stream().map(ofModel -> ofModel.get(0)).toArray(Choice[]::new);
        double cost = 0;
        for (Choice choice : plan) {
            cost += choice.cost();
        }
        if (cost >= limit) {
            return;
        }
        if (verdict == Verdict.UNDECIDED) {
            open = Math.min(open, cost);
            return;
        }
        tied = Math.abs(best - cost) <= tolerance(Math.min(best, cost)) && bestPlan != null;
        if (cost < best) {
            best = cost;
            bestPlan = plan;
            double ties = best + tolerance(best);
            // what ties is of interest too; beyond the limit it was not looked for
            tied |= ties > limit;
            limit = Math.min(limit, ties);
        }
    }

    private double tolerance(double cost) {
        return cost < Double.POSITIVE_INFINITY ? ChoiceConstants.TIE_TOLERANCE * (fixed + cost) + Double.MIN_NORMAL : 0;
    }

    /** Whether the fewest replicas that are left stand together, of all models whose shape is decided. */
    private Verdict standsAtLeast(List<List<Choice>> left) {
        @Nullable Choice[] fewest = new Choice[left.size()];
        for (int model = 0; model < fewest.length; model++) {
            Choice least = left.get(model).get(0);
            boolean decided = true;
            for (Choice choice : left.get(model)) {
                decided &= choice.shape().index() == least.shape().index();
                least = choice.replicas() < least.replicas() ? choice : least;
            }
            fewest[model] = decided ? least : null;
        }
        return noGoods.check(fewest);
    }

    private record Part(List<Choice> choices, double bound) {}

    /** Of the models with something to decide the one with the fewest shapes, then the fewest choices; -1: none. */
    private static int next(List<List<Choice>> left) {
        int best = -1;
        long bestSize = Long.MAX_VALUE;
        for (int model = 0; model < left.size(); model++) {
            List<Choice> ofModel = left.get(model);
            if (ofModel.size() > 1) {
                long shapes = ofModel.stream()
                        .mapToInt(choice -> choice.shape().index())
                        .distinct()
                        .count();
                long size = (shapes > 1 ? shapes : ExactConstants.DECIDED_SHAPES) * ExactConstants.SHAPE_WEIGHT
                        + ofModel.size();
                if (size < bestSize) {
                    bestSize = size;
                    best = model;
                }
            }
        }
        return best;
    }

    private static List<Part> parts(ReducedCostFixing.Remaining remaining, int model) {
        List<Choice> ofModel = remaining.choices().get(model);
        Map<Integer, List<Choice>> byShape = new LinkedHashMap<>();
        ofModel.forEach(choice -> byShape.computeIfAbsent(choice.shape().index(), shape -> new ArrayList<>())
                .add(choice));
        List<List<Choice>> parts = byShape.size() > 1
                ? List.copyOf(byShape.values())
                : ofModel.stream().map(List::of).toList();
        return IntStream.range(0, parts.size())
                .mapToObj(i -> new Part(parts.get(i), remaining.boundOf(model, parts.get(i))))
                .sorted(Comparator.comparingDouble(Part::bound))
                .toList();
    }

    private final class Ties {

        private final double most;
        private final @Nullable Choice[] chosen = new Choice[choices.size()];
        private long mostCompute;

        Ties(double tying, long mostCompute) {
            // bounds look for less than a limit; 0 ties with 0
            this.most = tying + Double.MIN_NORMAL;
            this.mostCompute = mostCompute;
        }

        void descend(int model, List<List<Choice>> left) {
            if (fewestCompute(left) > mostCompute) {
                return;
            }
            if (model == left.size()) {
                bestPlan = left.stream().map(ofModel -> ofModel.get(0)).toArray(Choice[]::new);
                mostCompute = fewestCompute(left) - 1;
                return;
            }
            for (Choice choice : left.get(model)) {
                List<List<Choice>> below = new ArrayList<>(left);
                below.set(model, List.of(choice));
                if (fewestCompute(below) > mostCompute) {
                    continue;
                }
                if (nodesLeft <= 0 || stop.now()) {
                    break;
                }
                chosen[model] = choice;
                if (noGoods.check(chosen, model) == Verdict.PLACEABLE) {
                    tighten(below, most).ifPresent(remaining -> descend(model + 1, remaining.choices()));
                } else {
                    nodesLeft--;
                }
            }
            chosen[model] = null;
        }

        private static long fewestCompute(List<List<Choice>> left) {
            long sum = 0;
            for (List<Choice> ofModel : left) {
                long fewest = Long.MAX_VALUE;
                for (Choice choice : ofModel) {
                    fewest = Math.min(fewest, choice.compute());
                }
                sum += fewest;
            }
            return sum;
        }
    }
}
