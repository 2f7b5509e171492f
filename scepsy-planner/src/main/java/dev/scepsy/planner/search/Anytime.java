package dev.scepsy.planner.search;

import dev.scepsy.planner.search.Placeability.Verdict;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Search for problems beyond the exact one's reach: hundreds of models, thousands of GPUs.
 *
 * <p>Prices for replicas come from the Lagrangian dual ({@link PriceAscent}), whose value is the lower bound: it counts
 * patterns of GPUs and domains, not arrangements of whole clusters. At prices every model chooses for itself; the lowest
 * multiple of the prices at which the choices can be placed gives the first plan. Then what is left is spent: always on
 * the upgrade that saves most per unit of compute and can be placed. Last, within the work budget, two models at a time:
 * one gives something up, what that frees is spent again, and the exchange stays if the whole got better. The best plan
 * is only ever replaced by a better one, and the draws do not depend on the budget, so more work is never worse.
 */
final class Anytime {

    private static final int PRICE_STEPS = 60;
    private static final int SCALE_STEPS = 40;
    private static final double SMALLEST_SCALE = 1e-6;
    private static final int UPGRADE_TRIALS = 24;

    private final ChoiceSpace space;
    private final Placeability placeability;
    private final List<List<Choice>> real = new ArrayList<>();
    private final List<List<Choice>> optimistic = new ArrayList<>();
    private final Random random;
    private long checksLeft;
    private long checks;
    private double lowerBound;

    Anytime(ChoiceSpace space, Placeability placeability, SearchLimits limits) {
        this.space = space;
        this.placeability = placeability;
        this.random = new Random(limits.seed());
        this.checksLeft = Math.max(200, limits.nodes() / 1_000);
        for (int model = 0; model < space.models(); model++) {
            List<Choice> choices = new ArrayList<>();
            List<Choice> bounds = new ArrayList<>();
            for (SpaceShape shape : space.shapes(model)) {
                if (shape.feasible()) {
                    choices.addAll(ReplicaGrid.real(space, shape));
                    bounds.addAll(ReplicaGrid.optimistic(space, shape));
                }
            }
            choices.sort(Comparator.comparingLong(Choice::compute)
                    .thenComparingDouble(Choice::cost)
                    .thenComparingInt(choice -> choice.shape().index()));
            real.add(choices);
            optimistic.add(bounds);
        }
    }

    /** The best plan found; empty when not even the least needs could be placed. */
    Optional<List<Choice>> solve() {
        double[] prices = prices();
        Optional<Choice[]> first = atLowestPrices(prices);
        if (first.isEmpty()) {
            return Optional.empty();
        }
        Choice[] best = first.get();
        spend(best);
        exchange(best);
        return Optional.of(List.of(best));
    }

    /** No plan is better than this, seconds; after {@link #solve}. */
    double lowerBound() {
        return lowerBound;
    }

    SearchEffort effort() {
        return new SearchEffort(
                space.shapes().stream()
                        .mapToLong(shape -> Math.max(0, shape.most() - shape.fewest() + 1))
                        .sum(),
                real.stream().mapToLong(List::size).sum(),
                0,
                checks,
                false);
    }

    private double[] prices() {
        boolean[] kept = new boolean[space.shapes().size()];
        Arrays.fill(kept, true);
        PriceAscent ascent = new PriceAscent(space, optimistic, new PatternPrices(space, kept));
        double gpu = space.units().computePerGpu();
        double[] compute = space.shapes().stream()
                .mapToDouble(shape -> shape.replicaCompute() / gpu)
                .toArray();
        double[] prices = ascent.from(Inequalities.starts(space, optimistic), PRICE_STEPS);
        lowerBound = space.fixedSeconds() + Math.max(0, ascent.bestValue());
        // where nothing is scarce prices are 0, and compute must still weigh against itself
        boolean free = Arrays.stream(prices).allMatch(price -> price == 0);
        return free ? compute : prices;
    }

    private Optional<Choice[]> atLowestPrices(double[] prices) {
        double low = SMALLEST_SCALE;
        double high = 1 / SMALLEST_SCALE;
        Choice[] best = placeableAt(prices, high).orElse(null);
        if (best == null) {
            best = leastNeeds();
            if (!placeable(best)) {
                return Optional.empty();
            }
        }
        for (int step = 0; step < SCALE_STEPS && high / low > 1.0005; step++) {
            double middle = Math.sqrt(low * high);
            Optional<Choice[]> answer = placeableAt(prices, middle);
            if (answer.isPresent()) {
                best = answer.get();
                high = middle;
            } else {
                low = middle;
            }
        }
        return Optional.of(best);
    }

    private Optional<Choice[]> placeableAt(double[] prices, double scale) {
        Choice[] answers = new Choice[real.size()];
        for (int model = 0; model < answers.length; model++) {
            double least = Double.POSITIVE_INFINITY;
            for (Choice choice : real.get(model)) {
                double cost = choice.cost()
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
        while (true) {
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
            if (placeable(plan)) {
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

    /** The choice that saves most per further unit of compute, taking less than {@code below} units in all. */
    private @Nullable Upgrade bestUpgrade(Choice[] plan, int model, long below, int trials) {
        Choice now = plan[model];
        Upgrade best = null;
        for (Choice choice : real.get(model)) {
            if (choice.compute() >= below) {
                break;
            }
            double saving = now.cost() - choice.cost();
            if (saving > 0) {
                double rate = saving / Math.max(1e-9, choice.compute() - now.compute());
                if (best == null || rate > best.rate) {
                    best = new Upgrade(model, choice, rate, trials);
                }
            }
        }
        return best;
    }

    private void exchange(Choice[] best) {
        double cost = cost(best);
        while (checksLeft > 0 && best.length > 1) {
            Choice[] trial = best.clone();
            int giver = random.nextInt(trial.length);
            List<Choice> choices = real.get(giver);
            Choice now = trial[giver];
            List<Choice> smaller = choices.stream()
                    .filter(choice -> choice.compute() < now.compute())
                    .toList();
            checksLeft--;
            if (smaller.isEmpty()) {
                continue;
            }
            // near neighbours more often than far ones
            int back = (int) Math.floor(smaller.size() * Math.pow(random.nextDouble(), 3));
            trial[giver] = smaller.get(smaller.size() - 1 - Math.min(back, smaller.size() - 1));
            if (!placeable(trial)) {
                continue;
            }
            spend(trial);
            double trialCost = cost(trial);
            if (trialCost < cost) {
                cost = trialCost;
                System.arraycopy(trial, 0, best, 0, best.length);
            }
        }
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
