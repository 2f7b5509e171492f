package dev.scepsy.planner.linear;

import dev.scepsy.planner.linear.RevisedSimplex.Column;
import java.util.ArrayList;
import java.util.List;

/**
 * A linear programme whose columns join between solves (column generation).
 *
 * <pre>
 * minimise  Σ_j cost_j·x_j + Σ_i unmet_i·s_i     subject to  Σ_j a_ij·x_j + s_i = rightHandSide_i,   x, s ≥ 0
 * </pre>
 *
 * Every row has a variable s of its own, a slack (unmet cost 0) or what is missing (unmet cost high), so there is always a
 * basis to start from. The column that promises most enters ({@link RevisedSimplex}, Dantzig 1953); right-hand sides are
 * raised by up to 2e-7, each by another amount, so that degenerate programmes do not cycle. Rounding is not repaired: whoever
 * needs a bound computes it from the {@link #shadowPrices}, which is sound for any prices. Not thread-safe.
 */
public final class LinearProgramme {

    private static final double NUDGE = 1e-7;
    private static final double TOLERANCE = 1e-9;

    private final RevisedSimplex simplex;
    private final List<Column> columns = new ArrayList<>();

    /**
     * @param rightHandSide at least 0 each
     * @param unmetCost what a unit of each row's own variable costs, at least 0
     */
    public LinearProgramme(double[] rightHandSide, double[] unmetCost) {
        double[] right = new double[rightHandSide.length];
        Column[] own = new Column[right.length];
        for (int row = 0; row < right.length; row++) {
            // fractions of the golden ratio are spread evenly and never repeat
            right[row] = rightHandSide[row] + NUDGE * (1 + (row + 1) * 0.618033988749895 % 1);
            own[row] = new Column(unmetCost[row], new int[] {row}, new double[] {1}, row);
            columns.add(own[row]);
        }
        this.simplex = new RevisedSimplex(right, own);
    }

    /**
     * Lets a column join.
     *
     * @param at rows of its entries other than 0, each once
     * @param entries beside {@code at}
     */
    public void add(double cost, int[] at, double[] entries) {
        columns.add(new Column(cost, at.clone(), entries.clone(), columns.size()));
    }

    /**
     * Minimises over the columns there are, from where the last call ended.
     *
     * @return whether the minimum was reached; false when the pivots ended first or the columns have none
     */
    public boolean minimise(int mostPivots) {
        for (int pivot = 0; pivot < mostPivots; pivot++) {
            Column best = null;
            double least = -TOLERANCE;
            double[] duals = simplex.duals();
            for (Column column : columns) {
                double reduced = column.reducedCost(duals);
                if (reduced < least) {
                    least = reduced;
                    best = column;
                }
            }
            if (best == null) {
                return true;
            }
            if (!simplex.enter(best)) {
                return false;
            }
        }
        return false;
    }

    /** What one unit more on the right of each row adds to the minimum; as of the last call of {@link #minimise}. */
    public double[] shadowPrices() {
        return simplex.duals().clone();
    }

    /** Cost of the basis reached. */
    public double objective() {
        return simplex.objective();
    }
}
