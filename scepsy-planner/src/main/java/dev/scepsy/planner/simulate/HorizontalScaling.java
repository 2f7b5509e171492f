package dev.scepsy.planner.simulate;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * How many replicas one model shall have: the rule of Kubernetes' HorizontalPodAutoscaler, {@code ceil(current x metric / target)} with
 * its tolerance and the default behaviour of {@code autoscaling/v2}: up at once but at most to the larger of twice as many and four more,
 * down only to the most that was asked for within the stabilisation window. Source: kubernetes.io, "Horizontal Pod Autoscaling",
 * algorithm details. Simulated by {@code --baseline hpa}, and used by whoever scales a running cluster beside it. Mutable, not
 * thread-safe; calls in the order of time.
 */
public final class HorizontalScaling {

    /** A quotient this close above a whole number, or a distance above the tolerance, is that number. */
    private static final double ROUNDING = 1e-9;

    private record Proposal(double atSeconds, int replicas) {}

    private final int minReplicas;
    private final int maxReplicas;
    private final double target;
    private final Deque<Proposal> proposals = new ArrayDeque<>();

    /**
     * A rule that has seen nothing yet.
     *
     * @param minReplicas 1 or more
     * @param maxReplicas at least that
     * @param target mean of the metric over replicas, above 0 and finite
     * @throws IllegalArgumentException naming the value outside its range
     */
    public HorizontalScaling(int minReplicas, int maxReplicas, double target) {
        if (minReplicas < 1 || maxReplicas < minReplicas || !(target > 0 && target < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("Replicas must lie between at least 1 (" + minReplicas
                    + ") and at least that (" + maxReplicas + "), and the target (" + target
                    + ") must be above 0 and finite.");
        }
        this.minReplicas = minReplicas;
        this.maxReplicas = maxReplicas;
        this.target = target;
    }

    /**
     * Replicas from now on.
     *
     * @param nowSeconds on a clock of the caller's, never less than before
     * @param current replicas there are, those that start included, 1 or more
     * @param total the metric, summed over them
     */
    public int desired(double nowSeconds, int current, double total) {
        if (proposals.isEmpty()) {
            proposals.addLast(new Proposal(nowSeconds, current)); // So that a start is no reason to shrink at once.
        }
        boolean near = Math.abs(total / (current * target) - 1) <= Autoscaling.TOLERANCE + ROUNDING;
        int asked = near ? current : (int) Math.min(maxReplicas, Math.ceil(total / target - ROUNDING));
        int proposal = Math.max(minReplicas, Math.min(maxReplicas, asked));
        proposals.addLast(new Proposal(nowSeconds, proposal));
        while (proposals.getFirst().atSeconds < nowSeconds - Autoscaling.DOWN_STABILISATION_SECONDS) {
            proposals.removeFirst();
        }
        if (proposal >= current) {
            return Math.min(proposal, Math.max(2 * current, current + Autoscaling.MOST_ADDED));
        }
        int most = proposals.stream().mapToInt(Proposal::replicas).max().orElse(current);
        return Math.min(current, most);
    }
}
