package dev.scepsy.planner.search;

import dev.scepsy.planner.allocation.WorkflowPrediction;
import dev.scepsy.planner.predict.AggregateLlmPipeline;
import dev.scepsy.planner.predict.AggregateLlmPipeline.Serving;
import dev.scepsy.planner.predict.WorkflowDemand;
import dev.scepsy.planner.search.choice.AllocationProblem;
import dev.scepsy.planner.search.choice.Choice;
import dev.scepsy.planner.search.choice.ChoiceSpace;
import dev.scepsy.planner.search.choice.Load;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What the closed form says of each workflow under chosen shapes and replicas. */
final class Predictions {

    private Predictions() {}

    static List<WorkflowPrediction> of(ChoiceSpace space, List<Choice> plan) {
        Map<String, Serving> servings = new HashMap<>();
        for (int model = 0; model < plan.size(); model++) {
            Choice choice = plan.get(model);
            servings.put(space.model(model).name(), new Serving(choice.shape().profile(), choice.replicas()));
        }
        List<WorkflowDemand> demands = space.problem().workflows().stream()
                .map(Predictions::withoutUnused)
                .toList();
        return AggregateLlmPipeline.of(demands)
                .predict(servings, space.problem().maxUtilisation());
    }

    private static WorkflowDemand withoutUnused(WorkflowDemand workflow) {
        return workflow.withCalls(workflow.calls().stream().filter(Load::uses).toList());
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
