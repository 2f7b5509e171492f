package dev.scepsy.planner.stat;

/**
 * A product of powers of sums over observations, θ = Π_c S_c^e_c with Σ e_c = 0: means and ratios of sums are of this form, a mean
 * with the number of observations as one of the sums. Because the powers add up to nothing, ln θ changes with observation j by
 * ψ_j = Σ_c e_c x_cj / S_c to first order, and the ψ_j add up to 0.
 *
 * <p>Immutable.
 */
public final class RatioOfSums {

    private final int[] columns;
    private final int[] powers;
    private final boolean ofTotals;

    private RatioOfSums(int[] columns, int[] powers, boolean ofTotals) {
        this.columns = columns;
        this.powers = powers;
        this.ofTotals = ofTotals;
    }

    /** The same, as a ratio of totals that vary each for itself, so that a rare long observation shifts it. */
    public RatioOfSums ofIndependentTotals() {
        return new RatioOfSums(columns, powers, true);
    }

    /** By what the variance of ln θ grows for what a sample of this size lacks. */
    double growth(double observations, double effective) {
        return ofTotals ? unseenTail(observations, effective) : 1 + 1 / effective;
    }

    /**
     * By what the variance of the logarithm of a ratio of two totals grows for the long observations that the sample lacks: 1 + (1 +
     * J/J')/J'. J' is the number of observations that carry the totals (as L. Kish's effective size, Survey Sampling, 1965), and J/J'
     * is 1 + CV². The squares are divided by the sample's own totals, which a rare long observation draws up with itself: the spread
     * is seen too small, the more the heavier the tail. Set by experiment, see docs/accuracy.md.
     */
    public static double unseenTail(double observations, double effective) {
        return 1 + (1 + observations / effective) / effective;
    }

    /**
     * By the power of each sum.
     *
     * @param powers e_c, one per column, adding up to 0
     */
    public static RatioOfSums ofPowers(int... powers) {
        int[] columns = new int[powers.length];
        int used = 0;
        int sum = 0;
        for (int c = 0; c < powers.length; c++) {
            if (powers[c] != 0) {
                columns[used++] = c;
                sum += powers[c];
            }
        }
        if (sum != 0) {
            throw new IllegalArgumentException("The powers add up to " + sum + ", not to 0.");
        }
        return new RatioOfSums(
                java.util.Arrays.copyOf(columns, used),
                java.util.Arrays.stream(powers).filter(power -> power != 0).toArray(),
                false);
    }

    /** How many sums it is made of. */
    int size() {
        return columns.length;
    }

    /** The column of its i-th sum. */
    int column(int i) {
        return columns[i];
    }

    /** The power of its i-th sum. */
    int power(int i) {
        return powers[i];
    }

    /** Whether the logarithm of the ratio exists: all its sums are above 0. */
    boolean isDefinedFor(double[] sums) {
        for (int column : columns) {
            if (!(sums[column] > 0)) {
                return false;
            }
        }
        return true;
    }

    /** e_c / S_c for each of its sums: ψ is their product with an observation. */
    void coefficients(double[] sums, double[] into) {
        for (int i = 0; i < columns.length; i++) {
            into[i] = powers[i] / sums[columns[i]];
        }
    }

    /** ψ of one observation. */
    double influence(double[] observation, double[] coefficients) {
        double influence = 0;
        for (int i = 0; i < columns.length; i++) {
            influence += coefficients[i] * observation[columns[i]];
        }
        return influence;
    }

    /** ln θ of some sums, less ln θ of others. */
    double logOfQuotient(double[] sums, double[] others) {
        double log = 0;
        for (int i = 0; i < columns.length; i++) {
            log += powers[i] * Math.log(sums[columns[i]] / others[columns[i]]);
        }
        return log;
    }
}
