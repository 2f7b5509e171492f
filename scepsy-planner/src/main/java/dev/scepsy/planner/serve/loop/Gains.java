package dev.scepsy.planner.serve.loop;

import dev.scepsy.planner.allocation.LlmAllocation;
import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.allocation.WorkflowPrediction;
import dev.scepsy.planner.problem.PlanningProblem;
import dev.scepsy.planner.serve.journal.Proposal.Gain;
import dev.scepsy.planner.serve.journal.Proposal.WorkflowGain;
import dev.scepsy.planner.share.Interval95;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** What a plan brings against what serves now, by the closed form. */
final class Gains {

    private Gains() {}

    static Gain of(PlanningProblem problem, PlanValue before, PlanValue after, List<LlmAllocation> serving, Plan plan) {
        List<WorkflowGain> workflows = new ArrayList<>();
        for (int w = 0; w < problem.demands().size(); w++) {
            WorkflowPrediction was = before.predictions().get(w);
            WorkflowPrediction will = after.predictions().get(w);
            workflows.add(new WorkflowGain(
                    was.workflow(),
                    was.targetPerSecond(),
                    orNull(was.latencySeconds()),
                    orNull(will.latencySeconds()),
                    orNull(was.maxThroughputPerSecond()),
                    orNull(will.maxThroughputPerSecond()),
                    pair(before.intervals().get(was.workflow())),
                    pair(after.intervals().get(was.workflow()))));
        }
        double afterSeconds = after.latencySeconds().orElse(plan.objectiveSeconds());
        double relative = before.holds() && before.latencySeconds().isPresent()
                ? relative(before.latencySeconds().getAsDouble(), afterSeconds)
                : 1;
        return new Gain(
                before.holds() ? orNull(before.latencySeconds()) : null,
                afterSeconds,
                relative,
                serving.stream().mapToDouble(LlmAllocation::gpus).sum(),
                plan.gpusUsed(),
                workflows);
    }

    private static @Nullable List<Double> pair(@Nullable Interval95 interval) {
        return interval == null ? null : List.of(interval.low(), interval.high());
    }

    static double relative(double before, double after) {
        return before > 0 ? (before - after) / before : 0;
    }

    static @Nullable Double orNull(OptionalDouble value) {
        return value.isPresent() && Double.isFinite(value.getAsDouble()) ? (Double) value.getAsDouble() : null;
    }
}
