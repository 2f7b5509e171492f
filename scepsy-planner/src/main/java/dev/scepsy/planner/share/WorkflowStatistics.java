package dev.scepsy.planner.share;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * Statistics of one workflow, as {@code workflows.json} holds them. Immutable.
 *
 * @param name the workflow's name
 * @param executions complete executions seen; empty where a hand-written file leaves it out
 * @param targetPerSecond λ to sustain; empty: not known, {@code plan} needs {@code --target}
 * @param weight weight in the objective, 0 or more
 * @param otherSeconds o, critical-path time outside any model, seconds
 * @param endToEndSeconds end-to-end time; empty without complete executions
 * @param models one per model the workflow called, in name order
 * @param notEnoughData fewer executions than required
 * @param requiredExecutions what {@code notEnoughData} was judged by; empty where enough
 * @param latencyLimitSeconds mean latency plans must keep, above 0; empty: none. Never measured: its owner sets it
 */
public record WorkflowStatistics(
        String name,
        OptionalLong executions,
        OptionalDouble targetPerSecond,
        double weight,
        double otherSeconds,
        Optional<EndToEnd> endToEndSeconds,
        List<ModelStatistics> models,
        boolean notEnoughData,
        OptionalInt requiredExecutions,
        OptionalDouble latencyLimitSeconds) {

    /** Statistics as measured: nobody has set a limit. */
    public WorkflowStatistics(
            String name,
            OptionalLong executions,
            OptionalDouble targetPerSecond,
            double weight,
            double otherSeconds,
            Optional<EndToEnd> endToEndSeconds,
            List<ModelStatistics> models,
            boolean notEnoughData,
            OptionalInt requiredExecutions) {
        this(
                name,
                executions,
                targetPerSecond,
                weight,
                otherSeconds,
                endToEndSeconds,
                models,
                notEnoughData,
                requiredExecutions,
                OptionalDouble.empty());
    }

    public WorkflowStatistics {
        models = List.copyOf(models);
    }

    /** End-to-end seconds of the complete executions; percentiles by nearest rank. */
    public record EndToEnd(double mean, double p50, double p95, double p99) {}
}
