package dev.scepsy.planner.search;

import dev.scepsy.planner.linear.LinearProgramme;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The linear programme over all patterns of GPUs and domains, by column generation (Gilmore and Gomory 1961; Dantzig and
 * Wolfe 1960):
 *
 * <pre>
 * minimise Σ_m Σ_c cost(c)·x_mc    Σ_c x_mc = 1    Σ_{c of shape s} r_c·x_mc ≤ Σ_p p_s·z_p    Σ_p z_p ≤ 1
 * </pre>
 *
 * where p holds the replicas of each shape that all domains together hold. Its shadow prices π of shapes maximise the dual
 *
 * <pre>
 * D(π) = Σ_m min over c of (cost(c) + r_c·π_{s(c)})  −  V(π),   π ≥ 0
 * </pre>
 *
 * which {@link PatternPrices} evaluates at every π met: the largest D is a bound, however far the programme got.
 */
final class PatternMaster {

    private static final int MOST_ROUNDS = 400;
    private static final int MOST_PIVOTS = 4_000;
    private static final int MOST_SUPPLIES = 120;
    private static final double MISSING_COST = 20;
    private static final double NEAR = 0.02;

    private final List<List<Choice>> choices;
    private final PatternPrices patterns;
    private final int[] rowOf;
    private final int[] shapes;
    private double[] best;
    private double bestValue = Double.NEGATIVE_INFINITY;

    PatternMaster(ChoiceSpace space, List<List<Choice>> choices) {
        this.choices = choices;
        boolean[] kept = new boolean[space.shapes().size()];
        choices.forEach(ofModel -> ofModel.forEach(choice -> kept[choice.shape().index()] = true));
        this.patterns = new PatternPrices(space, kept);
        this.rowOf = new int[kept.length];
        this.best = new double[kept.length];
        int[] all = new int[kept.length];
        int rows = 0;
        for (int shape = 0; shape < kept.length; shape++) {
            rowOf[shape] = kept[shape] ? rows : -1;
            if (kept[shape]) {
                all[rows++] = shape;
            }
        }
        this.shapes = Arrays.copyOf(all, rows);
    }

    /** Rows of the programme. */
    int rows() {
        return shapes.length + choices.size() + 1;
    }

    /** Prices per replica of every shape, and D there: no plan of the choices costs less. */
    record Priced(double[] prices, double bound) {}

    /**
     * Climbs until the optimum, or D reaches {@code enough}.
     *
     * @param enough finite
     * @param supplies replicas of every shape that the domains can hold together, from earlier programmes of the same space;
     *     those found are added
     */
    Priced climb(double enough, List<double[]> supplies) {
        int models = choices.size();
        double[] right = new double[rows()];
        double[] missing = new double[right.length];
        for (int model = 0; model < models; model++) {
            right[shapes.length + model] = 1;
            missing[shapes.length + model] = MISSING_COST * (1 + Math.abs(enough));
        }
        int supplyRow = right.length - 1;
        right[supplyRow] = 1;
        LinearProgramme programme = new LinearProgramme(right, missing);
        for (int model = 0; model < models; model++) {
            for (Choice choice : choices.get(model)) {
                programme.add(
                        choice.cost(),
                        new int[] {rowOf[choice.shape().index()], shapes.length + model},
                        new double[] {choice.replicas(), 1});
            }
        }
        for (double[] supply : supplies) {
            add(programme, supply, supplyRow);
        }
        for (int round = 0; round < MOST_ROUNDS; round++) {
            programme.minimise(MOST_PIVOTS);
            double[] shadow = programme.shadowPrices();
            double[] prices = new double[rowOf.length];
            for (int row = 0; row < shapes.length; row++) {
                prices[shapes[row]] = Math.max(0, -shadow[row]);
            }
            PatternPrices.Best supply = patterns.best(prices);
            double value = demand(prices) - supply.value();
            if (value > bestValue) {
                bestValue = value;
                best = prices;
            }
            double objective = programme.objective();
            if (bestValue >= enough
                    || objective - bestValue <= NEAR * Math.max(0, enough - objective)
                    || objective - bestValue <= 1e-7 * Math.abs(objective)) {
                break;
            }
            double worth = 0;
            for (int shape : shapes) {
                worth += prices[shape] * supply.replicas()[shape];
            }
            // what the dearest pattern is worth beyond what the programme pays for one
            if (worth + shadow[supplyRow] <= 1e-9 * Math.max(1, worth)) {
                break;
            }
            add(programme, supply.replicas(), supplyRow);
            if (supplies.size() == MOST_SUPPLIES) {
                supplies.remove(0);
            }
            supplies.add(supply.replicas());
        }
        return new Priced(best, bestValue);
    }

    private void add(LinearProgramme programme, double[] supply, int supplyRow) {
        List<Integer> at = new ArrayList<>();
        for (int row = 0; row < shapes.length; row++) {
            if (supply[shapes[row]] > 0) {
                at.add(row);
            }
        }
        int[] rows = new int[at.size() + 1];
        double[] entries = new double[rows.length];
        for (int i = 0; i < at.size(); i++) {
            rows[i] = at.get(i);
            entries[i] = -supply[shapes[at.get(i)]];
        }
        rows[at.size()] = supplyRow;
        entries[at.size()] = 1;
        programme.add(0, rows, entries);
    }

    private double demand(double[] prices) {
        double sum = 0;
        for (List<Choice> ofModel : choices) {
            double least = Double.POSITIVE_INFINITY;
            for (Choice choice : ofModel) {
                least = Math.min(
                        least,
                        choice.cost()
                                + choice.replicas() * prices[choice.shape().index()]);
            }
            sum += least;
        }
        return sum;
    }
}
