package dev.scepsy.planner.search.price;

import dev.scepsy.planner.linear.LinearProgramme;
import dev.scepsy.planner.search.choice.Choice;
import dev.scepsy.planner.search.choice.ChoiceSpace;
import dev.scepsy.planner.search.choice.Limit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The linear programme over all patterns of GPUs and domains, by column generation (Gilmore and Gomory 1961; Dantzig and
 * Wolfe 1960):
 *
 * <pre>
 * minimise Σ_m Σ_c cost(c)·x_mc    Σ_c x_mc = 1    Σ_{c of shape s} r_c·x_mc ≤ Σ_p p_s·z_p    Σ_p z_p ≤ 1
 *                                                Σ_m Σ_c amount_l(c)/capacity_l·x_mc ≤ 1 for every limit l
 * </pre>
 *
 * where p holds the replicas of each shape that all domains together hold. Its shadow prices π of shapes and μ of limits
 * maximise the dual
 *
 * <pre>
 * D(π, μ) = Σ_m min over c of (cost(c) + r_c·π_{s(c)} + Σ_l μ_l·amount_l(c)/capacity_l)  −  V(π)  −  Σ_l μ_l,   π, μ ≥ 0
 * </pre>
 *
 * which {@link PricingProblem} evaluates at all prices met: the largest D is a bound, however far the programme got.
 */
final class RestrictedMaster {

    private final List<List<Choice>> choices;
    private final List<Limit> limits;
    private final PricingProblem patterns;
    private final int[] rowOf;
    private final int[] shapes;

    RestrictedMaster(ChoiceSpace space, List<List<Choice>> choices, List<Limit> limits) {
        this.choices = choices;
        // what may take nothing is for others to see to
        this.limits = limits.stream().filter(limit -> limit.mostAllowed() > 0).toList();
        boolean[] kept = new boolean[space.shapes().size()];
        choices.forEach(ofModel -> ofModel.forEach(choice -> kept[choice.shape().index()] = true));
        this.patterns = new PricingProblem(space, kept);
        this.rowOf = new int[kept.length];
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
        return supplyRow() + 1 + limits.size();
    }

    /**
     * Prices, and D there.
     *
     * @param prices of replicas and limits
     * @param bound no plan of the choices costs less
     */
    record Priced(Prices prices, double bound) {}

    private static double part(Limit limit, Choice choice) {
        return limit.amount().applyAsDouble(choice) / limit.mostAllowed();
    }

    /**
     * Climbs until the optimum, or D reaches {@code enough}.
     *
     * @param enough finite
     * @param supplies replicas of every shape that the domains can hold together, from earlier programmes of the same space;
     *     those found are added
     */
    Priced climb(double enough, List<double[]> supplies) {
        LinearProgramme programme = programme(enough);
        for (double[] supply : supplies) {
            add(programme, supply);
        }
        Priced best = at(new double[rows()], 0);
        for (int round = 0; round < PriceConstants.MASTER_ROUNDS; round++) {
            programme.minimise(PriceConstants.MASTER_PIVOTS);
            double[] shadow = programme.shadowPrices();
            double[] prices = pricesOfShapes(shadow);
            PricingProblem.Best supply = patterns.best(prices);
            Priced here = at(shadow, supply.value());
            best = here.bound > best.bound ? here : best;
            double objective = programme.objective();
            if (best.bound >= enough
                    || objective - best.bound <= PriceConstants.MASTER_NEAR * Math.max(0, enough - objective)
                    || objective - best.bound <= PriceConstants.MASTER_GAP * Math.abs(objective)) {
                break;
            }
            double worth = 0;
            for (int shape : shapes) {
                worth += prices[shape] * supply.replicas()[shape];
            }
            // what the dearest pattern is worth beyond what the programme pays for one
            if (worth + shadow[supplyRow()] <= PriceConstants.MASTER_GAIN * Math.max(1, worth)) {
                break;
            }
            add(programme, supply.replicas());
            if (supplies.size() == PriceConstants.MOST_SUPPLIES) {
                supplies.remove(0);
            }
            supplies.add(supply.replicas());
        }
        return best;
    }

    /** Rows: shapes, models, what there is, limits. */
    private LinearProgramme programme(double enough) {
        int models = choices.size();
        double[] right = new double[rows()];
        double[] missing = new double[right.length];
        Arrays.fill(right, shapes.length, right.length, 1);
        Arrays.fill(
                missing, shapes.length, shapes.length + models, PriceConstants.MISSING_COST * (1 + Math.abs(enough)));
        LinearProgramme programme = new LinearProgramme(right, missing);
        for (int model = 0; model < models; model++) {
            for (Choice choice : choices.get(model)) {
                int[] at = new int[2 + limits.size()];
                double[] entries = new double[at.length];
                at[0] = rowOf[choice.shape().index()];
                entries[0] = choice.replicas();
                at[1] = shapes.length + model;
                entries[1] = 1;
                for (int l = 0; l < limits.size(); l++) {
                    at[2 + l] = supplyRow() + 1 + l;
                    entries[2 + l] = part(limits.get(l), choice);
                }
                programme.add(choice.cost(), at, entries);
            }
        }
        return programme;
    }

    private int supplyRow() {
        return shapes.length + choices.size();
    }

    private double[] pricesOfShapes(double[] shadow) {
        double[] prices = new double[rowOf.length];
        for (int row = 0; row < shapes.length; row++) {
            prices[shapes[row]] = Math.max(0, -shadow[row]);
        }
        return prices;
    }

    private Priced at(double[] shadow, double supplyValue) {
        double[] ofLimits = new double[limits.size()];
        double bound = -supplyValue;
        for (int l = 0; l < ofLimits.length; l++) {
            double ofAll = Math.max(0, -shadow[supplyRow() + 1 + l]);
            ofLimits[l] = ofAll / limits.get(l).mostAllowed();
            bound -= ofAll;
        }
        Prices prices = new Prices(pricesOfShapes(shadow), limits, ofLimits);
        double terms = -bound;
        for (List<Choice> ofModel : choices) {
            double least = prices.least(ofModel);
            bound += least;
            terms += least;
        }
        // large terms that nearly cancel leave their rounding behind
        return new Priced(prices, bound - PriceConstants.DUAL_ROUNDING * terms);
    }

    private void add(LinearProgramme programme, double[] supply) {
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
        rows[at.size()] = supplyRow();
        entries[at.size()] = 1;
        programme.add(0, rows, entries);
    }
}
