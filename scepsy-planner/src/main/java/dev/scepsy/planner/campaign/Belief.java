package dev.scepsy.planner.campaign;

import dev.scepsy.planner.profile.ProfileKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * What is believed of how much slower than predicted every combination is: logarithms of factors, jointly normal.
 *
 * <pre>
 *   cov(i, j) = ε_i · ε_j · (0.5 + 0.3 · exp(−½ |log2 t_i / t_j| − ½ |log2 f_i / f_j|))    same model and GPU type
 *   cov(i, i) = ε_i²
 *   cov(i, j) = 0                                                                       else
 * </pre>
 *
 * A model on a GPU type is off as a whole (half of it: kernels, precision, the machine), the more alike two replicas the more
 * alike their errors, and a fifth is every replica's own. Across GPU types calibration was measured to gain nothing
 * (docs/accuracy.md), hence 0. One measured replica leaves some 70 % of ε at others of its model and GPU type, as was measured:
 * 10.3 of 13.9 %. Measuring conditions the normal distribution. Immutable.
 */
public final class Belief {

    private static final double COMMON = 0.5;
    private static final double ALIKE = 0.3;
    private static final double PER_DOUBLING = 0.5;
    private static final double NEGLIGIBLE = 1e-12;

    private final double[] means;
    private final double[][] covariance;

    private Belief(double[] means, double[][] covariance) {
        this.means = means;
        this.covariance = covariance;
    }

    /** Nothing is measured yet. */
    public static Belief prior(List<Combination> combinations) {
        int size = combinations.size();
        double[][] covariance = new double[size][size];
        for (int i = 0; i < size; i++) {
            for (int j = 0; j < size; j++) {
                covariance[i][j] = covariance(combinations.get(i), combinations.get(j));
            }
        }
        return new Belief(new double[size], covariance);
    }

    private static double covariance(Combination one, Combination other) {
        ProfileKey a = one.key();
        ProfileKey b = other.key();
        if (!a.model().equals(b.model()) || !a.gpu().equals(b.gpu())) {
            return 0;
        }
        double doublings = Math.abs(Math.log((double) a.tensorParallel() / b.tensorParallel()))
                + Math.abs(Math.log(a.gpuFraction().toDouble() / b.gpuFraction().toDouble()));
        double alike = COMMON + ALIKE * Math.exp(-PER_DOUBLING * doublings / Math.log(2));
        return one.relativeError() * other.relativeError() * (a.equals(b) ? 1 : alike);
    }

    /** Combinations. */
    public int size() {
        return means.length;
    }

    /** Expected logarithm of the factor of combination {@code i}. */
    public double mean(int i) {
        return means[i];
    }

    /** All means. */
    public double[] means() {
        return means.clone();
    }

    /** Standard deviation of the logarithm of the factor of combination {@code i}. */
    public double deviation(int i) {
        return Math.sqrt(Math.max(0, covariance[i][i]));
    }

    /**
     * After combination {@code i} was measured.
     *
     * @param logFactor measured over predicted, its logarithm
     * @param error standard deviation of the measurement itself
     */
    public Belief measured(int i, double logFactor, double error) {
        double[] moved = meansAfter(i, logFactor, error);
        double[][] left = new double[means.length][];
        double variance = covariance[i][i] + error * error;
        for (int row = 0; row < left.length; row++) {
            left[row] = covariance[row].clone();
            double gain = variance > 0 ? covariance[row][i] / variance : 0;
            for (int column = 0; gain != 0 && column < left.length; column++) {
                left[row][column] -= gain * covariance[i][column];
            }
        }
        return new Belief(moved, left);
    }

    /** The means of {@link #measured}. */
    double[] meansAfter(int i, double logFactor, double error) {
        double[] moved = means.clone();
        double variance = covariance[i][i] + error * error;
        for (int j = 0; variance > 0 && j < moved.length; j++) {
            moved[j] += covariance[j][i] / variance * (logFactor - means[i]);
        }
        return moved;
    }

    /** The same spread around a prediction that has learnt already what the means say. */
    public Belief centred() {
        return new Belief(new double[means.length], covariance);
    }

    /** {@code count} draws of all logarithms, in pairs around the means, which halves the noise of what is averaged. */
    List<double[]> draws(int count, long seed) {
        double[][] root = root();
        Random random = new Random(seed);
        List<double[]> draws = new ArrayList<>();
        double[] normal = new double[means.length];
        while (draws.size() < count) {
            Arrays.setAll(normal, i -> random.nextGaussian());
            draws.add(around(root, normal, 1));
            if (draws.size() < count) {
                draws.add(around(root, normal, -1));
            }
        }
        return draws;
    }

    private double[] around(double[][] root, double[] normal, double sign) {
        double[] draw = means.clone();
        for (int row = 0; row < draw.length; row++) {
            for (int column = 0; column <= row; column++) {
                draw[row] += sign * root[row][column] * normal[column];
            }
        }
        return draw;
    }

    /** Cholesky; what is known exactly has a row of zeros. */
    private double[][] root() {
        int size = means.length;
        double[][] root = new double[size][size];
        for (int row = 0; row < size; row++) {
            for (int column = 0; column <= row; column++) {
                double rest = covariance[row][column];
                for (int k = 0; k < column; k++) {
                    rest -= root[row][k] * root[column][k];
                }
                if (row == column) {
                    root[row][row] = Math.sqrt(Math.max(0, rest));
                } else {
                    root[row][column] = root[column][column] > Math.sqrt(NEGLIGIBLE) ? rest / root[column][column] : 0;
                }
            }
        }
        return root;
    }
}
