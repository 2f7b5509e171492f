package dev.scepsy.planner.search;

import dev.scepsy.planner.allocation.WorkflowPrediction;
import dev.scepsy.planner.search.AllocationProblem.ModelCalls;
import dev.scepsy.planner.search.AllocationProblem.WorkflowDemand;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * What the closed form says of each workflow under chosen shapes and replicas:
 *
 * <pre>
 * L_w = o_w + external_w + Σ_m κ_wm · L_m(λ_m / r_m)
 * T_w = min over m of (r_m · saturation_m · maxUtilisation − load of other workflows) / n_wm
 * </pre>
 */
final class Predictions {

    private Predictions() {}

    static List<WorkflowPrediction> of(ChoiceSpace space, List<Choice> plan) {
        Map<String, Choice> byModel = new HashMap<>();
        for (int model = 0; model < plan.size(); model++) {
            byModel.put(space.model(model).name(), plan.get(model));
        }
        List<WorkflowPrediction> predictions = new ArrayList<>();
        for (WorkflowDemand workflow : space.problem().workflows()) {
            predictions.add(predict(space, workflow, byModel));
        }
        return predictions;
    }

    private static WorkflowPrediction predict(ChoiceSpace space, WorkflowDemand workflow, Map<String, Choice> byModel) {
        double latency = workflow.fixedSeconds();
        @Nullable BigDecimal most = null;
        @Nullable String bottleneck = null;
        for (ModelCalls calls : workflow.calls()) {
            Choice choice = byModel.get(calls.model());
            if (choice == null) {
                continue;
            }
            BigDecimal load = space.load(choice.shape().model()).requestsPerSecond();
            latency += calls.sequentialCalls()
                    * choice.shape().profile().meanLatencySeconds(load.doubleValue() / choice.replicas());
            if (calls.callsPerExecution() > 0) {
                BigDecimal n = BigDecimal.valueOf(calls.callsPerExecution());
                BigDecimal own = BigDecimal.valueOf(workflow.targetPerSecond()).multiply(n);
                BigDecimal reach = Load.usable(
                                choice.shape().profile(), space.problem().maxUtilisation())
                        .multiply(BigDecimal.valueOf(choice.replicas()))
                        .subtract(load.subtract(own))
                        .divide(n, MathContext.DECIMAL64);
                if (most == null
                        || reach.compareTo(most) < 0
                        || (reach.compareTo(most) == 0
                                && bottleneck != null
                                && calls.model().compareTo(bottleneck) < 0)) {
                    most = reach;
                    bottleneck = calls.model();
                }
            }
        }
        return new WorkflowPrediction(
                workflow.name(),
                workflow.targetPerSecond(),
                OptionalDouble.of(latency),
                most == null ? OptionalDouble.empty() : OptionalDouble.of(most.doubleValue()),
                bottleneck);
    }

    /** Σ weight·L / Σ weight; 0 when nothing has weight. */
    static double objective(AllocationProblem problem, List<WorkflowPrediction> predictions) {
        double weighted = 0;
        double weights = 0;
        for (int i = 0; i < predictions.size(); i++) {
            double weight = problem.workflows().get(i).weight();
            if (weight > 0) {
                weighted += weight * predictions.get(i).latencySeconds().orElse(Double.POSITIVE_INFINITY);
                weights += weight;
            }
        }
        return weights > 0 ? weighted / weights : 0;
    }
}
