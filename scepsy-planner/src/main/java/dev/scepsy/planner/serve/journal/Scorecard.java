package dev.scepsy.planner.serve.journal;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Predicted beside measured, after a plan has served for a while. Immutable.
 *
 * @param from when measuring began
 * @param to when it ended
 * @param verdict {@code better}, {@code asPredicted}, {@code worse} or {@code notEnoughData}
 * @param sentence the verdict and what follows, for people
 */
public record Scorecard(
        Instant from,
        Instant to,
        String verdict,
        String sentence,
        List<WorkflowScore> workflows,
        List<ModelScore> models) {

    public Scorecard {
        workflows = List.copyOf(workflows);
        models = List.copyOf(models);
    }

    /** Latencies are means, s; rates per second; null where nothing is known. */
    public record WorkflowScore(
            String workflow,
            long executions,
            @Nullable Double predictedLatencySeconds,
            @Nullable Double measuredLatencySeconds,
            @Nullable Double latencySecondsBefore,
            @Nullable Double targetPerSecond,
            @Nullable Double measuredPerSecond) {}

    /** Of a model's engines together. */
    public record ModelScore(
            String model,
            @Nullable Double predictedUtilisation,
            @Nullable Double measuredUtilisation,
            @Nullable Double predictedCallSeconds,
            @Nullable Double measuredCallSeconds) {}
}
