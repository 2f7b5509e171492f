package dev.scepsy.planner.serve.loop;

import dev.scepsy.planner.allocation.WorkflowPrediction;
import dev.scepsy.planner.serve.journal.Proposal.MoveCost;
import dev.scepsy.planner.serve.loop.ClusterPort.Rehearsal;
import dev.scepsy.planner.serve.loop.ClusterPort.RehearsedStep;
import dev.scepsy.planner.serve.loop.PlanValue.ModelValue;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * What a move costs and what it is worth over the time until the next one.
 *
 * <pre>
 * GPU-seconds without service   Σ over steps of  t·f · seconds        (weights load, requests drain)
 * requests delayed              Σ over waves, models with fewer engines than least:  λ_m · S
 * seconds lost                  Σ likewise:  λ_m · S · (L_m(a) − L_m(least))            while a engines take the load
 *                                            x · S · (S / 2 + x · S / (2 μ))            where they do not
 * worth                         (H − T) · Σ_w λ_w · (before_w − after_w)  −  seconds lost
 * </pre>
 *
 * S: seconds of the wave; a: engines of the model that serve in it; least: the smaller of before and after; x = λ_m − a·saturation, what
 * queues; μ: saturation of {@code least} engines, which work the queue off. A workflow that what serves now cannot hold queues, too: its part of
 * the gain is x_w · (H² − T²) / 2. H is the horizon, T how long the move takes: it brings nothing before it is made. Engines that are added cost no request anything. All in request-seconds: time that requests wait.
 * Requests of one model are counted by its calls, those of a workflow once. See docs/decisions/2026-11-moving-costs.md.
 */
final class MoveCosts {

    private MoveCosts() {}

    /**
     * The cost of {@code move}.
     *
     * @param before what serves now at the new targets
     * @param after the plan at them
     * @param enginesBefore ready engines by model
     */
    static MoveCost of(
            Rehearsal move,
            PlanValue before,
            PlanValue after,
            Map<String, Integer> enginesBefore,
            double horizonSeconds) {
        Map<String, Integer> now = new HashMap<>(enginesBefore);
        double seconds = 0;
        double gpuSeconds = 0;
        double delayed = 0;
        double lost = 0;
        for (List<RehearsedStep> wave : move.waves()) {
            double waveSeconds =
                    wave.stream().mapToDouble(RehearsedStep::seconds).max().orElse(0);
            seconds += waveSeconds;
            for (RehearsedStep step : wave) {
                gpuSeconds += step.gpus() * step.seconds();
                if (!step.start()) {
                    now.merge(step.model(), -1, Integer::sum);
                }
            }
            for (Map.Entry<String, Integer> engines : now.entrySet()) {
                @Nullable ModelValue value = before.models().get(engines.getKey());
                @Nullable ModelValue then = after.models().get(engines.getKey());
                if (value == null) {
                    continue; // nobody calls it, or nothing is known of what runs
                }
                int least =
                        Math.min(enginesBefore.getOrDefault(engines.getKey(), 0), then == null ? 0 : then.replicas());
                int serving = Math.max(0, engines.getValue());
                if (serving < least) {
                    delayed += value.requestsPerSecond() * waveSeconds;
                    lost += lostSeconds(value, serving, least, waveSeconds);
                }
            }
            wave.stream().filter(RehearsedStep::start).forEach(step -> now.merge(step.model(), 1, Integer::sum));
        }
        return new MoveCost(
                move.moves(),
                seconds,
                gpuSeconds,
                delayed,
                gainSeconds(
                                before.predictions(),
                                after.predictions(),
                                horizonSeconds,
                                Math.min(seconds, horizonSeconds))
                        - lost,
                horizonSeconds);
    }

    private static double lostSeconds(ModelValue value, int serving, int least, double seconds) {
        double rate = value.requestsPerSecond();
        OptionalDouble slower = value.latencySeconds(serving);
        OptionalDouble usual = value.latencySeconds(least);
        if (slower.isPresent()) {
            return rate * seconds * Math.max(0, slower.getAsDouble() - usual.orElse(slower.getAsDouble()));
        }
        double saturation = value.profile().saturationRequestsPerSecond();
        double queueing = Math.max(0, rate - serving * saturation) * seconds;
        return queueing * (seconds / 2 + queueing / (2 * Math.max(1, least) * saturation));
    }

    private static double gainSeconds(
            List<WorkflowPrediction> before,
            List<WorkflowPrediction> after,
            double horizonSeconds,
            double moveSeconds) {
        double gain = 0;
        for (int w = 0; w < before.size(); w++) {
            double rate = before.get(w).targetPerSecond();
            if (before.get(w).overloaded()) {
                double queueing = Math.max(
                        0, rate - before.get(w).maxThroughputPerSecond().orElse(rate));
                gain += queueing * (horizonSeconds * horizonSeconds - moveSeconds * moveSeconds) / 2;
            } else if (after.get(w).latencySeconds().isPresent()) {
                gain += rate
                        * (horizonSeconds - moveSeconds)
                        * (before.get(w).latencySeconds().getAsDouble()
                                - after.get(w).latencySeconds().getAsDouble());
            }
        }
        return gain;
    }
}
