package dev.scepsy.planner.predict;

import java.util.List;
import java.util.OptionalDouble;

/**
 * What one workflow asks of the models. Immutable.
 *
 * @param name the workflow's name
 * @param targetPerSecond λ, executions per second to sustain, 0 or more
 * @param weight weight of its latency in the objective, 0 or more
 * @param otherSeconds o, critical-path time outside any model
 * @param externalSeconds critical-path time in models that are not ours to place, Σ κ·meanCallSeconds
 * @param calls one per self-hosted model it calls
 * @param latencyLimitSeconds mean latency it must stay within, above 0; empty: none
 */
public record WorkflowDemand(
        String name,
        double targetPerSecond,
        double weight,
        double otherSeconds,
        double externalSeconds,
        List<ModelCalls> calls,
        OptionalDouble latencyLimitSeconds) {

    /** Without a limit on its latency. */
    public WorkflowDemand(
            String name,
            double targetPerSecond,
            double weight,
            double otherSeconds,
            double externalSeconds,
            List<ModelCalls> calls) {
        this(name, targetPerSecond, weight, otherSeconds, externalSeconds, calls, OptionalDouble.empty());
    }

    /** @throws IllegalArgumentException naming the value outside its range */
    public WorkflowDemand {
        calls = List.copyOf(calls);
        if (!(targetPerSecond >= 0 && targetPerSecond < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("The targetPerSecond (" + targetPerSecond + ") of workflow (" + name
                    + ") must be 0 or more and finite.");
        }
        if (!(weight >= 0 && weight < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    "The weight (" + weight + ") of workflow (" + name + ") must be 0 or more and finite.");
        }
        if (latencyLimitSeconds.isPresent() && !(latencyLimitSeconds.getAsDouble() > 0)) {
            throw new IllegalArgumentException("The latencyLimitSeconds (" + latencyLimitSeconds.getAsDouble()
                    + ") of workflow (" + name + ") must be above 0.");
        }
    }

    /** The same workflow at another rate. */
    public WorkflowDemand withTargetPerSecond(double rate) {
        return new WorkflowDemand(name, rate, weight, otherSeconds, externalSeconds, calls, latencyLimitSeconds);
    }

    /** The same workflow, counting more or less in the objective. */
    public WorkflowDemand withWeight(double other) {
        return new WorkflowDemand(
                name, targetPerSecond, other, otherSeconds, externalSeconds, calls, latencyLimitSeconds);
    }

    /** The same workflow with another limit on its latency, or none. */
    public WorkflowDemand withLatencyLimit(OptionalDouble seconds) {
        return new WorkflowDemand(name, targetPerSecond, weight, otherSeconds, externalSeconds, calls, seconds);
    }

    /** The same workflow with other calls. */
    public WorkflowDemand withCalls(List<ModelCalls> others) {
        return new WorkflowDemand(
                name, targetPerSecond, weight, otherSeconds, externalSeconds, others, latencyLimitSeconds);
    }

    /** Time no allocation changes: o plus the external models' part, seconds. */
    public double fixedSeconds() {
        return otherSeconds + externalSeconds;
    }
}
