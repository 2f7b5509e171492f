package dev.scepsy.planner.share;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Statistics of one workflow, as {@code workflows.json} holds them. Immutable.
 *
 * @param name the workflow's name as it is shown: {@code name@service} where several services have one of that name
 * @param executions complete executions seen; empty where a hand-written file leaves it out
 * @param targetPerSecond λ to sustain; empty: not known, {@code plan} needs {@code --target}
 * @param weight weight in the objective, 0 or more
 * @param otherSeconds o, critical-path time outside any model, seconds
 * @param endToEndSeconds end-to-end time; empty without complete executions
 * @param models one per model the workflow called, in name order
 * @param notEnoughData fewer executions than required
 * @param requiredExecutions what {@code notEnoughData} was judged by; empty where enough
 * @param service the program that runs it, as its spans say; null where they do not
 * @param skippedExecutions complete executions left out because they were the first of their program ({@code --skip-first})
 * @param trimmedExecutions complete executions left out because they were the shortest or longest ({@code --trim})
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
        OptionalDouble latencyLimitSeconds,
        @Nullable String service,
        long skippedExecutions,
        long trimmedExecutions) {

    /** Of all executions of a workflow that alone has its name. */
    public WorkflowStatistics(
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
                latencyLimitSeconds,
                null,
                0,
                0);
    }

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

    /** Whether somebody may call it {@code text}: as it is shown, or by its name and service. */
    public boolean isCalled(String text) {
        return name.equals(text) || (service != null && text.equals(name + "@" + service));
    }

    /** The same with another target; empty: none. */
    public WorkflowStatistics withTarget(OptionalDouble other) {
        return new WorkflowStatistics(
                name,
                executions,
                other,
                weight,
                otherSeconds,
                endToEndSeconds,
                models,
                notEnoughData,
                requiredExecutions,
                latencyLimitSeconds,
                service,
                skippedExecutions,
                trimmedExecutions);
    }

    /** The same with what its program states. */
    public WorkflowStatistics stating(OptionalDouble statedTarget, double statedWeight) {
        return new WorkflowStatistics(
                name,
                executions,
                statedTarget,
                statedWeight,
                otherSeconds,
                endToEndSeconds,
                models,
                notEnoughData,
                requiredExecutions,
                latencyLimitSeconds,
                service,
                skippedExecutions,
                trimmedExecutions);
    }

    /** The same with other statements on its models. */
    public WorkflowStatistics with(List<ModelStatistics> others) {
        return new WorkflowStatistics(
                name,
                executions,
                targetPerSecond,
                weight,
                otherSeconds,
                endToEndSeconds,
                others,
                notEnoughData,
                requiredExecutions,
                latencyLimitSeconds,
                service,
                skippedExecutions,
                trimmedExecutions);
    }

    /** The same of a chosen part of the executions. */
    WorkflowStatistics leavingOut(long skipped, long trimmed) {
        return new WorkflowStatistics(
                name,
                executions,
                targetPerSecond,
                weight,
                otherSeconds,
                endToEndSeconds,
                models,
                notEnoughData,
                requiredExecutions,
                latencyLimitSeconds,
                service,
                skipped,
                trimmed);
    }

    /** The same as a program's. */
    WorkflowStatistics of(@Nullable String program) {
        return new WorkflowStatistics(
                name,
                executions,
                targetPerSecond,
                weight,
                otherSeconds,
                endToEndSeconds,
                models,
                notEnoughData,
                requiredExecutions,
                latencyLimitSeconds,
                program,
                skippedExecutions,
                trimmedExecutions);
    }

    /** End-to-end seconds of the complete executions; percentiles by nearest rank. */
    public record EndToEnd(double mean, double p50, double p95, double p99) {}
}
