package dev.scepsy.planner.profile;

import java.util.function.Function;

/**
 * Levenberg-Marquardt with a robust loss: minimises Σ ρ(r_i) with ρ(r) = 2 s² (√(1 + (r/s)²) − 1), quadratic for small
 * residuals and linear beyond the scale s, by iterated reweighting and forward differences. Deterministic.
 */
final class LeastSquares {

    private static final double LOSS_SCALE = 0.1;
    private static final double DIFFERENCE = 1e-5;
    private static final int MAX_ITERATIONS = 200;
    private static final double CONVERGED = 1e-9;

    private LeastSquares() {}

    /** The minimum near {@code start}; {@code residuals} maps parameters to residuals, always as many. */
    static double[] minimise(double[] start, Function<double[], double[]> residuals) {
        double[] at = start.clone();
        double[] r = residuals.apply(at);
        double cost = cost(r);
        double damping = 1e-2;
        for (int iteration = 0; iteration < MAX_ITERATIONS; iteration++) {
            double[][] jacobian = jacobian(at, r, residuals);
            boolean better = false;
            double gain = 0;
            while (!better && damping < 1e10) {
                double[] candidate = step(at, r, jacobian, damping);
                double[] candidateResiduals = residuals.apply(candidate);
                double candidateCost = cost(candidateResiduals);
                better = candidateCost < cost;
                if (better) {
                    gain = cost - candidateCost;
                    at = candidate;
                    r = candidateResiduals;
                    cost = candidateCost;
                    damping = Math.max(1e-9, damping / 5);
                } else {
                    damping *= 4;
                }
            }
            if (!better || gain < CONVERGED * cost) {
                return at;
            }
        }
        return at;
    }

    private static double cost(double[] residuals) {
        double cost = 0;
        for (double r : residuals) {
            double scaled = r / LOSS_SCALE;
            cost += 2 * LOSS_SCALE * LOSS_SCALE * (Math.sqrt(1 + scaled * scaled) - 1);
        }
        return cost;
    }

    private static double[][] jacobian(double[] at, double[] r, Function<double[], double[]> residuals) {
        double[][] columns = new double[at.length][];
        for (int p = 0; p < at.length; p++) {
            double[] moved = at.clone();
            moved[p] += DIFFERENCE;
            columns[p] = residuals.apply(moved);
            for (int i = 0; i < r.length; i++) {
                columns[p][i] = (columns[p][i] - r[i]) / DIFFERENCE;
            }
        }
        return columns;
    }

    private static double[] step(double[] at, double[] r, double[][] jacobian, double damping) {
        int n = at.length;
        double[][] normal = new double[n][n + 1];
        for (int i = 0; i < r.length; i++) {
            double scaled = r[i] / LOSS_SCALE;
            double weight = 1 / Math.sqrt(1 + scaled * scaled);
            for (int p = 0; p < n; p++) {
                double slope = weight * jacobian[p][i];
                normal[p][n] -= slope * r[i];
                for (int q = 0; q <= p; q++) {
                    normal[p][q] += slope * jacobian[q][i];
                }
            }
        }
        for (int p = 0; p < n; p++) {
            for (int q = 0; q < p; q++) {
                normal[q][p] = normal[p][q];
            }
        }
        for (int p = 0; p < n; p++) {
            normal[p][p] *= 1 + damping;
        }
        double[] change = solve(normal);
        double[] moved = at.clone();
        for (int p = 0; p < n; p++) {
            moved[p] += change[p];
        }
        return moved;
    }

    /** Gaussian elimination with partial pivoting of an n × (n + 1) system, which it destroys. */
    private static double[] solve(double[][] system) {
        int n = system.length;
        for (int column = 0; column < n; column++) {
            int pivot = column;
            for (int row = column + 1; row < n; row++) {
                if (Math.abs(system[row][column]) > Math.abs(system[pivot][column])) {
                    pivot = row;
                }
            }
            double[] swapped = system[column];
            system[column] = system[pivot];
            system[pivot] = swapped;
            for (int row = column + 1; row < n; row++) {
                double factor = system[row][column] / system[column][column];
                for (int k = column; k <= n; k++) {
                    system[row][k] -= factor * system[column][k];
                }
            }
        }
        double[] solution = new double[n];
        for (int row = n - 1; row >= 0; row--) {
            double value = system[row][n];
            for (int k = row + 1; k < n; k++) {
                value -= system[row][k] * solution[k];
            }
            solution[row] = value / system[row][row];
        }
        return solution;
    }
}
