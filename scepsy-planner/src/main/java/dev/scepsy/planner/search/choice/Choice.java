package dev.scepsy.planner.search.choice;

/**
 * One shape and replica count for one model.
 *
 * @param shape the shape
 * @param replicas r
 * @param cost what it adds to the objective
 * @param compute compute units it takes in all: GPUs used, exactly
 * @param latencySeconds of one call; 0 where neither the objective nor a limit depends on it
 */
public record Choice(SpaceShape shape, int replicas, double cost, long compute, double latencySeconds) {

    /** Whether the other is as many replicas of the same shape. */
    public boolean same(Choice other) {
        return shape.index() == other.shape.index() && replicas == other.replicas;
    }

    /** The same choice where something else is made small. */
    public Choice withCost(double other) {
        return new Choice(shape, replicas, other, compute, latencySeconds);
    }
}
