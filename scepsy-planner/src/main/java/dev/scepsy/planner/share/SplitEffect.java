package dev.scepsy.planner.share;

import java.util.List;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * How far telling the roles c of a model m apart changes what the engine model says at a reference allocation, where T is seconds of
 * a call beside mean calls:
 *
 * <pre>
 * latency  |Σ_c κ_c T_c − κ_m T_m| / (o + Σ_k κ_k T_k)     of the workflow's mean latency
 * demand   |Σ_c n_c T_c − n_m T_m| / n_m T_m               of what the model is asked for
 * </pre>
 *
 * The latency is the one without roles, other models k by the engine model too, or by their measured duration where it does not know them.
 *
 * @param latency relative, 0 or more
 * @param demand relative, 0 or more
 */
public record SplitEffect(double latency, double demand) {

    /** Change of either from which roles are kept: a plan's own prediction is no more exact (docs/accuracy.md). */
    public static final double LEAST = 0.05;

    /** Whether it is enough to plan with. */
    public boolean matters() {
        return latency >= LEAST || demand >= LEAST;
    }

    /** Null where the engine model does not speak of all classes, or the model's calls take no time. */
    static @Nullable SplitEffect of(
            WorkflowStatistics workflow,
            ModelStatistics model,
            List<CallClass> classes,
            Demands.EngineSecondsPerCall engine) {
        List<OptionalDouble> seconds = engine.ofClasses(model, classes);
        OptionalDouble mean = engine.of(model);
        if (mean.isEmpty()
                || seconds.size() != classes.size()
                || seconds.stream().anyMatch(OptionalDouble::isEmpty)) {
            return null;
        }
        double path = 0;
        double load = 0;
        for (int c = 0; c < classes.size(); c++) {
            path += classes.get(c).sequentialCalls() * seconds.get(c).orElse(0);
            load += classes.get(c).callsPerExecution() * seconds.get(c).orElse(0);
        }
        double meanPath = model.sequentialCalls() * mean.orElse(0);
        double meanLoad = model.callsPerExecution() * mean.orElse(0);
        double latency = workflow.otherSeconds();
        for (ModelStatistics each : workflow.models()) {
            OptionalDouble known = engine.of(each);
            latency += each.sequentialCalls() * (known.isPresent() ? known : each.meanCallSeconds()).orElse(0);
        }
        return latency > 0 && meanLoad > 0
                ? new SplitEffect(Math.abs(path - meanPath) / latency, Math.abs(load - meanLoad) / meanLoad)
                : null;
    }
}
