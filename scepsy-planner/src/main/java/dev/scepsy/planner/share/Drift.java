package dev.scepsy.planner.share;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/**
 * A change of one estimate between two windows that is significant and large enough to change a plan.
 *
 * <p>Significant: z = |after − before| / √(σ²_before + σ²_after) exceeds the two-sided 5 % bound after Bonferroni's correction for
 * the number of estimates compared, each σ being its 95 % interval's width over 2 · 1.96. Large: a share of the execution time that
 * changes by at least {@value #LARGE_SHARE_CHANGE}, or n, p or κ, which enter load and latency in proportion, by at least
 * {@value #LARGE_RELATIVE_CHANGE} of what it was. Models that appear or vanish have drifted if their share is as large.
 *
 * @param workflow the workflow
 * @param model the model
 * @param estimate which of its estimates
 * @param before its value in the earlier window, 0 where the model was not called
 * @param after its value in the later one, 0 where the model is not called any more
 */
public record Drift(String workflow, String model, Estimate estimate, double before, double after) {

    /** What may drift. */
    public enum Estimate {
        CALLS_PER_EXECUTION,
        PARALLELISM,
        SEQUENTIAL_CALLS,
        EXECUTION_SHARE
    }

    /** Relative change from which a plan is expected to differ: one step of the usual grid of fractions, and some. */
    public static final double LARGE_RELATIVE_CHANGE = 0.15;

    /** Absolute change of a share of the execution time from which a plan is expected to differ. */
    public static final double LARGE_SHARE_CHANGE = 0.05;

    private static final double INTERVAL_TO_DEVIATION = 2 * 1.96;

    /** Changes from {@code before} to {@code after}, in the order of workflows and models; none where data do not suffice. */
    public static List<Drift> between(WorkflowShares before, WorkflowShares after) {
        Map<String, WorkflowStatistics> earlier = before.workflows().stream()
                .collect(Collectors.toMap(WorkflowStatistics::name, Function.identity(), (first, second) -> first));
        List<Drift> drifts = new ArrayList<>();
        for (WorkflowStatistics workflow : after.workflows()) {
            WorkflowStatistics reference = earlier.get(workflow.name());
            if (reference != null && !reference.notEnoughData() && !workflow.notEnoughData()) {
                compare(reference, workflow, drifts);
            }
        }
        return drifts;
    }

    private static void compare(WorkflowStatistics before, WorkflowStatistics after, List<Drift> drifts) {
        Map<String, ModelStatistics> earlier = byName(before);
        Map<String, ModelStatistics> later = byName(after);
        double bound = significance(Math.max(1, later.size() * Estimate.values().length));
        for (ModelStatistics model : after.models()) {
            ModelStatistics reference = earlier.get(model.model());
            if (reference == null) {
                if (model.executionShare().orElse(0) >= LARGE_SHARE_CHANGE) {
                    drifts.add(new Drift(
                            after.name(), model.model(), Estimate.CALLS_PER_EXECUTION, 0, model.callsPerExecution()));
                }
                continue;
            }
            for (Estimate estimate : Estimate.values()) {
                double was = value(estimate).applyAsDouble(reference);
                double is = value(estimate).applyAsDouble(model);
                if (isLarge(estimate, was, is)
                        && isSignificant(estimate, reference, model, Math.abs(is - was), bound)) {
                    drifts.add(new Drift(after.name(), model.model(), estimate, was, is));
                }
            }
        }
        for (ModelStatistics model : before.models()) {
            if (!later.containsKey(model.model()) && model.executionShare().orElse(0) >= LARGE_SHARE_CHANGE) {
                drifts.add(new Drift(
                        after.name(), model.model(), Estimate.CALLS_PER_EXECUTION, model.callsPerExecution(), 0));
            }
        }
    }

    private static boolean isLarge(Estimate estimate, double before, double after) {
        return estimate == Estimate.EXECUTION_SHARE
                ? Math.abs(after - before) >= LARGE_SHARE_CHANGE
                : Math.abs(after - before) >= LARGE_RELATIVE_CHANGE * Math.abs(before);
    }

    private static boolean isSignificant(
            Estimate estimate, ModelStatistics before, ModelStatistics after, double change, double bound) {
        Optional<Interval95> earlier = before.interval95().flatMap(interval(estimate));
        Optional<Interval95> later = after.interval95().flatMap(interval(estimate));
        if (earlier.isEmpty() || later.isEmpty()) {
            return false;
        }
        return change > bound * Math.hypot(deviation(earlier.get()), deviation(later.get()));
    }

    private static double deviation(Interval95 interval) {
        return (interval.high() - interval.low()) / INTERVAL_TO_DEVIATION;
    }

    /** z beyond which one of {@code comparisons} would go by chance in 5 % of cases: P(|Z| > z) <= 2 exp(-z²/2). */
    private static double significance(int comparisons) {
        return Math.sqrt(2 * Math.log(2 * comparisons / 0.05));
    }

    private static ToDoubleFunction<ModelStatistics> value(Estimate estimate) {
        return switch (estimate) {
            case CALLS_PER_EXECUTION -> ModelStatistics::callsPerExecution;
            case PARALLELISM -> ModelStatistics::parallelism;
            case SEQUENTIAL_CALLS -> ModelStatistics::sequentialCalls;
            case EXECUTION_SHARE -> model -> model.executionShare().orElse(0);
        };
    }

    private static Function<ModelStatistics.Intervals, Optional<Interval95>> interval(Estimate estimate) {
        return switch (estimate) {
            case CALLS_PER_EXECUTION -> ModelStatistics.Intervals::callsPerExecution;
            case PARALLELISM -> ModelStatistics.Intervals::parallelism;
            case SEQUENTIAL_CALLS -> ModelStatistics.Intervals::sequentialCalls;
            case EXECUTION_SHARE -> ModelStatistics.Intervals::executionShare;
        };
    }

    private static Map<String, ModelStatistics> byName(WorkflowStatistics workflow) {
        return workflow.models().stream()
                .collect(Collectors.toMap(ModelStatistics::model, Function.identity(), (first, second) -> first));
    }
}
