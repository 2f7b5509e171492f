package dev.scepsy.planner.search.price;

import dev.scepsy.planner.linear.RevisedSimplex;
import dev.scepsy.planner.linear.RevisedSimplex.Column;
import dev.scepsy.planner.search.choice.Choice;
import dev.scepsy.planner.search.choice.ChoiceConstants;
import dev.scepsy.planner.search.choice.ChoiceSpace;
import dev.scepsy.planner.search.choice.Limit;
import dev.scepsy.planner.search.choice.LimitTable;
import dev.scepsy.planner.search.choice.SpaceShape;
import dev.scepsy.planner.topology.Kinds;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The linear programme over patterns of domains, solved by generating columns:
 *
 * <pre>
 * minimise Σ cost(c)·x_c    Σ_{c of m} x_c = 1                                for every model m
 *                           Σ r_c·x_c ≤ Σ_p replicas(p, k)·y_p               for every kind k of replica
 *                           Σ y_p ≤ domains(d)                               for every kind d of domain
 *                           Σ amount_l(c)·x_c ≤ capacity_l                   for every limit l
 * </pre>
 *
 * Replicas that placement cannot tell apart are one kind whosesoever they are: a few dozen rows where there are a thousand
 * shapes. Its duals are prices for replicas and limits. They bound the optimum whether or not the work sufficed,
 * but it is for {@link LagrangianDual} to say how well: nothing rests on the arithmetic here.
 */
public final class AggregatedMaster {

    private record Kind(String gpu, int tensorParallel, long compute, long memory, BitSet hosts) {}

    private final ChoiceSpace space;
    private final List<List<Choice>> choices;
    private final List<Limit> limits;
    private final Kinds<Kind> kinds;
    private final List<SpaceShape> examples = new ArrayList<>();
    private final PricingProblem patterns;
    private final double gpus;
    private final double costUnit;
    private final double[][][] amounts;
    private final List<Column> pool = new ArrayList<>();
    private int nextModel;
    private boolean converged;
    private boolean exceeds;
    private Prices prices;

    /** @param limits what the choices together must keep */
    public AggregatedMaster(ChoiceSpace space, List<List<Choice>> choices, List<Limit> limits) {
        this.space = space;
        this.choices = choices;
        this.limits = limits.stream().filter(limit -> limit.mostAllowed() > 0).toList();
        this.prices = new Prices(new double[space.shapes().size()]);
        this.kinds = Kinds.of(space.shapes().stream()
                .map(shape -> new Kind(
                        shape.shape().gpu(), shape.tensorParallel(), shape.compute(), shape.memory(), shape.hosts()))
                .toList());
        for (int kind = 0; kind < kinds.size(); kind++) {
            examples.add(space.shapes().get(kinds.first(kind)));
        }
        this.patterns = PricingProblem.ofAny(space, examples);
        this.gpus = Math.max(
                1,
                space.kinds().stream()
                        .mapToDouble(kind -> (double) kind.count() * kind.gpus())
                        .sum());
        this.costUnit = Math.max(
                ChoiceConstants.SMALLEST_COST,
                choices.stream()
                        .mapToDouble(ofModel ->
                                ofModel.stream().mapToDouble(Choice::cost).min().orElse(0))
                        .sum());
        this.amounts = new double[this.limits.size()][][];
        for (int l = 0; l < amounts.length; l++) {
            amounts[l] = LimitTable.of(choices, this.limits.get(l)).amounts();
        }
    }

    /** Prices of replicas and limits; after {@link #solve}. */
    public Prices prices() {
        return prices;
    }

    /** Whether the work sufficed. */
    public boolean converged() {
        return converged;
    }

    /** Whether more is taken than there is even so: patterns and limits leave room for no plan. */
    public boolean exceeds() {
        return exceeds;
    }

    /** What the limits' prices are worth in all. */
    public double limitsWorth() {
        double worth = 0;
        for (int l = 0; l < prices.ofLimits().length; l++) {
            worth += prices.ofLimits()[l] * limits.get(l).mostAllowed();
        }
        return worth;
    }

    /** False where there are too many rows to try. */
    public boolean solve() {
        int models = choices.size();
        int rows = models + examples.size() + space.kinds().size() + limits.size();
        if (rows > PriceConstants.MOST_ROWS) {
            return false;
        }
        RevisedSimplex simplex = start(rows);
        double work = PriceConstants.MOST_WORK;
        boolean improving = true;
        while (improving && work > 0) {
            Column best = bestChoice(simplex.duals());
            best = better(best, bestOfPool(simplex.duals()), simplex.duals());
            if (best == null) {
                best = newPatterns(simplex.duals());
                work -= PriceConstants.PATTERN_WORK;
            }
            improving = best != null && simplex.enter(best);
            work -= (double) rows * rows;
        }
        converged = !improving;
        read(simplex);
        return true;
    }

    private static @Nullable Column better(@Nullable Column a, @Nullable Column b, double[] duals) {
        if (a == null || b == null) {
            return a == null ? b : a;
        }
        return a.reducedCost(duals) <= b.reducedCost(duals) ? a : b;
    }

    private int kindRow(int shape) {
        return choices.size() + kinds.kindOf(shape);
    }

    private int domainRow(int kind) {
        return choices.size() + examples.size() + kind;
    }

    private int limitRow(int limit) {
        return choices.size() + examples.size() + space.kinds().size() + limit;
    }

    /** Share of the cluster's GPUs one replica of this kind takes: what its row counts. */
    private double share(int kind) {
        return examples.get(kind).replicaCompute() / (gpus * space.units().computePerGpu());
    }

    private RevisedSimplex start(int rows) {
        double[] right = new double[rows];
        Column[] basis = new Column[rows];
        double[] taken = new double[rows];
        for (int model = 0; model < choices.size(); model++) {
            right[model] = 1;
            int least = 0;
            for (int i = 1; i < choices.get(model).size(); i++) {
                least = choices.get(model).get(i).compute()
                                < choices.get(model).get(least).compute()
                        ? i
                        : least;
            }
            basis[model] = column(model, least);
            for (int i = 1; i < basis[model].rows().length; i++) {
                taken[basis[model].rows()[i]] += basis[model].values()[i];
            }
        }
        for (int row = choices.size(); row < rows; row++) {
            boolean ofDomain =
                    row >= domainRow(0) && row < domainRow(0) + space.kinds().size();
            // equal right sides make steps of no length; a little difference between them does not
            right[row] =
                    ofDomain || row >= limitRow(0) ? 1 : PriceConstants.PERTURBATION * (1 + (row * 7919 % 101) / 101.0);
            Column excess = new Column(PriceConstants.DEAREST, new int[] {row}, new double[] {-1}, -1);
            Column slack = new Column(0, new int[] {row}, new double[] {1}, -1);
            basis[row] = taken[row] > right[row] ? excess : slack;
            pool.add(slack);
            if (!ofDomain) {
                pool.add(excess);
            }
        }
        return new RevisedSimplex(right, basis);
    }

    private Column column(int model, int index) {
        Choice choice = choices.get(model).get(index);
        int[] rows = new int[2 + limits.size()];
        double[] values = new double[rows.length];
        rows[0] = model;
        values[0] = 1;
        int shape = choice.shape().index();
        rows[1] = kindRow(shape);
        values[1] = choice.replicas() * share(kinds.kindOf(shape));
        for (int l = 0; l < limits.size(); l++) {
            rows[2 + l] = limitRow(l);
            values[2 + l] = amounts[l][model][index] / limits.get(l).mostAllowed();
        }
        return new Column(choice.cost() / costUnit, rows, values, index);
    }

    private @Nullable Column bestChoice(double[] duals) {
        int bestModel = -1;
        int bestIndex = -1;
        double best = -PriceConstants.SIMPLEX_TOLERANCE;
        double[] perReplica = new double[space.shapes().size()];
        for (int shape = 0; shape < perReplica.length; shape++) {
            perReplica[shape] = duals[kindRow(shape)] * share(kinds.kindOf(shape));
        }
        int models = choices.size();
        int enough = Math.max(1, models / PriceConstants.MODEL_PARTS);
        for (int looked = 0; looked < models && (looked < enough || bestModel < 0); looked++) {
            int model = nextModel;
            nextModel = (nextModel + 1) % models;
            List<Choice> ofModel = choices.get(model);
            for (int i = 0; i < ofModel.size(); i++) {
                Choice choice = ofModel.get(i);
                double reduced = choice.cost() / costUnit
                        - duals[model]
                        - choice.replicas() * perReplica[choice.shape().index()];
                for (int l = 0; l < limits.size(); l++) {
                    reduced -= duals[limitRow(l)]
                            * amounts[l][model][i]
                            / limits.get(l).mostAllowed();
                }
                if (reduced < best) {
                    best = reduced;
                    bestModel = model;
                    bestIndex = i;
                }
            }
        }
        return bestModel < 0 ? null : column(bestModel, bestIndex);
    }

    private @Nullable Column bestOfPool(double[] duals) {
        Column best = null;
        double least = -PriceConstants.SIMPLEX_TOLERANCE;
        for (Column column : pool) {
            double reduced = column.reducedCost(duals);
            if (reduced < least) {
                least = reduced;
                best = column;
            }
        }
        return best;
    }

    /** The best patterns at these prices, put into the pool; the one that helps most, null when none does. */
    private @Nullable Column newPatterns(double[] duals) {
        double[] worth = new double[space.shapes().size()];
        for (SpaceShape example : examples) {
            worth[example.index()] =
                    Math.max(0, -duals[kindRow(example.index())]) * share(kinds.kindOf(example.index()));
        }
        Column best = null;
        for (int kind = 0; kind < space.kinds().size(); kind++) {
            double[] replicas = patterns.best(kind, worth).replicas();
            int[] rows = new int[examples.size() + 1];
            double[] values = new double[rows.length];
            int count = 1;
            rows[0] = domainRow(kind);
            values[0] = 1;
            for (SpaceShape example : examples) {
                if (replicas[example.index()] > 0) {
                    rows[count] = kindRow(example.index());
                    values[count++] = -replicas[example.index()] * share(kinds.kindOf(example.index()));
                }
            }
            Column column = new Column(0, Arrays.copyOf(rows, count), Arrays.copyOf(values, count), -1);
            if (column.reducedCost(duals) < -PriceConstants.SIMPLEX_TOLERANCE) {
                pool.add(column);
                best = better(best, column, duals);
            }
        }
        return best;
    }

    private void read(RevisedSimplex simplex) {
        double[] duals = simplex.duals();
        double[] ofReplicas = new double[space.shapes().size()];
        for (int shape = 0; shape < ofReplicas.length; shape++) {
            ofReplicas[shape] = Math.max(0, -duals[kindRow(shape)]) * share(kinds.kindOf(shape)) * costUnit;
        }
        double[] ofLimits = new double[limits.size()];
        for (int l = 0; l < ofLimits.length; l++) {
            ofLimits[l] = Math.max(0, -duals[limitRow(l)]) / limits.get(l).mostAllowed() * costUnit;
        }
        prices = new Prices(ofReplicas, limits, ofLimits);
        Column[] basis = simplex.basis();
        for (int row = 0; row < basis.length; row++) {
            exceeds |= basis[row].cost() == PriceConstants.DEAREST
                    && basis[row].label() < 0
                    && simplex.values()[row] > PriceConstants.EXCESS;
        }
    }
}
