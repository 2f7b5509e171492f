package dev.scepsy.planner.planning;

import dev.scepsy.planner.allocation.Objective;
import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.search.choice.AllocationProblem;
import dev.scepsy.planner.search.choice.SearchLimits;
import dev.scepsy.planner.search.explain.WhatIf;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Supplier;

/**
 * What a plan is to be best at, how sure its demands are to be, how hard to search, and what else to find out. Immutable.
 *
 * <pre>{@code
 * PlanningOptions options = PlanningOptions.builder().objective(Objective.GPUS).maxUtilisation(0.7).build();
 * }</pre>
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
 * @param explained whether the result says why the plan is as it is, and what its placement means; costs up to as much as the search
 * @param whatIfs changes to plan with as well, by what the answer is to call them
 * @param pins what the plan must give some models, at most one each; they bind {@code whatIfs} too
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
        boolean explained,
        Map<String, WhatIf> whatIfs,
        List<PinnedShape> pins) {

    /** Nothing pinned. */
    public PlanningOptions(
            Objective objective,
            Map<String, Double> latencyLimitSeconds,
            OptionalDouble quantile,
            double maxUtilisation,
            Supplier<SearchLimits> limits,
            int simulatedPlans,
            long seed,
            Optional<Plan> current,
            boolean nodeFailures,
            boolean explained,
            Map<String, WhatIf> whatIfs) {
        this(
                objective,
                latencyLimitSeconds,
                quantile,
                maxUtilisation,
                limits,
                simulatedPlans,
                seed,
                current,
                nodeFailures,
                explained,
                whatIfs,
                List.of());
    }

    public PlanningOptions {
        pins = List.copyOf(pins);
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
        return builder().build();
    }

    /** Begins with {@link #standard()}. */
    public static Builder builder() {
        return new Builder();
    }

    /** Collects the options; what each means stands at {@link PlanningOptions}. Not thread-safe. */
    public static final class Builder {
        private Objective objective = Objective.LATENCY;
        private Map<String, Double> latencyLimitSeconds = Map.of();
        private OptionalDouble quantile = OptionalDouble.empty();
        private double maxUtilisation = AllocationProblem.DEFAULT_MAX_UTILISATION;
        private Supplier<SearchLimits> limits = SearchLimits::standard;
        private int simulatedPlans;
        private long seed;
        private Optional<Plan> current = Optional.empty();
        private boolean nodeFailures;
        private boolean explained = true;
        private Map<String, WhatIf> whatIfs = Map.of();
        private List<PinnedShape> pins = List.of();

        private Builder() {}

        public Builder objective(Objective objective) {
            this.objective = objective;
            return this;
        }

        public Builder latencyLimitSeconds(Map<String, Double> byWorkflow) {
            this.latencyLimitSeconds = byWorkflow;
            return this;
        }

        public Builder quantile(OptionalDouble quantile) {
            this.quantile = quantile;
            return this;
        }

        public Builder maxUtilisation(double maxUtilisation) {
            this.maxUtilisation = maxUtilisation;
            return this;
        }

        public Builder limits(Supplier<SearchLimits> limits) {
            this.limits = limits;
            return this;
        }

        /** So many plans on executions drawn by {@code seed}. */
        public Builder simulatedPlans(int plans, long seed) {
            this.simulatedPlans = plans;
            this.seed = seed;
            return this;
        }

        public Builder current(Optional<Plan> serving) {
            this.current = serving;
            return this;
        }

        public Builder nodeFailures(boolean always) {
            this.nodeFailures = always;
            return this;
        }

        public Builder explained(boolean explained) {
            this.explained = explained;
            return this;
        }

        public Builder whatIfs(Map<String, WhatIf> byName) {
            this.whatIfs = byName;
            return this;
        }

        public Builder pins(List<PinnedShape> byModel) {
            this.pins = byModel;
            return this;
        }

        /** @throws IllegalArgumentException naming the value outside its range */
        public PlanningOptions build() {
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
                    explained,
                    whatIfs,
                    pins);
        }
    }
}
