package dev.scepsy.planner.cluster;

import java.util.List;

/**
 * Whether counts of requests at replicas alike are further apart than a fair router leaves them.
 *
 * <p>A router that deals requests at random leaves counts that are Poisson; any better one leaves them closer together. Uneven are
 * counts whose χ² (Σ (c − mean)² / mean) chance exceeds once in 10,000 times, and of which one is at least 1.4 times or at most 0.6
 * times the mean: many counts tell small differences from chance that nobody need mind. Nothing is said of less than 3 a replica on average,
 * nor of so few that all of them on one replica would not be twice as far apart.
 */
enum Evenness {
    EVEN,
    UNEVEN,
    UNKNOWN;

    private static final double LEAST_MEAN = 3;
    private static final double MUCH = 1.4;
    private static final double LITTLE = 0.6;

    /** Of a normal variate at 1 − 1e-4. */
    private static final double ONCE_IN_TEN_THOUSAND = 3.719;

    /** Of one count per replica, 0 or more each. */
    static Evenness of(List<Double> counts) {
        double mean = counts.stream().mapToDouble(each -> each).average().orElse(0);
        if (counts.size() < 2 || mean < LEAST_MEAN) {
            return UNKNOWN;
        }
        double chance = chiSquare(counts.size() - 1);
        if (mean * counts.size() * (counts.size() - 1) < 2 * chance) {
            return UNKNOWN;
        }
        double apart = 0;
        boolean far = false;
        for (double count : counts) {
            apart += (count - mean) * (count - mean) / mean;
            far |= count >= MUCH * mean || count <= LITTLE * mean;
        }
        return far && apart > chance ? UNEVEN : EVEN;
    }

    /** What χ² exceeds once in 10,000 times, as Wilson and Hilferty approximate it. */
    private static double chiSquare(int degreesOfFreedom) {
        double spread = 2.0 / (9 * degreesOfFreedom);
        return degreesOfFreedom * Math.pow(1 - spread + ONCE_IN_TEN_THOUSAND * Math.sqrt(spread), 3);
    }
}
