package dev.scepsy.planner.planning;

import dev.scepsy.planner.allocation.Objective;
import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.search.choice.AllocationProblem;
import dev.scepsy.planner.search.choice.SearchLimits;
import dev.scepsy.planner.search.explain.WhatIf;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Supplier;

/**
 * What a plan is to be best at, how sure its demands are to be, how hard to search, and what else to find out. Immutable; start
 * from {@link #standard()}.
 *
 * @param objective what makes one plan better than another
 * @param latencyLimitSeconds highest mean latency by workflow, above 0; replaces the limits of the statistics' file
 * @param quantile of the estimates of calls and sequential calls that is planned for, in (0, 1); empty: their means
 * @param maxUtilisation highest planned utilisation of a replica, in (0, 1]
 * @param limits asked anew for every search, so that limits on time count from its beginning
 * @param simulatedPlans how many plans near the best are simulated, the best included; 0: none, the closed form decides alone
 * @param seed of the simulated executions
 * @param current the plan that serves now: of equally good placements the one that moves the fewest of its replicas is taken
 * @param nodeFailures whether the failure of every node is looked at on large clusters too, where that takes long
 * @param whatIfs changes to plan with as well, by what the answer is to call them
 */
public record PlanningOptions(
        Objective objective,
        Map<String, Double> latencyLimitSeconds,
        OptionalDouble quantile,
        double maxUtilisation,
        Supplier<SearchLimits> limits,
        int simulatedPlans,
        long seed,
        Optional<Plan> current,
        boolean nodeFailures,
        Map<String, WhatIf> whatIfs) {

    private static final PlanningOptions STANDARD = new PlanningOptions(
            Objective.LATENCY,
            Map.of(),
            OptionalDouble.empty(),
            AllocationProblem.DEFAULT_MAX_UTILISATION,
            SearchLimits::standard,
            0,
            0,
            Optional.empty(),
            false,
            Map.of());

    public PlanningOptions {
        latencyLimitSeconds = Map.copyOf(latencyLimitSeconds);
        whatIfs = Collections.unmodifiableMap(new LinkedHashMap<>(whatIfs));
        if (simulatedPlans < 0) {
            throw new IllegalArgumentException("The simulatedPlans (" + simulatedPlans + ") must be 0 or more.");
        }
        if (quantile.isPresent() && !(quantile.getAsDouble() > 0 && quantile.getAsDouble() < 1)) {
            throw new IllegalArgumentException("The quantile (" + quantile.getAsDouble() + ") must lie in (0, 1).");
        }
        if (!(maxUtilisation > 0 && maxUtilisation <= 1)) {
            throw new IllegalArgumentException("The maxUtilisation (" + maxUtilisation + ") must lie in (0, 1].");
        }
        latencyLimitSeconds.forEach((workflow, seconds) -> {
            if (!(seconds > 0)) {
                throw new IllegalArgumentException("The latency limit of workflow (" + workflow + ") is " + seconds
                        + " and must be above 0 seconds.");
            }
        });
    }

    /** The least latency at the targets with 15 % headroom, by the means of the statistics and the closed form. */
    public static PlanningOptions standard() {
        return STANDARD;
    }

    /** The same with another objective. */
    public PlanningOptions withObjective(Objective other) {
        return new PlanningOptions(
                other,
                latencyLimitSeconds,
                quantile,
                maxUtilisation,
                limits,
                simulatedPlans,
                seed,
                current,
                nodeFailures,
                whatIfs);
    }

    /** The same with limits of workflows' latencies. */
    public PlanningOptions withLatencyLimits(Map<String, Double> seconds) {
        return new PlanningOptions(
                objective,
                seconds,
                quantile,
                maxUtilisation,
                limits,
                simulatedPlans,
                seed,
                current,
                nodeFailures,
                whatIfs);
    }

    /** The same for a quantile of the statistics' estimates. */
    public PlanningOptions withQuantile(OptionalDouble other) {
        return new PlanningOptions(
                objective,
                latencyLimitSeconds,
                other,
                maxUtilisation,
                limits,
                simulatedPlans,
                seed,
                current,
                nodeFailures,
                whatIfs);
    }

    /** The same with another headroom. */
    public PlanningOptions withMaxUtilisation(double other) {
        return new PlanningOptions(
                objective,
                latencyLimitSeconds,
                quantile,
                other,
                limits,
                simulatedPlans,
                seed,
                current,
                nodeFailures,
                whatIfs);
    }

    /** The same with another bound on the search's work. */
    public PlanningOptions withLimits(Supplier<SearchLimits> other) {
        return new PlanningOptions(
                objective,
                latencyLimitSeconds,
                quantile,
                maxUtilisation,
                other,
                simulatedPlans,
                seed,
                current,
                nodeFailures,
                whatIfs);
    }

    /** The same with so many simulated plans of executions drawn by {@code drawnBy}. */
    public PlanningOptions withSimulatedPlans(int plans, long drawnBy) {
        return new PlanningOptions(
                objective,
                latencyLimitSeconds,
                quantile,
                maxUtilisation,
                limits,
                plans,
                drawnBy,
                current,
                nodeFailures,
                whatIfs);
    }

    /** The same beside what serves now. */
    public PlanningOptions withCurrent(Optional<Plan> serving) {
        return new PlanningOptions(
                objective,
                latencyLimitSeconds,
                quantile,
                maxUtilisation,
                limits,
                simulatedPlans,
                seed,
                serving,
                nodeFailures,
                whatIfs);
    }

    /** The same with the failures of nodes looked at whatever the cluster's size. */
    public PlanningOptions withNodeFailures(boolean always) {
        return new PlanningOptions(
                objective,
                latencyLimitSeconds,
                quantile,
                maxUtilisation,
                limits,
                simulatedPlans,
                seed,
                current,
                always,
                whatIfs);
    }

    /** The same with changes to plan with as well. */
    public PlanningOptions withWhatIfs(Map<String, WhatIf> changes) {
        return new PlanningOptions(
                objective,
                latencyLimitSeconds,
                quantile,
                maxUtilisation,
                limits,
                simulatedPlans,
                seed,
                current,
                nodeFailures,
                changes);
    }
}
