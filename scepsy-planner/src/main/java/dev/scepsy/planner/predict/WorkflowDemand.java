package dev.scepsy.planner.predict;

import java.util.List;

/**
 * What one workflow asks of the models. Immutable.
 *
 * @param name the workflow's name
 * @param targetPerSecond λ, executions per second to sustain, 0 or more
 * @param weight weight of its latency in the objective, 0 or more
 * @param otherSeconds o, critical-path time outside any model
 * @param externalSeconds critical-path time in models that are not ours to place, Σ κ·meanCallSeconds
 * @param calls one per self-hosted model it calls
 */
public record WorkflowDemand(
        String name,
        double targetPerSecond,
        double weight,
        double otherSeconds,
        double externalSeconds,
        List<ModelCalls> calls) {

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
    }

    /** Time no allocation changes: o plus the external models' part, seconds. */
    public double fixedSeconds() {
        return otherSeconds + externalSeconds;
    }
}
