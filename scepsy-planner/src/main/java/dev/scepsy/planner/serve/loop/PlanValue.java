package dev.scepsy.planner.serve.loop;

import dev.scepsy.planner.allocation.LlmAllocation;
import dev.scepsy.planner.allocation.WorkflowPrediction;
import dev.scepsy.planner.predict.AggregateLlmPipeline;
import dev.scepsy.planner.predict.AggregateLlmPipeline.Serving;
import dev.scepsy.planner.predict.ModelCalls;
import dev.scepsy.planner.predict.PredictionIntervals;
import dev.scepsy.planner.predict.WorkflowDemand;
import dev.scepsy.planner.problem.PlanningProblem;
import dev.scepsy.planner.profile.LatencyProfile;
import dev.scepsy.planner.share.Interval95;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What allocations are worth under given demands, by the closed form that the search uses. Immutable.
 *
 * @param predictions one per workflow, in the order of the demands
 * @param latencySeconds Σ weight·L / Σ weight; empty where a workflow with weight or load is overloaded
 * @param whyNot why the targets or limits do not hold, sentences; empty: they do
 * @param models by model that something serves
 * @param intervals by workflow: where its latency lies with 95 % certainty, where that is known
 */
record PlanValue(
        List<WorkflowPrediction> predictions,
        OptionalDouble latencySeconds,
        List<String> whyNot,
        Map<String, ModelValue> models,
        Map<String, Interval95> intervals) {

    /**
     * One model under its load.
     *
     * @param requestsPerSecond λ_m
     * @param utilisation λ_m / (r · saturation)
     * @param latencySeconds L_m
     */
    record ModelValue(
            LatencyProfile profile, int replicas, double requestsPerSecond, double utilisation, double latencySeconds) {

        /** L with other replicas; empty where they cannot take the load. */
        OptionalDouble latencySeconds(int others) {
            return others < 1 || requestsPerSecond > others * profile.saturationRequestsPerSecond()
                    ? OptionalDouble.empty()
                    : OptionalDouble.of(profile.meanLatencySeconds(requestsPerSecond / others, others));
        }
    }

    PlanValue {
        predictions = List.copyOf(predictions);
        whyNot = List.copyOf(whyNot);
        models = Map.copyOf(models);
        intervals = Map.copyOf(intervals);
    }

    boolean holds() {
        return whyNot.isEmpty();
    }

    /** @param limits latency limits by workflow, s */
    static PlanValue of(PlanningProblem problem, List<LlmAllocation> allocations, Map<String, Double> limits) {
        return of(problem, problem.demands(), allocations, limits);
    }

    private static PlanValue of(
            PlanningProblem problem,
            List<WorkflowDemand> demands,
            List<LlmAllocation> allocations,
            Map<String, Double> limits) {
        Map<String, Serving> servings = new HashMap<>();
        List<String> whyNot = new ArrayList<>();
        for (LlmAllocation allocation : allocations) {
            problem.model(allocation.model())
                    .flatMap(model -> problem.profile(
                            model, allocation.gpu(), allocation.tensorParallel(), allocation.gpuFraction()))
                    .ifPresent(
                            profile -> servings.put(allocation.model(), new Serving(profile, allocation.replicas())));
        }
        List<WorkflowDemand> served = demands.stream()
                .map(PlanValue::used)
                .filter(demand -> demand.calls().stream().allMatch(calls -> servings.containsKey(calls.model())))
                .toList();
        AggregateLlmPipeline pipeline = AggregateLlmPipeline.of(served);
        Map<String, WorkflowPrediction> known = new HashMap<>();
        pipeline.predict(servings, 1).forEach(prediction -> known.put(prediction.workflow(), prediction));
        List<WorkflowPrediction> predictions = new ArrayList<>();
        double weighted = 0;
        double weights = 0;
        boolean overloaded = false;
        for (WorkflowDemand demand : demands) {
            WorkflowPrediction prediction =
                    Optional.ofNullable(known.get(demand.name())).orElseGet(() -> unserved(demand, servings));
            predictions.add(prediction);
            if (prediction.overloaded()) {
                overloaded |= demand.weight() > 0 || demand.targetPerSecond() > 0;
                whyNot.add(
                        "Workflow (" + demand.name() + ") cannot have its " + Sentences.number(demand.targetPerSecond())
                                + "/s: "
                                + (prediction.bottleneck() == null
                                        ? "nothing serves it"
                                        : prediction.bottleneck() + " is at its limit")
                                + ".");
            } else {
                double latency = prediction.latencySeconds().getAsDouble();
                weighted += demand.weight() * latency;
                weights += demand.weight();
                double limit = limits.getOrDefault(
                        demand.name(), demand.latencyLimitSeconds().orElse(Double.MAX_VALUE));
                if (latency > limit) {
                    whyNot.add("Workflow (" + demand.name() + ") takes " + Sentences.seconds(latency)
                            + ", above its limit of " + Sentences.seconds(limit) + ".");
                }
            }
        }
        return new PlanValue(
                predictions,
                overloaded || weights == 0 ? OptionalDouble.empty() : OptionalDouble.of(weighted / weights),
                whyNot,
                models(pipeline, servings),
                intervals(problem, served, known, servings, allocations));
    }

    /** Of workflows that are not overloaded: beyond saturation the closed form says nothing. */
    private static Map<String, Interval95> intervals(
            PlanningProblem problem,
            List<WorkflowDemand> served,
            Map<String, WorkflowPrediction> known,
            Map<String, Serving> servings,
            List<LlmAllocation> allocations) {
        Map<String, Double> errors = new HashMap<>();
        for (LlmAllocation allocation : allocations) {
            problem.model(allocation.model())
                    .ifPresent(model -> errors.put(
                            model.name(),
                            problem.relativeError(
                                    model, allocation.gpu(), allocation.tensorParallel(), allocation.gpuFraction())));
        }
        boolean overloaded = known.values().stream().anyMatch(WorkflowPrediction::overloaded);
        List<Optional<Interval95>> sure =
                overloaded ? List.of() : PredictionIntervals.of(served, servings, errors, problem.spreads());
        Map<String, Interval95> intervals = new HashMap<>();
        for (int w = 0; w < sure.size(); w++) {
            String workflow = served.get(w).name();
            sure.get(w).ifPresent(interval -> intervals.put(workflow, interval));
        }
        return intervals;
    }

    private static WorkflowDemand used(WorkflowDemand demand) {
        return demand.withCalls(demand.calls().stream()
                .filter(calls -> calls.callsPerExecution() > 0)
                .toList());
    }

    private static WorkflowPrediction unserved(WorkflowDemand demand, Map<String, Serving> servings) {
        String missing = demand.calls().stream()
                .map(ModelCalls::model)
                .filter(model -> !servings.containsKey(model))
                .findFirst()
                .orElseThrow();
        return new WorkflowPrediction(
                demand.name(), demand.targetPerSecond(), OptionalDouble.empty(), OptionalDouble.of(0), missing);
    }

    private static Map<String, ModelValue> models(AggregateLlmPipeline pipeline, Map<String, Serving> servings) {
        Map<String, ModelValue> models = new HashMap<>();
        for (int m = 0; m < pipeline.models().size(); m++) {
            Serving serving = servings.get(pipeline.models().get(m));
            if (serving != null) {
                double rate = pipeline.requestsPerSecond(m);
                LatencyProfile profile = serving.profile();
                models.put(
                        pipeline.models().get(m),
                        new ModelValue(
                                profile,
                                serving.replicas(),
                                rate,
                                rate / (serving.replicas() * profile.saturationRequestsPerSecond()),
                                profile.meanLatencySeconds(rate / serving.replicas(), serving.replicas())));
            }
        }
        return models;
    }

    /** The prediction for {@code workflow}; empty where the demands have none. */
    Optional<WorkflowPrediction> prediction(String workflow) {
        return predictions.stream()
                .filter(prediction -> prediction.workflow().equals(workflow))
                .findFirst();
    }
}
