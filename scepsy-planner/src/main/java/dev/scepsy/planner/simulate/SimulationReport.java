package dev.scepsy.planner.simulate;

import java.util.List;
import java.util.Optional;

/**
 * What a simulation saw after its warm-up. Immutable.
 *
 * @param durationSeconds time in which executions arrived
 * @param warmUpSeconds executions that arrived in this first part are not counted
 * @param seed the seed that gives the same report again
 * @param workflows in the order of the loads
 * @param models in name order
 * @param engineSteps steps of all simulated engines
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
     * @param offeredPerSecond arrivals asked for
     * @param completed counted executions that ended
     * @param unfinished counted executions that had not ended when the simulation gave up waiting
     * @param throughputPerSecond completed executions per second of their arrival time
     * @param latencySeconds empty when none completed
     */
    public record WorkflowOutcome(
            String workflow,
            double offeredPerSecond,
            long completed,
            long unfinished,
            double throughputPerSecond,
            Optional<Latency> latencySeconds) {}

    /** End-to-end seconds; percentiles by nearest rank, intervals by batch means and by order statistics. */
    public record Latency(Estimate mean, Estimate p50, Estimate p95, Estimate p99) {}

    /**
     * One model.
     *
     * @param calls answered
     * @param utilisation busy part of its replicas' time
     * @param preemptions requests evicted for want of cache
     * @param refused calls longer than the cache; answered at once, so that executions go on
     */
    public record ModelOutcome(
            String model,
            int replicas,
            long calls,
            double meanCallSeconds,
            double utilisation,
            long preemptions,
            long refused) {}
}
