package dev.scepsy.planner.search.heuristic;

import dev.scepsy.planner.search.choice.Choice;
import dev.scepsy.planner.search.choice.ChoiceSpace;
import dev.scepsy.planner.search.choice.Limit;
import dev.scepsy.planner.search.choice.Measure;
import dev.scepsy.planner.search.choice.Placeability;
import dev.scepsy.planner.search.choice.Placeability.Verdict;
import dev.scepsy.planner.search.choice.ReplicaGrid;
import dev.scepsy.planner.search.choice.SearchEffort;
import dev.scepsy.planner.search.choice.SearchLimits;
import dev.scepsy.planner.search.choice.SpaceShape;
import dev.scepsy.planner.search.price.AggregatedMaster;
import dev.scepsy.planner.search.price.LagrangianDual;
import dev.scepsy.planner.search.price.LimitDual;
import dev.scepsy.planner.search.price.PricingProblem;
import dev.scepsy.planner.search.price.ValidInequalities;
import dev.scepsy.planner.topology.HostResource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Search for problems beyond the exact one's reach: hundreds of models, thousands of GPUs.
 *
 * <p>Prices for replicas and limits come from the {@link AggregatedMaster}, whose Lagrangian value is the lower bound: it
 * counts patterns of GPUs and domains, not arrangements of whole clusters. At prices every model chooses for itself; the
 * lowest multiple of the prices at which the choices can be placed gives the first plan, other prices give others. A plan
 * that breaks limits is mended by the upgrades that keep most for the least. Then what is left is spent: always on the
 * upgrade that saves most for what it takes and can be placed, and up to three models change at once ({@link ExchangeMoves}).
 * Last, within the work budget, a model or two give something up or swap it, what that frees is spent again, and the exchange
 * stays if the whole got better. The best plan is only ever replaced by a better one, and neither the draws nor the plan they
 * start from depend on the budget, so more work is never worse.
 *
 * <p>Longer than most files because every step works on the same prices, choices and count of questions.
 */
public final class LagrangianHeuristic {

    private static final int PRICE_STEPS = 60;
    private static final int SCALE_STEPS = 40;
    private static final double SMALLEST_SCALE = 1e-6;
    private static final int MOVES_ASKED = 300;
    private static final int UPGRADE_TRIALS = 24;
    private static final double[] CHARGE_SCALES = {1, 1.01, 1.03, 1.1, 1.3, 2};
    private static final int MENDINGS_REFUSED = 50;
    private static final double SMALLEST_GAIN = 1e-13;
    private static final double[] LIMIT_PRICE_SCALES = {1, 1.001, 1.01, 1.03, 1.1, 1.3, 2, 4, 16, 256};

    private final ChoiceSpace space;
    private final Placeability placeability;
    private final Measure measure;
    private final List<Limit> within;
    private final SearchLimits.Stop stop;
    private final Supplier<Optional<List<Choice>>> lastResort;
    private final List<List<Choice>> real = new ArrayList<>();
    private final List<List<Choice>> optimistic = new ArrayList<>();
    private final Random random;
    private final long exchangeChecks;
    private long checksLeft;
    private long checks;
    private double lowerBound;
    private double[] prices = new double[0];
    private double capacity = Double.POSITIVE_INFINITY;
    private double[] atPrices = new double[0];
    private double[] perGpu = new double[0];
    private double[] worth = new double[0];
    private boolean converged;
    private boolean outOfReach;
    private ToDoubleFunction<Choice> limitsCharge = choice -> 0;

    /**
     * @param within what the choices together must keep
     * @param lastResort looked for where no prices lead to choices that can be placed: any plan without limits, or none
     */
    public LagrangianHeuristic(
            ChoiceSpace space,
            Placeability placeability,
            SearchLimits limits,
            Measure measure,
            List<Limit> within,
            Supplier<Optional<List<Choice>>> lastResort) {
        this.space = space;
        this.lastResort = lastResort;
        this.placeability = placeability;
        this.measure = measure;
        this.within = within;
        this.stop = limits.stop();
        this.random = new Random(limits.seed());
        this.exchangeChecks = Math.max(200, limits.nodes() / 200);
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
        price();
        Optional<Choice[]> first = firstPlan().or(this::searched);
        if (!within.isEmpty()) {
            first = keepingLimits(first);
        }
        List<Choice[]> starts = new ArrayList<>();
        first.ifPresent(starts::add);
        start.ifPresent(plan -> starts.add(measured(plan).toArray(Choice[]::new)));
        if (within.isEmpty()) {
            // prices that are right for the bound may lead to plans that leave too much of the last GPUs
            otherPrices().forEach(other -> atLowestPrices(other).ifPresent(starts::add));
        }
        Choice[] best = null;
        for (Choice[] plan : starts) {
            spend(plan);
            trim(plan);
            // the same work whatever the limits, so that exchanges start from the same plan
            move(plan, MOVES_ASKED);
            if (best == null || cost(plan) < cost(best)) {
                best = plan;
            }
        }
        if (best == null) {
            return Optional.empty();
        }
        exchange(best);
        return Optional.of(List.of(best));
    }

    /** Some plan, found at prices alone; {@link #lowerBound} holds after it too. */
    public Optional<List<Choice>> anyPlan() {
        if (real.stream().anyMatch(List::isEmpty)) {
            lowerBound = optimistic.stream().anyMatch(List::isEmpty) ? Double.POSITIVE_INFINITY : measure.fixed();
            return Optional.empty();
        }
        price();
        return (within.isEmpty() ? atHighestPrices() : keepingLimits(firstPlan())).map(List::of);
    }

    /** No plan is better than this; after {@link #solve}. */
    public double lowerBound() {
        return lowerBound;
    }

    public SearchEffort effort() {
        return new SearchEffort(
                space.shapes().stream()
                        .mapToLong(shape -> Math.max(0, shape.most() - shape.fewest() + 1))
                        .sum(),
                real.stream().mapToLong(List::size).sum(),
                0,
                checks,
                false);
    }

    /** Prices of replicas and limits at which the bound is best. */
    private void price() {
        boolean[] kept = new boolean[space.shapes().size()];
        Arrays.fill(kept, true);
        PricingProblem patterns = new PricingProblem(space, kept);
        AggregatedMaster programme = new AggregatedMaster(space, optimistic, within);
        boolean solved = programme.solve();
        converged = solved && programme.converged();
        outOfReach = converged && programme.exceeds();
        if (solved) {
            limitsCharge = programme::limitsCharge;
        }
        double limitsWorth = solved ? programme.limitsWorth() : 0;
        LagrangianDual ascent = new LagrangianDual(space, charged(optimistic), patterns);
        if (solved) {
            ascent.offer(programme.prices());
        }
        prices = ascent.from(ValidInequalities.starts(space, optimistic), PRICE_STEPS);
        lowerBound = measure.fixed() + Math.max(0, ascent.bestValue() - limitsWorth);
        capacity = patterns.best(prices).value() + limitsWorth;
        // where nothing is scarce prices are 0, and compute must still weigh against itself
        if (Arrays.stream(prices).allMatch(price -> price == 0)) {
            double gpu = space.units().computePerGpu();
            prices = space.shapes().stream()
                    .mapToDouble(shape -> shape.replicaCompute() / gpu)
                    .toArray();
            capacity = Double.POSITIVE_INFINITY;
        }
        atPrices = otherPrices().get(0);
        perGpu = otherPrices().get(1);
        worth = atPrices;
    }

    private List<List<Choice>> charged(List<List<Choice>> choices) {
        return choices.stream()
                .map(ofModel -> ofModel.stream()
                        .map(choice -> choice.withCost(choice.cost() + limitsCharge.applyAsDouble(choice)))
                        .toList())
                .toList();
    }

    /** A plan that also keeps the limits: {@code plan} if it does, else what prices of limits and mending arrive at. */
    private Optional<Choice[]> keepingLimits(Optional<Choice[]> plan) {
        if (plan.isPresent() && keepsLimits(plan.get())) {
            return plan;
        }
        if (outOfReach) {
            return Optional.empty();
        }
        List<Choice[]> starts = new ArrayList<>();
        for (double scale : CHARGE_SCALES) {
            // a little more than the limits' prices, because answers are whole
            atLowestPrices(prices, choice -> choice.cost() + scale * limitsCharge.applyAsDouble(choice))
                    .ifPresent(starts::add);
        }
        plan.ifPresent(starts::add);
        starts.add(leastNeeds());
        Optional<Choice[]> best = bestMended(starts);
        if (best.isPresent() && converged) {
            return best;
        }
        double upper = plan.map(LagrangianHeuristic::cost).orElse(Double.POSITIVE_INFINITY);
        if (!converged) {
            LimitDual bounds = new LimitDual(optimistic, within);
            bounds.climb(upper);
            lowerBound = Math.max(lowerBound, measure.fixed() + bounds.bound());
        }
        LimitDual alone = new LimitDual(real, within);
        alone.climb(upper);
        List<Choice[]> others = new ArrayList<>();
        for (double scale : LIMIT_PRICE_SCALES) {
            others.add(alone.answers(scale));
        }
        Optional<Choice[]> other = bestMended(others);
        return best.isEmpty() || (other.isPresent() && cost(other.get()) < cost(best.get())) ? other : best;
    }

    private Optional<Choice[]> bestMended(List<Choice[]> starts) {
        Choice[] best = null;
        for (Choice[] start : starts) {
            if (stop.now()) {
                break;
            }
            Choice[] mended = start.clone();
            if (placeable(mended) && mend(mended) && (best == null || cost(mended) < cost(best))) {
                best = mended;
            }
        }
        return Optional.ofNullable(best);
    }

    private boolean keepsLimits(Choice[] plan) {
        return excess(plan) == 0;
    }

    /** By how much the limits are broken, each relative to its capacity. */
    private double excess(Choice[] plan) {
        return excess(within.stream().mapToDouble(limit -> limit.taken(plan)).toArray());
    }

    private double excess(double[] taken) {
        double sum = 0;
        for (int l = 0; l < taken.length; l++) {
            double most = within.get(l).mostAllowed();
            sum += Math.max(0, taken[l] - most) / Math.max(1e-12, Math.abs(most));
        }
        return sum;
    }

    /** Upgrades until all limits are kept, most gain for the least cost first; false when stuck. */
    private boolean mend(Choice[] plan) {
        Set<Choice> refused = new HashSet<>();
        double excess = excess(plan);
        while (excess > 0) {
            Upgrade next = mending(plan, excess, refused);
            if (next == null) {
                return false;
            }
            Choice before = plan[next.model];
            plan[next.model] = next.choice;
            if (placeable(plan)) {
                excess = excess(plan);
            } else {
                plan[next.model] = before;
                if (!refused.add(next.choice) || refused.size() > MENDINGS_REFUSED) {
                    return false;
                }
            }
        }
        return true;
    }

    private @Nullable Upgrade mending(Choice[] plan, double excess, Set<Choice> refused) {
        double[] taken = within.stream().mapToDouble(limit -> limit.taken(plan)).toArray();
        double[] there = new double[taken.length];
        Upgrade best = null;
        for (int model = 0; model < plan.length; model++) {
            Choice now = plan[model];
            double[] without = new double[taken.length];
            for (int l = 0; l < taken.length; l++) {
                without[l] = taken[l] - within.get(l).amount().applyAsDouble(now);
            }
            for (Choice choice : real.get(model)) {
                if (choice.latencySeconds() >= now.latencySeconds() && choice.compute() >= now.compute()) {
                    continue;
                }
                for (int l = 0; l < taken.length; l++) {
                    there[l] = without[l] + within.get(l).amount().applyAsDouble(choice);
                }
                double gain = excess - excess(there);
                if (gain > SMALLEST_GAIN) {
                    double rate = gain / Math.max(1e-9 * Math.max(1, now.cost()), choice.cost() - now.cost());
                    if ((best == null || rate > best.rate) && !refused.contains(choice)) {
                        best = new Upgrade(model, choice, rate, 0);
                    }
                }
            }
        }
        return best;
    }

    /** Takes back what costs and is not needed, most saving first; what latency costs is never more than it brings. */
    private void trim(Choice[] plan) {
        if (!measure.inCompute()) {
            return;
        }
        boolean better = true;
        while (better && !stop.now()) {
            better = false;
            for (int model = 0; model < plan.length; model++) {
                Choice now = plan[model];
                List<Choice> cheaper = real.get(model).stream()
                        .filter(choice -> choice.cost() < now.cost())
                        .sorted(Comparator.comparingDouble(Choice::cost))
                        .toList();
                for (Choice choice : cheaper) {
                    plan[model] = choice;
                    if (keepsLimits(plan) && placeable(plan)) {
                        better = true;
                        break;
                    }
                    plan[model] = now;
                }
            }
        }
    }

    /** At the prices of the bound; where no multiple of them will do, at others. */
    private Optional<Choice[]> firstPlan() {
        Optional<Choice[]> first = atLowestPrices(prices);
        return first.isPresent() ? first : atHighestPrices();
    }

    /** The answers to prices that outweigh all costs. */
    private Optional<Choice[]> atHighestPrices() {
        List<double[]> all = new ArrayList<>(List.of(prices));
        all.addAll(otherPrices());
        for (double[] scarce : all) {
            for (double scale : new double[] {1, 10, 1 / SMALLEST_SCALE}) {
                Optional<Choice[]> plan = placeableAt(scarce, Choice::cost, scale);
                if (plan.isPresent()) {
                    return plan;
                }
            }
        }
        return Optional.empty();
    }

    /** Those of compute, beside the bound's and alone, and of nodes: what is not scarce at the optimum may be so at the least. */
    private List<double[]> otherPrices() {
        double gpu = space.units().computePerGpu();
        double all = Math.max(1, space.compute() / gpu);
        double[] beside = prices.clone();
        double[] alone = prices.clone();
        for (SpaceShape shape : space.shapes()) {
            double compute = shape.replicaCompute() / gpu / all;
            beside[shape.index()] += compute * Math.max(1e-9, capacity < Double.POSITIVE_INFINITY ? capacity : 1);
            alone[shape.index()] = compute;
        }
        List<double[]> others = new ArrayList<>(List.of(beside, alone));
        others.addAll(onHosts(alone));
        return others;
    }

    /** Those of nodes' processors and memory, alone and beside those of compute; none where no limit of a node can bind. */
    private List<double[]> onHosts(double[] compute) {
        List<double[]> onHosts = new ArrayList<>();
        double[] beside = compute.clone();
        for (HostResource resource : HostResource.values()) {
            double all = space.shapes().stream()
                    .map(shape -> shape.shape().gpu())
                    .distinct()
                    .mapToDouble(gpu -> space.hostGiven(gpu, resource).orElse(0))
                    .sum();
            if (all > 0) {
                double[] alone = new double[compute.length];
                for (SpaceShape shape : space.shapes()) {
                    alone[shape.index()] = shape.host()[resource.ordinal()] / all;
                    beside[shape.index()] += alone[shape.index()];
                }
                onHosts.add(alone);
            }
        }
        if (!onHosts.isEmpty()) {
            onHosts.add(beside);
        }
        return onHosts;
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

    private Optional<Choice[]> atLowestPrices(double[] prices) {
        return atLowestPrices(prices, Choice::cost);
    }

    private Optional<Choice[]> atLowestPrices(double[] prices, ToDoubleFunction<Choice> cost) {
        double low = SMALLEST_SCALE;
        double high = 1 / SMALLEST_SCALE;
        Choice[] best = placeableAt(prices, cost, high).orElse(null);
        if (best == null) {
            best = leastNeeds();
            if (!placeable(best)) {
                return Optional.empty();
            }
        }
        for (int step = 0; step < SCALE_STEPS && high / low > 1.0005; step++) {
            double middle = Math.sqrt(low * high);
            Optional<Choice[]> answer = placeableAt(prices, cost, middle);
            if (answer.isPresent()) {
                best = answer.get();
                high = middle;
            } else {
                low = middle;
            }
        }
        return Optional.of(best);
    }

    private Optional<Choice[]> placeableAt(double[] prices, ToDoubleFunction<Choice> costs, double scale) {
        Choice[] answers = new Choice[real.size()];
        for (int model = 0; model < answers.length; model++) {
            double least = Double.POSITIVE_INFINITY;
            for (Choice choice : real.get(model)) {
                double cost = costs.applyAsDouble(choice)
                        + scale * choice.replicas() * prices[choice.shape().index()];
                if (cost < least) {
                    least = cost;
                    answers[model] = choice;
                }
            }
        }
        return placeable(answers) ? Optional.of(answers) : Optional.empty();
    }

    private Choice[] leastNeeds() {
        return real.stream().map(choices -> choices.get(0)).toArray(Choice[]::new);
    }

    /** Upgrades models, best saving per unit of compute first, as long as something fits. */
    private void spend(Choice[] plan) {
        boolean[] stuck = new boolean[plan.length];
        Upgrade[] next = new Upgrade[plan.length];
        for (int model = 0; model < plan.length; model++) {
            next[model] = upgrade(plan, model);
        }
        while (!stop.now()) {
            Upgrade best = null;
            for (int model = 0; model < plan.length; model++) {
                Upgrade upgrade = next[model];
                if (upgrade != null && !stuck[model] && (best == null || upgrade.rate > best.rate)) {
                    best = upgrade;
                }
            }
            if (best == null) {
                return;
            }
            Choice before = plan[best.model];
            plan[best.model] = best.choice;
            if (keepsLimits(plan) && placeable(plan)) {
                next[best.model] = upgrade(plan, best.model);
            } else {
                plan[best.model] = before;
                next[best.model] = smallerUpgrade(plan, best);
                stuck[best.model] = next[best.model] == null;
            }
        }
    }

    private record Upgrade(int model, Choice choice, double rate, int trials) {}

    private @Nullable Upgrade upgrade(Choice[] plan, int model) {
        return bestUpgrade(plan, model, Long.MAX_VALUE, 0);
    }

    private @Nullable Upgrade smallerUpgrade(Choice[] plan, Upgrade failed) {
        return failed.trials >= UPGRADE_TRIALS
                ? null
                : bestUpgrade(plan, failed.model, failed.choice.compute(), failed.trials + 1);
    }

    /** The choice that saves most for what it takes beyond the one there is, at prices, taking less than {@code below} units in all. */
    private @Nullable Upgrade bestUpgrade(Choice[] plan, int model, long below, int trials) {
        Choice now = plan[model];
        double taken = worth[now.shape().index()] * now.replicas();
        Upgrade best = null;
        for (Choice choice : real.get(model)) {
            if (choice.compute() >= below) {
                break;
            }
            double saving = now.cost() - choice.cost();
            if (saving > 0) {
                double rate = saving / Math.max(1e-12, worth[choice.shape().index()] * choice.replicas() - taken);
                if (best == null || rate > best.rate) {
                    best = new Upgrade(model, choice, rate, trials);
                }
            }
        }
        return best;
    }

    /** Changes up to three models at once as long as that makes the plan better. */
    private void move(Choice[] plan, int asked) {
        ExchangeMoves moves = new ExchangeMoves(real, this::priced, capacity);
        long last = checks + asked;
        while (checks < last
                && !stop.now()
                && moves.better(plan, trial -> keepsLimits(trial) && placeable(trial), (int) (last - checks))) {
            // every one makes room for the next
        }
    }

    private void exchange(Choice[] best) {
        double cost = cost(best);
        checksLeft = exchangeChecks;
        while (checksLeft > 0 && best.length > 1 && !stop.now()) {
            Choice[] trial = best.clone();
            checksLeft--;
            int kind = random.nextInt(3);
            boolean changed = kind == 0 ? swap(trial) : giveUp(trial);
            if (kind == 1) {
                changed |= giveUp(trial);
            }
            worth = random.nextBoolean() ? atPrices : perGpu;
            if (!changed || !(placeable(trial) || (giveUp(trial) && placeable(trial))) || !mend(trial)) {
                continue;
            }
            spend(trial);
            trim(trial);
            double trialCost = cost(trial);
            if (trialCost < cost) {
                System.arraycopy(trial, 0, best, 0, best.length);
                move(best, (int) Math.max(0, Math.min(checksLeft, MOVES_ASKED)));
                cost = cost(best);
            }
        }
    }

    /** One model takes less; near neighbours more often than far ones. */
    private boolean giveUp(Choice[] plan) {
        int giver = random.nextInt(plan.length);
        Choice now = plan[giver];
        return change(
                plan,
                giver,
                real.get(giver).stream()
                        .filter(choice -> choice.compute() < now.compute())
                        .sorted(Comparator.comparingLong(Choice::compute).reversed())
                        .toList());
    }

    /** One model takes something else that is hardly dearer at the prices. */
    private boolean swap(Choice[] plan) {
        int giver = random.nextInt(plan.length);
        Choice now = plan[giver];
        return change(
                plan,
                giver,
                real.get(giver).stream()
                        .filter(choice -> !choice.same(now))
                        .sorted(Comparator.comparingDouble(this::priced))
                        .toList());
    }

    private boolean change(Choice[] plan, int model, List<Choice> nearestFirst) {
        int at = (int) Math.floor(nearestFirst.size() * Math.pow(random.nextDouble(), 3));
        if (nearestFirst.isEmpty()) {
            return false;
        }
        plan[model] = nearestFirst.get(Math.min(at, nearestFirst.size() - 1));
        return true;
    }

    private double priced(Choice choice) {
        return choice.cost() + choice.replicas() * prices[choice.shape().index()] + limitsCharge.applyAsDouble(choice);
    }

    private static double cost(Choice[] plan) {
        return Arrays.stream(plan).mapToDouble(Choice::cost).sum();
    }

    private boolean placeable(Choice[] plan) {
        checks++;
        checksLeft--;
        int[] shapes = new int[plan.length];
        int[] replicas = new int[plan.length];
        for (int model = 0; model < plan.length; model++) {
            shapes[model] = plan[model].shape().index();
            replicas[model] = plan[model].replicas();
        }
        return placeability.check(shapes, replicas) == Verdict.PLACEABLE;
    }
}
