package dev.scepsy.planner.predict;

import java.util.Arrays;

/**
 * How many of N connections the fullest of r replicas gets when each is put on one of them uniformly at random: the largest
 * entry of a multinomial. Exact (B. Levin, A representation for multinomial cumulative distribution functions, Annals of
 * Statistics 9, 1981): counts that are Poisson with mean N / r and known to add up to N are multinomial, so
 *
 * <pre>
 *   P(max ≤ m) = P(X_1 + … + X_r = N, every X_j ≤ m) / P(Poisson(N) = N)
 * </pre>
 *
 * Values below about 1e-12 may come out as 0. Immutable and thread-safe.
 */
final class LargestShare {

    private static final double NEGLIGIBLE = 1e-25;

    private final int connections;
    private final int replicas;
    private final double[] poisson;
    private final double exactlyAll;

    /**
     * @param connections N, at least 1
     * @param replicas r, at least 1
     */
    LargestShare(int connections, int replicas) {
        this.connections = connections;
        this.replicas = replicas;
        double mean = (double) connections / replicas;
        poisson = new double[connections + 1];
        double logFactorial = 0;
        for (int i = 0; i <= connections; i++) {
            logFactorial += i == 0 ? 0 : Math.log(i);
            poisson[i] = Math.exp(i * Math.log(mean) - mean - logFactorial);
        }
        exactlyAll = Math.exp(connections * Math.log(connections) - connections - logFactorial);
    }

    /** P(max ≤ m), in [0, 1]. */
    double probabilityAtMost(int m) {
        if (m >= connections) {
            return 1;
        }
        if ((long) m * replicas < connections) {
            return 0;
        }
        Counts one = new Counts(0, Arrays.copyOf(poisson, m + 1)).trimmed();
        Counts all = new Counts(0, new double[] {1});
        for (int left = replicas; left > 0; left /= 2) {
            if (left % 2 == 1) {
                all = all.plus(one, connections);
            }
            if (left > 1) {
                one = one.plus(one, connections);
            }
        }
        return Math.min(1, all.at(connections) / exactlyAll);
    }

    /** The least m with P(max ≤ m) ≥ {@code probability}, in [⌈N / r⌉, N]. */
    int quantile(double probability) {
        int low = (connections + replicas - 1) / replicas;
        int high = connections;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (probabilityAtMost(middle) >= probability) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    /** Probabilities of {@code first}, {@code first} + 1, ... */
    private record Counts(int first, double[] probabilities) {

        double at(int count) {
            int i = count - first;
            return i < 0 || i >= probabilities.length ? 0 : probabilities[i];
        }

        /** Of the sum of two independent counts; sums above {@code most} are left out. */
        Counts plus(Counts other, int most) {
            int from = first + other.first;
            int length = Math.min(probabilities.length + other.probabilities.length - 1, most - from + 1);
            if (length <= 0) {
                return new Counts(from, new double[0]);
            }
            double[] sums = new double[length];
            for (int i = 0; i < probabilities.length; i++) {
                int count = Math.min(other.probabilities.length, length - i);
                for (int j = 0; j < count; j++) {
                    sums[i + j] += probabilities[i] * other.probabilities[j];
                }
            }
            return new Counts(from, sums).trimmed();
        }

        Counts trimmed() {
            int low = 0;
            int high = probabilities.length;
            while (low < high && probabilities[low] < NEGLIGIBLE) {
                low++;
            }
            while (high > low && probabilities[high - 1] < NEGLIGIBLE) {
                high--;
            }
            return new Counts(first + low, Arrays.copyOfRange(probabilities, low, high));
        }
    }
}
