package dev.scepsy.planner.linear;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A linear programme whose columns join between solves (column generation).
 *
 * <pre>
 * minimise  Σ_j cost_j·x_j + Σ_i unmet_i·s_i     subject to  Σ_j a_ij·x_j + s_i = rightHandSide_i,   x, s ≥ 0
 * </pre>
 *
 * Every row has a variable s of its own, a slack (unmet cost 0) or what is missing (unmet cost high), so there is always a
 * basis to start from. Revised primal simplex (Dantzig 1953) with the inverse of the basis kept, the column that promises
 * most entering; right-hand sides are raised by up to 2e-7, each by another amount, so that degenerate programmes do not
 * cycle. Rounding is not repaired: whoever needs a bound computes it from the {@link #shadowPrices}, which is sound for any
 * prices. Not thread-safe.
 */
public final class LinearProgramme {

    private static final double NUDGE = 1e-7;
    private static final double TOLERANCE = 1e-9;
    private static final double SMALLEST_PIVOT = 1e-8;

    private record Column(double cost, int[] rows, double[] entries) {}

    private final int rows;
    private final double[] unmetCost;
    private final List<Column> columns = new ArrayList<>();
    private final double[][] inverse;
    private final double[] basic;
    private final double[] basicCost;
    private final double[] prices;

    /**
     * @param rightHandSide at least 0 each
     * @param unmetCost what a unit of each row's own variable costs, at least 0
     */
    public LinearProgramme(double[] rightHandSide, double[] unmetCost) {
        this.rows = rightHandSide.length;
        this.unmetCost = unmetCost.clone();
        this.inverse = new double[rows][rows];
        this.basic = new double[rows];
        this.basicCost = unmetCost.clone();
        this.prices = new double[rows];
        for (int row = 0; row < rows; row++) {
            inverse[row][row] = 1;
            // fractions of the golden ratio are spread evenly and never repeat
            basic[row] = rightHandSide[row] + NUDGE * (1 + (row + 1) * 0.618033988749895 % 1);
        }
    }

    /**
     * Lets a column join.
     *
     * @param at rows of its entries other than 0, each once
     * @param entries beside {@code at}
     */
    public void add(double cost, int[] at, double[] entries) {
        columns.add(new Column(cost, at.clone(), entries.clone()));
    }

    /**
     * Minimises over the columns there are, from where the last call ended.
     *
     * @return whether the minimum was reached; false when the pivots ended first or the columns have none
     */
    public boolean minimise(int mostPivots) {
        double[] entering = new double[rows];
        for (int pivot = 0; pivot < mostPivots; pivot++) {
            price();
            int best = -1;
            double most = TOLERANCE;
            for (int j = 0; j < columns.size(); j++) {
                double gain = -reducedCost(columns.get(j));
                if (gain > most) {
                    most = gain;
                    best = j;
                }
            }
            int own = -1;
            for (int row = 0; row < rows; row++) {
                double gain = prices[row] - unmetCost[row];
                if (gain > most) {
                    most = gain;
                    own = row;
                }
            }
            if (best < 0 && own < 0) {
                return true;
            }
            if (own >= 0) {
                for (int row = 0; row < rows; row++) {
                    entering[row] = inverse[row][own];
                }
            } else {
                transform(columns.get(best), entering);
            }
            if (!pivot(entering, own >= 0 ? unmetCost[own] : columns.get(best).cost())) {
                return false;
            }
        }
        price();
        return false;
    }

    /** What one unit more on the right of each row adds to the minimum; as of the last call of {@link #minimise}. */
    public double[] shadowPrices() {
        return prices.clone();
    }

    /** Cost of the basis reached. */
    public double objective() {
        double sum = 0;
        for (int row = 0; row < rows; row++) {
            sum += basicCost[row] * basic[row];
        }
        return sum;
    }

    private double reducedCost(Column column) {
        double sum = column.cost();
        for (int k = 0; k < column.rows().length; k++) {
            sum -= prices[column.rows()[k]] * column.entries()[k];
        }
        return sum;
    }

    private void price() {
        Arrays.fill(prices, 0);
        for (int row = 0; row < rows; row++) {
            double cost = basicCost[row];
            if (cost != 0) {
                double[] of = inverse[row];
                for (int i = 0; i < rows; i++) {
                    prices[i] += cost * of[i];
                }
            }
        }
    }

    private void transform(Column column, double[] into) {
        for (int row = 0; row < rows; row++) {
            double[] of = inverse[row];
            double sum = 0;
            for (int k = 0; k < column.rows().length; k++) {
                sum += of[column.rows()[k]] * column.entries()[k];
            }
            into[row] = sum;
        }
    }

    private boolean pivot(double[] entering, double cost) {
        int leaving = -1;
        double step = Double.POSITIVE_INFINITY;
        for (int row = 0; row < rows; row++) {
            if (entering[row] > SMALLEST_PIVOT) {
                double ratio = basic[row] / entering[row];
                if (ratio < step || (ratio == step && entering[row] > entering[leaving])) {
                    step = ratio;
                    leaving = row;
                }
            }
        }
        if (leaving < 0) {
            return false;
        }
        double[] pivotRow = inverse[leaving];
        double by = entering[leaving];
        for (int i = 0; i < rows; i++) {
            pivotRow[i] /= by;
        }
        for (int row = 0; row < rows; row++) {
            double factor = entering[row];
            if (row != leaving && factor != 0) {
                double[] of = inverse[row];
                for (int i = 0; i < rows; i++) {
                    of[i] -= factor * pivotRow[i];
                }
                basic[row] = Math.max(0, basic[row] - factor * step);
            }
        }
        basic[leaving] = step;
        basicCost[leaving] = cost;
        return true;
    }
}
