package dev.scepsy.planner.problem;

import dev.scepsy.planner.predict.ModelCalls;
import dev.scepsy.planner.predict.WorkflowDemand;
import dev.scepsy.planner.share.Interval95;
import dev.scepsy.planner.share.ModelStatistics;
import dev.scepsy.planner.stat.Normal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Demands at a quantile of what the statistics leave open, for plans that hold when the means were a little too kind.
 *
 * <p>An estimate with a 95 % interval [low, high] around its mean counts as split normal: its q-quantile is
 * mean + (high − mean)·z(q)/z(0.975) for q ≥ 1/2, and mean − (mean − low)·z(q)/z(0.025) below. Calls n and sequential calls
 * κ of every model are taken at their quantiles together, which errs on the safe side. Estimates without an interval stay
 * at their mean and are named.
 *
 * @param demands in the order of the workflows file
 * @param withoutInterval "model of workflow" for each estimate without interval
 */
public record RobustDemands(List<WorkflowDemand> demands, List<String> withoutInterval) {

    private static final double HALF_WIDTH = 1.959963984540054;

    public RobustDemands {
        demands = List.copyOf(demands);
        withoutInterval = List.copyOf(withoutInterval);
    }

    static RobustDemands of(List<Demands.Resolved> resolved, double quantile) {
        double z = Normal.quantile(quantile) / HALF_WIDTH;
        List<WorkflowDemand> demands = new ArrayList<>();
        List<String> withoutInterval = new ArrayList<>();
        for (Demands.Resolved workflow : resolved) {
            demands.add(of(workflow, z, withoutInterval));
        }
        return new RobustDemands(demands, withoutInterval);
    }

    private static WorkflowDemand of(Demands.Resolved workflow, double z, List<String> withoutInterval) {
        WorkflowDemand demand = workflow.demand();
        Map<String, ModelCalls> selfHosted = new HashMap<>();
        demand.calls().forEach(calls -> selfHosted.put(calls.model(), calls));
        List<ModelCalls> robust = new ArrayList<>();
        double externalSeconds = demand.externalSeconds();
        for (ModelStatistics statistics : workflow.models()) {
            Optional<ModelStatistics.Intervals> intervals = statistics.interval95();
            Optional<Interval95> ofCalls = intervals.flatMap(ModelStatistics.Intervals::callsPerExecution);
            Optional<Interval95> ofSequential = intervals.flatMap(ModelStatistics.Intervals::sequentialCalls);
            if (ofCalls.isEmpty() || ofSequential.isEmpty()) {
                withoutInterval.add(statistics.model() + " of " + demand.name());
            }
            double calls = at(statistics.callsPerExecution(), ofCalls, z);
            double sequential = at(statistics.sequentialCalls(), ofSequential, z);
            ModelCalls mean = selfHosted.get(statistics.model());
            if (mean != null) {
                // another form than the measured one counts sequential calls as a part of the calls
                boolean measured = mean.sequentialCalls() == statistics.sequentialCalls();
                double scaled = statistics.callsPerExecution() > 0
                        ? mean.sequentialCalls() * calls / statistics.callsPerExecution()
                        : mean.sequentialCalls();
                robust.add(new ModelCalls(mean.model(), calls, measured ? sequential : scaled));
            } else {
                externalSeconds += (sequential - statistics.sequentialCalls())
                        * statistics.meanCallSeconds().orElse(0);
            }
        }
        return new WorkflowDemand(
                demand.name(),
                demand.targetPerSecond(),
                demand.weight(),
                demand.otherSeconds(),
                Math.max(0, externalSeconds),
                robust,
                demand.latencyLimitSeconds());
    }

    private static double at(double mean, Optional<Interval95> interval, double z) {
        if (interval.isEmpty()) {
            return mean;
        }
        double half = z >= 0
                ? Math.max(0, interval.get().high() - mean)
                : Math.max(0, mean - interval.get().low());
        return Math.max(0, mean + half * z);
    }
}
