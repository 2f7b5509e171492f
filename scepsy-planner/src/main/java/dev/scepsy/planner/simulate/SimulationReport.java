package dev.scepsy.planner.simulate;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What a simulation saw after its warm-up. Immutable.
 *
 * @param durationSeconds time in which executions started
 * @param warmUpSeconds what started in this first part, and what models did in it, is not counted
 * @param seed the seed that gives the same report again
 * @param workflows in the order of the loads
 * @param models in name order
 * @param engineSteps steps of all simulated engines, warm-up included
 */
public record SimulationReport(
        double durationSeconds,
        double warmUpSeconds,
        long seed,
        List<WorkflowOutcome> workflows,
        List<ModelOutcome> models,
        long engineSteps) {

    public SimulationReport {
        workflows = List.copyOf(workflows);
        models = List.copyOf(models);
    }

    /** A number and its 95 % interval. */
    public record Estimate(double value, double low, double high) {}

    /**
     * One workflow.
     *
     * @param offeredPerSecond arrivals asked for; empty in a closed loop, where answers decide
     * @param completed counted executions that ended
     * @param failed counted executions that lost a call
     * @param unfinished counted executions that had not ended when the simulation gave up waiting
     * @param throughputPerSecond executions that ended between warm-up and end, per second
     * @param latencySeconds empty when none completed
     */
    public record WorkflowOutcome(
            String workflow,
            OptionalDouble offeredPerSecond,
            long completed,
            long failed,
            long unfinished,
            double throughputPerSecond,
            Optional<Latency> latencySeconds) {}

    /**
     * End-to-end seconds in the order of starting; percentiles by nearest rank, intervals by batch means.
     *
     * @param convergence whether the mean can be relied on
     */
    public record Latency(Estimate mean, Estimate p50, Estimate p95, Estimate p99, Convergence convergence) {}

    /**
     * How settled a mean is.
     *
     * @param relativeHalfWidth half of the mean's 95 % interval over the mean
     * @param drifting whether the first quarter of the executions differs from the second half by more than chance: the
     *     warm-up was too short, or the load is more than the cluster takes
     * @param longerTimes how many times as long a run would bring the half-width to {@link #GOAL}; 1 where it is reached
     */
    public record Convergence(double relativeHalfWidth, boolean drifting, double longerTimes) {

        /** Half-width, relative to the mean, that counts as settled. */
        public static final double GOAL = 0.05;

        /** Whether the mean is known to 5 % and does not drift. */
        public boolean converged() {
            return relativeHalfWidth <= GOAL && !drifting;
        }
    }

    /**
     * One model, between warm-up and end.
     *
     * @param calls answered
     * @param meanCallSeconds from the router to the answer, waiting for a replica included
     * @param utilisation busy part of its replicas' time, time down included
     * @param meanQueued calls waiting for admission, mean over time
     * @param meanQueueSeconds the same per call
     * @param meanFirstTokenSeconds from admission to the queue to the first token; 0 where curves or encoders serve
     * @param preemptions requests evicted for want of cache
     * @param refused calls longer than the cache or than the engine takes; answered at once, so that executions go on
     * @param prefixHitRate part of the prompt tokens that were not computed, because the cache held them
     * @param failures replicas that went down
     * @param resentCalls calls lost with a replica and sent again
     * @param lostCalls calls lost with a replica for good
     * @param availability part of its replicas' time in which they were up
     * @param replicaCalls calls sent to each replica
     * @param replicaConnections connections on each replica at the end; empty where requests are routed
     */
    public record ModelOutcome(
            String model,
            int replicas,
            long calls,
            double meanCallSeconds,
            double utilisation,
            double meanQueued,
            double meanQueueSeconds,
            double meanFirstTokenSeconds,
            long preemptions,
            long refused,
            double prefixHitRate,
            long failures,
            long resentCalls,
            long lostCalls,
            double availability,
            List<Integer> replicaCalls,
            List<Integer> replicaConnections) {

        public ModelOutcome {
            replicaCalls = List.copyOf(replicaCalls);
            replicaConnections = List.copyOf(replicaConnections);
        }
    }
}
