package dev.scepsy.planner.campaign;

import java.util.Optional;

/**
 * How plans are made and judged when combination i is e to the {@code logFactors[i]} times slower than predicted. Pure.
 *
 * @param <P> a plan; plans that serve alike are equal
 */
public interface Planning<P> {

    /** The best plan; empty where none meets the targets. */
    Optional<P> best(double[] logFactors);

    /** What {@code plan} takes, seconds; infinite where it does not sustain its load. */
    double seconds(P plan, double[] logFactors);

    /** Whether {@code plan} keeps the headroom that plans are made with. */
    boolean isLegal(P plan, double[] logFactors);

    /** Whether {@code plan} uses combination {@code i}. */
    boolean uses(P plan, int i);
}
