package dev.scepsy.planner.stat;

/** Student's t distribution: how far means of few normal observations lie off, in estimated standard errors. */
public final class StudentT {

    private StudentT() {}

    /**
     * The value that is exceeded on either side with 2.5 % probability; the expansion of G. W. Hill (Algorithm 396, 1970) in
     * its form of R. A. Fisher and E. A. Cornish (1960), right to 0.3 % from 3 degrees on.
     *
     * @param degreesOfFreedom 1 or more
     * @throws IllegalArgumentException if there are fewer
     */
    public static double quantile975(double degreesOfFreedom) {
        if (!(degreesOfFreedom >= 1)) {
            throw new IllegalArgumentException("The degrees of freedom (" + degreesOfFreedom + ") must be 1 or more.");
        }
        if (degreesOfFreedom < 3) {
            // exact at 1 and 2, linear in the reciprocal between them and at 3
            double reciprocal = 1 / degreesOfFreedom;
            return reciprocal >= 0.5
                    ? 4.30265 + (12.70620 - 4.30265) * (reciprocal - 0.5) / 0.5
                    : 3.18245 + (4.30265 - 3.18245) * (reciprocal - 1 / 3.0) / (0.5 - 1 / 3.0);
        }
        double z = 1.959963984540054;
        double n = degreesOfFreedom;
        double z2 = z * z;
        double g1 = z * (z2 + 1) / 4;
        double g2 = z * ((5 * z2 + 16) * z2 + 3) / 96;
        double g3 = z * (((3 * z2 + 19) * z2 + 17) * z2 - 15) / 384;
        double g4 = z * ((((79 * z2 + 776) * z2 + 1482) * z2 - 1920) * z2 - 945) / 92160;
        return z + g1 / n + g2 / (n * n) + g3 / (n * n * n) + g4 / (n * n * n * n);
    }
}
