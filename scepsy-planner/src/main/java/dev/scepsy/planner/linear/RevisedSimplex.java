package dev.scepsy.planner.linear;

import java.util.Arrays;

/**
 * Minimises c·x over A·x = b, x ≥ 0, column by column: whoever owns the columns looks at the {@link #duals}, and lets one
 * of negative reduced cost {@link #enter}. The inverse of the basis is kept densely, which suits a few hundred rows.
 *
 * <p>Rounding may make its answer a little wrong; whoever uses the duals checks them by what they promise.
 */
public final class RevisedSimplex {

    private static final double SMALLEST_PIVOT = 1e-9;
    private static final double ZERO = 1e-12;
    private static final int PIVOTS_BETWEEN_INVERSIONS = 200;

    /** One variable: entries {@code values[i]} in rows {@code rows[i]}; {@code label} is its owner's. */
    public record Column(double cost, int[] rows, double[] values, int label) {

        /** What a unit of it saves, below 0, or costs. */
        public double reducedCost(double[] duals) {
            double reduced = cost;
            for (int i = 0; i < rows.length; i++) {
                reduced -= duals[rows[i]] * values[i];
            }
            return reduced;
        }
    }

    private final double[] right;
    private final Column[] basis;
    private final double[] values;
    private final double[] duals;
    private double[][] inverse;
    private int sinceInversion;

    /**
     * @param right right-hand sides
     * @param basis one column per row; together they must be a basis with no negative value. Columns of a single 1 stand
     *     in the row of that 1
     */
    public RevisedSimplex(double[] right, Column[] basis) {
        this.right = right;
        this.basis = basis;
        this.values = new double[right.length];
        this.duals = new double[right.length];
        this.inverse = new double[right.length][right.length];
        if (Arrays.stream(basis).allMatch(column -> column.rows.length == 1 && column.values[0] == 1)) {
            startAtUnits();
        } else {
            invert();
        }
    }

    private void startAtUnits() {
        for (Column column : basis) {
            inverse[column.rows[0]][column.rows[0]] = 1;
        }
        for (int row = 0; row < basis.length; row++) {
            values[row] = right[row];
            duals[row] = basis[row].cost;
        }
    }

    /** What one more unit on each right side would cost. */
    public double[] duals() {
        return duals;
    }

    /** The columns that may be above 0. */
    public Column[] basis() {
        return basis;
    }

    /** The basic columns' values. */
    public double[] values() {
        return values;
    }

    public double objective() {
        double sum = 0;
        for (int row = 0; row < basis.length; row++) {
            sum += basis[row].cost * values[row];
        }
        return sum;
    }

    /** Lets a column into the basis; false when nothing could make way for it. */
    public boolean enter(Column column) {
        int rows = basis.length;
        double[] direction = new double[rows];
        for (int row = 0; row < rows; row++) {
            double sum = 0;
            for (int i = 0; i < column.rows.length; i++) {
                sum += inverse[row][column.rows[i]] * column.values[i];
            }
            direction[row] = sum;
        }
        int leaving = leaving(direction);
        if (leaving < 0) {
            return false;
        }
        double reduced = column.reducedCost(duals);
        double step = Math.max(0, values[leaving] / direction[leaving]);
        for (int row = 0; row < rows; row++) {
            values[row] = row == leaving ? step : Math.max(0, values[row] - step * direction[row]);
        }
        double[] pivotRow = inverse[leaving];
        for (int i = 0; i < rows; i++) {
            pivotRow[i] /= direction[leaving];
        }
        for (int row = 0; row < rows; row++) {
            if (row != leaving && Math.abs(direction[row]) > ZERO) {
                double[] other = inverse[row];
                double factor = direction[row];
                for (int i = 0; i < rows; i++) {
                    other[i] -= factor * pivotRow[i];
                }
            }
        }
        for (int i = 0; i < rows; i++) {
            duals[i] += reduced * pivotRow[i];
        }
        basis[leaving] = column;
        if (++sinceInversion >= PIVOTS_BETWEEN_INVERSIONS) {
            invert();
        }
        return true;
    }

    /** Where the ratio is least; among nearly equal ones the largest pivot. */
    private int leaving(double[] direction) {
        double least = Double.POSITIVE_INFINITY;
        for (int row = 0; row < direction.length; row++) {
            if (direction[row] > SMALLEST_PIVOT) {
                least = Math.min(least, (values[row] + ZERO) / direction[row]);
            }
        }
        int leaving = -1;
        for (int row = 0; row < direction.length; row++) {
            if (direction[row] > SMALLEST_PIVOT
                    && values[row] / direction[row] <= least
                    && (leaving < 0 || direction[row] > direction[leaving])) {
                leaving = row;
            }
        }
        return leaving;
    }

    /** Gauss and Jordan with row exchanges, then values and duals anew. */
    private void invert() {
        int rows = basis.length;
        double[][] work = new double[rows][rows];
        double[][] result = new double[rows][rows];
        for (int row = 0; row < rows; row++) {
            result[row][row] = 1;
            for (int i = 0; i < basis[row].rows.length; i++) {
                work[basis[row].rows[i]][row] = basis[row].values[i];
            }
        }
        for (int at = 0; at < rows; at++) {
            int pivot = at;
            for (int row = at + 1; row < rows; row++) {
                pivot = Math.abs(work[row][at]) > Math.abs(work[pivot][at]) ? row : pivot;
            }
            if (Math.abs(work[pivot][at]) < ZERO) {
                // numerically singular: what product form gave is the best there is
                sinceInversion = 0;
                return;
            }
            swap(work, at, pivot);
            swap(result, at, pivot);
            double by = work[at][at];
            for (int i = 0; i < rows; i++) {
                work[at][i] /= by;
                result[at][i] /= by;
            }
            for (int row = 0; row < rows; row++) {
                double factor = work[row][at];
                if (row != at && factor != 0) {
                    for (int i = 0; i < rows; i++) {
                        work[row][i] -= factor * work[at][i];
                        result[row][i] -= factor * result[at][i];
                    }
                }
            }
        }
        inverse = result;
        Arrays.fill(duals, 0);
        for (int row = 0; row < rows; row++) {
            double sum = 0;
            for (int i = 0; i < rows; i++) {
                sum += inverse[row][i] * right[i];
                duals[i] += basis[row].cost * inverse[row][i];
            }
            values[row] = Math.max(0, sum);
        }
        sinceInversion = 0;
    }

    private static void swap(double[][] rows, int a, int b) {
        double[] kept = rows[a];
        rows[a] = rows[b];
        rows[b] = kept;
    }
}
