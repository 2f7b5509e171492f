package dev.scepsy.planner.search.choice;

import dev.scepsy.planner.predict.ModelCalls;
import dev.scepsy.planner.predict.WorkflowDemand;
import dev.scepsy.planner.profile.LatencyProfile;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;

/**
 * What the workflows together put on one model, and how much its latency counts.
 *
 * @param requestsPerSecond λ_m = Σ_w λ_w·n_wm, exact on the decimals as written
 * @param secondsWeight Σ_w weight_w·κ_wm / Σ_w weight_w: what one second of the model's latency adds to the objective
 * @param limited whether the latency of a workflow with a limit depends on it
 * @param workflows names of the workflows that call it
 */
public record Load(BigDecimal requestsPerSecond, double secondsWeight, boolean limited, List<String> workflows) {

    /** The load of one model where all targets are multiplied by {@code targetScale}. */
    public static Load of(AllocationProblem problem, String model, double targetScale) {
        BigDecimal rate = BigDecimal.ZERO;
        double weighted = 0;
        double weights = 0;
        boolean limited = false;
        List<String> workflows = new ArrayList<>();
        for (WorkflowDemand workflow : problem.workflows()) {
            weights += workflow.weight();
            for (ModelCalls calls : workflow.calls()) {
                if (calls.model().equals(model) && uses(calls)) {
                    rate = rate.add(BigDecimal.valueOf(workflow.targetPerSecond())
                            .multiply(BigDecimal.valueOf(calls.callsPerExecution())));
                    weighted += workflow.weight() * calls.sequentialCalls();
                    workflows.add(workflow.name());
                    limited |= workflow.latencyLimitSeconds().isPresent() && calls.sequentialCalls() > 0;
                }
            }
        }
        return new Load(
                targetScale == 1 ? rate : rate.multiply(BigDecimal.valueOf(targetScale)),
                weights > 0 ? weighted / weights : 0,
                limited,
                List.copyOf(workflows));
    }

    /** Whether the workflow really calls the model. */
    public static boolean uses(ModelCalls calls) {
        return calls.callsPerExecution() > 0 || calls.sequentialCalls() > 0;
    }

    /** The objective's part no allocation changes: Σ weight·(o + external) / Σ weight. */
    public static double fixedSeconds(AllocationProblem problem) {
        double weighted = 0;
        double weights = 0;
        for (WorkflowDemand workflow : problem.workflows()) {
            weighted += workflow.weight() * workflow.fixedSeconds();
            weights += workflow.weight();
        }
        return weights > 0 ? weighted / weights : 0;
    }

    /** Whether any workflow calls the model. */
    public boolean isUsed() {
        return !workflows.isEmpty();
    }

    /** Fewest replicas that take the load within the utilisation limit, both inclusive; at least 1. */
    long fewestReplicas(LatencyProfile profile, double maxUtilisation) {
        BigDecimal each = usable(profile, maxUtilisation);
        BigInteger replicas =
                requestsPerSecond.divide(each, 0, RoundingMode.CEILING).toBigInteger();
        return replicas.bitLength() > 62 ? Long.MAX_VALUE : Math.max(1, replicas.longValue());
    }

    /** Rate one replica may be planned for. */
    public static BigDecimal usable(LatencyProfile profile, double maxUtilisation) {
        return BigDecimal.valueOf(profile.saturationRequestsPerSecond()).multiply(BigDecimal.valueOf(maxUtilisation));
    }

    /** Seconds per call when each of {@code replicas} takes an equal part of the load; 0 where nothing depends on it. */
    double latencySeconds(LatencyProfile profile, long replicas) {
        return secondsWeight == 0 && !limited
                ? 0
                : profile.meanLatencySeconds(
                        requestsPerSecond.doubleValue() / replicas, (int) Math.min(replicas, Integer.MAX_VALUE));
    }
}
