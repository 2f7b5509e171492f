package dev.scepsy.planner.search.heuristic;

import dev.scepsy.planner.search.choice.Choice;
import dev.scepsy.planner.search.choice.ChoiceSpace;
import dev.scepsy.planner.search.choice.Limit;
import dev.scepsy.planner.search.choice.Measure;
import dev.scepsy.planner.search.choice.Placeability;
import dev.scepsy.planner.search.choice.ReplicaGrid;
import dev.scepsy.planner.search.choice.SearchEffort;
import dev.scepsy.planner.search.choice.SearchLimits;
import dev.scepsy.planner.search.choice.SpaceShape;
import dev.scepsy.planner.search.price.LimitDual;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Lagrangian heuristic for problems beyond the exact search's reach: hundreds of models, thousands of GPUs.
 *
 * <p>Prices for replicas and limits come from the aggregated master ({@link RootPrices}), whose Lagrangian value is the lower bound: it
 * counts patterns of GPUs and domains, not arrangements of whole clusters. At prices every model chooses for itself; the
 * lowest multiple of the prices at which the choices can be placed gives the first plan, other prices give others. A plan
 * that breaks limits is mended by the upgrades that keep most for the least. Then what is left is spent: always on the
 * upgrade that saves most for what it takes and can be placed, and up to three models change at once ({@link ExchangeMoves}).
 * Last, within the work budget, a model or two give something up or swap it, what that frees is spent again, and the exchange
 * stays if the whole got better. The best plan is only ever replaced by a better one, and neither the draws nor the plan they
 * start from depend on the budget, so more work is never worse.
 */
public final class LagrangianHeuristic {

    private final ChoiceSpace space;
    private final Measure measure;
    private final List<Limit> within;
    private final SearchLimits work;
    private final Supplier<Optional<List<Choice>>> lastResort;
    private final List<List<Choice>> real = new ArrayList<>();
    private final List<List<Choice>> optimistic = new ArrayList<>();
    private final PlacementChecks checks;
    private final LimitRepair limits;
    private final GreedyUpgrades upgrades;
    private double lowerBound;

    /**
     * @param within what the choices together must keep
     * @param lastResort looked for where no prices lead to choices that can be placed: any plan without limits, or none
     */
    public LagrangianHeuristic(
            ChoiceSpace space,
            Placeability placeability,
            SearchLimits work,
            Measure measure,
            List<Limit> within,
            Supplier<Optional<List<Choice>>> lastResort) {
        this.space = space;
        this.measure = measure;
        this.within = within;
        this.work = work;
        this.lastResort = lastResort;
        this.checks = new PlacementChecks(placeability);
        for (int model = 0; model < space.models(); model++) {
            List<Choice> choices = new ArrayList<>();
            List<Choice> bounds = new ArrayList<>();
            for (SpaceShape shape : space.shapes(model)) {
                if (shape.feasible()) {
                    choices.addAll(measured(ReplicaGrid.real(space, shape)));
                    bounds.addAll(measured(ReplicaGrid.optimistic(space, shape)));
                }
            }
            choices.sort(Comparator.comparingLong(Choice::compute)
                    .thenComparingDouble(Choice::cost)
                    .thenComparingInt(choice -> choice.shape().index()));
            real.add(choices);
            optimistic.add(bounds);
        }
        for (Limit limit : within) {
            keep(limit, real);
            keep(limit, optimistic);
        }
        this.limits = new LimitRepair(real, within, checks);
        this.upgrades = new GreedyUpgrades(real, measure, limits, checks, work.stop());
    }

    private static void keep(Limit limit, List<List<Choice>> choices) {
        List<List<Choice>> kept = limit.keeping(choices);
        choices.clear();
        choices.addAll(kept);
    }

    private List<Choice> measured(List<Choice> choices) {
        return choices.stream()
                .map(choice -> choice.withCost(measure.of().applyAsDouble(choice)))
                .toList();
    }

    /**
     * The best plan found; empty when not even the least needs could be placed.
     *
     * @param start a plan known to be legal; empty: none is known
     */
    public Optional<List<Choice>> solve(Optional<List<Choice>> start) {
        if (real.stream().anyMatch(List::isEmpty)) {
            lowerBound = optimistic.stream().anyMatch(List::isEmpty) ? Double.POSITIVE_INFINITY : measure.fixed();
            return start;
        }
        RootPrices root = price();
        PricedPlans plans = new PricedPlans(real, root, checks);
        Optional<Choice[]> first = plans.first().or(this::searched);
        if (!within.isEmpty()) {
            first = keepingLimits(first, root, plans);
        }
        List<Choice[]> starts = new ArrayList<>();
        first.ifPresent(starts::add);
        start.ifPresent(plan -> starts.add(measured(plan).toArray(Choice[]::new)));
        if (within.isEmpty()) {
            // prices that are right for the bound may lead to plans that leave too much of the last GPUs
            root.others().forEach(other -> plans.atLowestPrices(other).ifPresent(starts::add));
        }
        ExchangeMoves moves = new ExchangeMoves(real, root, limits, checks, work.stop());
        double[] atPrices = root.others().get(0);
        Choice[] best = null;
        for (Choice[] plan : starts) {
            upgrades.spend(plan, atPrices);
            upgrades.trim(plan);
            // the same work whatever the limits, so that exchanges start from the same plan
            moves.asLongAsBetter(plan, HeuristicConstants.MOVES_ASKED);
            if (best == null || cost(plan) < cost(best)) {
                best = plan;
            }
        }
        if (best == null) {
            return Optional.empty();
        }
        new RandomExchanges(real, root.prices(), limits, upgrades, moves, checks, work)
                .better(
                        best,
                        Math.max(
                                HeuristicConstants.EXCHANGE_QUESTIONS,
                                work.nodes() / HeuristicConstants.EXCHANGE_QUESTIONS),
                        atPrices,
                        root.others().get(1));
        return Optional.of(List.of(best));
    }

    /** Some plan, found at prices alone; {@link #lowerBound} holds after it too. */
    public Optional<List<Choice>> anyPlan() {
        if (real.stream().anyMatch(List::isEmpty)) {
            lowerBound = optimistic.stream().anyMatch(List::isEmpty) ? Double.POSITIVE_INFINITY : measure.fixed();
            return Optional.empty();
        }
        RootPrices root = price();
        PricedPlans plans = new PricedPlans(real, root, checks);
        return (within.isEmpty() ? plans.atHighestPrices() : keepingLimits(plans.first(), root, plans)).map(List::of);
    }

    /** No plan is better than this; after {@link #solve}. */
    public double lowerBound() {
        return lowerBound;
    }

    /** All work done so far. */
    public SearchEffort effort() {
        return new SearchEffort(
                space.shapes().stream()
                        .mapToLong(shape -> Math.max(0, shape.most() - shape.fewest() + 1))
                        .sum(),
                real.stream().mapToLong(List::size).sum(),
                0,
                checks.count(),
                false);
    }

    private RootPrices price() {
        RootPrices root = new RootPrices(space, optimistic, within);
        lowerBound = measure.fixed() + root.bound();
        return root;
    }

    /** A plan that also keeps the limits: {@code plan} if it does, else what prices of limits and mending arrive at. */
    private Optional<Choice[]> keepingLimits(Optional<Choice[]> plan, RootPrices root, PricedPlans plans) {
        if (plan.isPresent() && limits.keepsLimits(plan.get())) {
            return plan;
        }
        if (root.outOfReach()) {
            return Optional.empty();
        }
        List<Choice[]> starts = new ArrayList<>();
        for (double scale : HeuristicConstants.CHARGE_SCALES) {
            // a little more than the limits' prices, because answers are whole
            plans.atLowestPrices(root.prices().ofReplicas(), scale).ifPresent(starts::add);
        }
        plan.ifPresent(starts::add);
        starts.add(plans.leastNeeds());
        Optional<Choice[]> best = bestMended(starts);
        if (best.isPresent() && root.converged()) {
            return best;
        }
        double upper = plan.map(LagrangianHeuristic::cost).orElse(Double.POSITIVE_INFINITY);
        if (!root.converged()) {
            LimitDual bounds = new LimitDual(optimistic, within);
            bounds.climb(upper);
            lowerBound = Math.max(lowerBound, measure.fixed() + bounds.bound());
        }
        LimitDual alone = new LimitDual(real, within);
        alone.climb(upper);
        List<Choice[]> others = new ArrayList<>();
        for (double scale : HeuristicConstants.LIMIT_SCALES) {
            others.add(alone.answers(scale));
        }
        Optional<Choice[]> other = bestMended(others);
        return best.isEmpty() || (other.isPresent() && cost(other.get()) < cost(best.get())) ? other : best;
    }

    private Optional<Choice[]> bestMended(List<Choice[]> starts) {
        Choice[] best = null;
        for (Choice[] start : starts) {
            if (work.stop().now()) {
                break;
            }
            Choice[] mended = start.clone();
            if (checks.placeable(mended) && limits.mend(mended) && (best == null || cost(mended) < cost(best))) {
                best = mended;
            }
        }
        return Optional.ofNullable(best);
    }

    /** Whatever can be placed, searched for. */
    private Optional<Choice[]> searched() {
        return lastResort
                .get()
                .map(plan -> measured(plan.stream()
                                .map(choice -> space.choice(choice.shape(), choice.replicas()))
                                .toList())
                        .toArray(Choice[]::new));
    }

    static double cost(Choice[] plan) {
        return Arrays.stream(plan).mapToDouble(Choice::cost).sum();
    }
}
