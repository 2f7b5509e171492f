package dev.scepsy.planner.kernel;

/**
 * Shape of one layer's routed experts, before any split. Immutable.
 *
 * @param hiddenSize width they work at
 * @param width inner width of one
 * @param experts how many the router chooses from
 * @param perToken how many it chooses
 * @param matrices weights of one: 3 gated, 2 not
 */
public record ExpertShape(int hiddenSize, int width, int experts, int perToken, int matrices) {

    /** Share of the experts that {@code tokens} touch, if each chooses at random. */
    double shareTouched(double tokens) {
        return 1 - Math.pow(1 - (double) perToken / experts, Math.max(1, tokens));
    }

    /** Tokens that one expert gets per token of the step. */
    double density() {
        return (double) perToken / experts;
    }

    /** How unlike {@code other} is: sum of the logarithms' differences. */
    double distance(ExpertShape other) {
        return ratio(hiddenSize, other.hiddenSize)
                + ratio(width, other.width)
                + ratio(experts, other.experts)
                + ratio(perToken, other.perToken);
    }

    private static double ratio(double one, double other) {
        return Math.abs(Math.log(one / other));
    }
}
