package dev.scepsy.planner.predict;

import dev.scepsy.planner.predict.AggregateLlmPipeline.Serving;
import dev.scepsy.planner.share.Interval95;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How sure a predicted latency is: the spread of the statistics and the error of the profiles, propagated to first order
 * through the closed form.
 *
 * <pre>
 *   Var L_w = Σ_m (L_m · σ(κ_wm))² + (κ_wm · L_m · ε_m)² + (κ_wm · ΔL_m)²
 *   ΔL_m    = (L_m((λ_m + δ_m)/r_m) − L_m((λ_m − δ_m)/r_m)) / 2,    δ_m² = Σ_v (λ_v · σ(n_vm))²
 * </pre>
 *
 * <p>σ is half the width of a 95 % interval over 1.96, ε_m the relative error of m's profile. Errors are taken
 * as independent, and o as exact: what n and κ share, and what the engine model gets wrong for all models of one
 * card alike, makes the interval somewhat narrow.
 */
public final class PredictionIntervals {

    private static final double STANDARD_ERRORS = 1.959963984540054;

    private PredictionIntervals() {}

    /**
     * What is known of one model's part in a workflow.
     *
     * @param callsPerExecution interval of n
     * @param sequentialCalls interval of κ
     */
    public record Spread(Interval95 callsPerExecution, Interval95 sequentialCalls) {}

    /**
     * The 95 % interval of each workflow's latency, in the order of {@code workflows}; empty for a workflow of which a
     * model's spread is not known.
     *
     * @param servings by model name, every model that a workflow calls
     * @param relativeErrors ε by model name, standard error of the profile's latency over the latency
     * @param spreads by workflow name, then by model name
     */
    public static List<Optional<Interval95>> of(
            List<WorkflowDemand> workflows,
            Map<String, Serving> servings,
            Map<String, Double> relativeErrors,
            Map<String, Map<String, Spread>> spreads) {
        AggregateLlmPipeline pipeline = AggregateLlmPipeline.of(workflows);
        return workflows.stream()
                .map(workflow -> {
                    Map<String, Spread> known = spreads.getOrDefault(workflow.name(), Map.of());
                    if (!workflow.calls().stream().allMatch(calls -> known.containsKey(calls.model()))) {
                        return Optional.<Interval95>empty();
                    }
                    double mean = workflow.fixedSeconds();
                    double variance = 0;
                    for (ModelCalls calls : workflow.calls()) {
                        Serving serving = servings.get(calls.model());
                        Spread spread = known.get(calls.model());
                        if (serving == null || spread == null) {
                            throw new IllegalArgumentException("Nothing serves model (" + calls.model() + ").");
                        }
                        double load =
                                pipeline.requestsPerSecond(pipeline.models().indexOf(calls.model()));
                        double seconds = serving.meanLatencySeconds(load);
                        double error = relativeErrors.getOrDefault(calls.model(), 0.0);
                        double slope = slope(serving, load, loadError(workflows, calls.model(), spreads));
                        mean += calls.sequentialCalls() * seconds;
                        variance += square(seconds * standardError(spread.sequentialCalls()))
                                + square(calls.sequentialCalls() * seconds * error)
                                + square(calls.sequentialCalls() * slope);
                    }
                    double half = STANDARD_ERRORS * Math.sqrt(variance);
                    return Optional.of(new Interval95(Math.max(0, mean - half), mean + half));
                })
                .toList();
    }

    /** ΔL: half of what the latency changes over the load's standard error on both sides. */
    private static double slope(Serving serving, double load, double error) {
        double high = serving.meanLatencySeconds(load + error);
        double low = serving.meanLatencySeconds(Math.max(0, load - error));
        return (high - low) / 2;
    }

    /** δ: standard error of the model's load; workflows of unknown spread add none. */
    private static double loadError(
            List<WorkflowDemand> workflows, String model, Map<String, Map<String, Spread>> spreads) {
        double variance = 0;
        for (WorkflowDemand workflow : workflows) {
            Spread spread = spreads.getOrDefault(workflow.name(), Map.of()).get(model);
            if (spread != null) {
                variance += square(workflow.targetPerSecond() * standardError(spread.callsPerExecution()));
            }
        }
        return Math.sqrt(variance);
    }

    private static double standardError(Interval95 interval) {
        return (interval.high() - interval.low()) / (2 * STANDARD_ERRORS);
    }

    private static double square(double value) {
        return value * value;
    }
}
