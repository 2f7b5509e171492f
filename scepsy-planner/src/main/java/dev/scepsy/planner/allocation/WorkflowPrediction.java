package dev.scepsy.planner.allocation;

import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * What the closed form says of one workflow under a plan. Immutable.
 *
 * @param workflow the workflow's name
 * @param targetPerSecond λ, executions per second to sustain, 0 or more
 * @param latencySeconds mean end-to-end latency at the targets; empty when overloaded
 * @param maxThroughputPerSecond largest λ that keeps every model within its saturation, others at their targets; empty
 *     when nothing bounds it (only external models)
 * @param bottleneck the model that sets {@code maxThroughputPerSecond}, or null when none does
 */
public record WorkflowPrediction(
        String workflow,
        double targetPerSecond,
        OptionalDouble latencySeconds,
        OptionalDouble maxThroughputPerSecond,
        @Nullable String bottleneck) {

    public boolean overloaded() {
        return latencySeconds.isEmpty();
    }
}
