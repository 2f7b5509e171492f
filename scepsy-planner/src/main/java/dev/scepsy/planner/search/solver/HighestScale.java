package dev.scepsy.planner.search.solver;

import dev.scepsy.planner.search.choice.AllocationProblem;
import dev.scepsy.planner.search.choice.Choice;
import dev.scepsy.planner.search.choice.ChoiceSpace;
import dev.scepsy.planner.search.choice.Load;
import dev.scepsy.planner.search.choice.Placeability;
import dev.scepsy.planner.search.choice.SearchLimits;
import dev.scepsy.planner.search.choice.SpaceShape;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;
import java.util.OptionalDouble;
import java.util.TreeSet;

/**
 * The largest factor on all targets at which a plan still exists.
 *
 * <p>Feasibility falls with the factor σ. Without latency limits, needs change only where some shape wants one replica
 * more, that is at σ = r·saturation·maxUtilisation / λ_m: bisecting these finitely many breakpoints is exact. With limits,
 * or with more than {@value SolverConstants#MOST_BREAKPOINTS} breakpoints, factors are bisected; each plan met moves the lower end to the
 * largest factor which that very plan still sustains, so the lower end is always some plan's own, and the answer is
 * within the width that is left.
 */
public final class HighestScale {

    /**
     * What came out.
     *
     * @param scale largest factor known to fit; empty: nothing could be placed at any load
     * @param bound no larger factor fits
     */
    public record Reach(OptionalDouble scale, double bound) {}

    private final AllocationProblem problem;
    private final Placeability placeability;
    private final ChoiceSpace space;
    private final long nodes;
    private final SearchLimits.Stop stop;
    private double bound = Double.POSITIVE_INFINITY;

    private HighestScale(
            AllocationProblem problem, Placeability.Factory placement, long nodes, SearchLimits.Stop stop) {
        this.problem = problem;
        this.space = ChoiceSpace.of(problem, 1);
        this.placeability = placement.on(problem.cluster(), space.placementShapes());
        this.nodes = nodes;
        this.stop = stop;
    }

    /** Looks for the factor; {@code nodes} partial plans may be looked at for each question. */
    public static Reach of(
            AllocationProblem problem, Placeability.Factory placement, long nodes, SearchLimits.Stop stop) {
        return new HighestScale(problem, placement, nodes, stop).reach();
    }

    private Reach reach() {
        long counts = space.shapes().stream().mapToLong(SpaceShape::most).sum();
        boolean few = counts <= SolverConstants.MOST_BREAKPOINTS;
        OptionalDouble scale = few && space.latencyLimits().isEmpty()
                ? byBreakpoints()
                : byWidth(
                        few ? SolverConstants.SCALE_WIDTH : SolverConstants.LARGE_SCALE_WIDTH,
                        few ? nodes : Math.min(nodes, SolverConstants.LARGE_SCALE_NODES));
        return new Reach(scale, Math.max(bound, scale.orElse(0)));
    }

    private OptionalDouble byBreakpoints() {
        double[] scales = breakpoints();
        // nothing sustains more than the last of them
        bound = scales.length > 0 ? scales[scales.length - 1] : bound;
        int low = -1;
        int high = scales.length;
        while (high - low > 1) {
            int middle = (low + high) >>> 1;
            Feasibility.Answer answer = at(scales[middle] * SolverConstants.JUST_BELOW, nodes);
            if (answer.holds()) {
                low = middle;
            } else {
                high = middle;
                if (answer.decided()) {
                    // no plan just below this one is no plan above the one before either
                    bound = Math.min(bound, middle > 0 ? scales[middle - 1] : 0);
                }
            }
        }
        return low < 0 ? OptionalDouble.empty() : OptionalDouble.of(scales[low]);
    }

    private double[] breakpoints() {
        TreeSet<Double> scales = new TreeSet<>();
        for (SpaceShape shape : space.shapes()) {
            for (long replicas = 1; replicas <= shape.most(); replicas++) {
                sustained(shape, replicas).ifPresent(scales::add);
            }
        }
        return scales.stream().mapToDouble(Double::doubleValue).toArray();
    }

    /** The factor at which so many replicas are used up to the limit; empty for a model without load. */
    private OptionalDouble sustained(SpaceShape shape, long replicas) {
        BigDecimal load = space.load(shape.model()).requestsPerSecond();
        return load.signum() == 0
                ? OptionalDouble.empty()
                : OptionalDouble.of(Load.usable(shape.profile(), problem.maxUtilisation())
                                .divide(load, MathContext.DECIMAL64)
                                .doubleValue()
                        * replicas);
    }

    private OptionalDouble byWidth(double width, long nodesEach) {
        double low = 0;
        double high = 1;
        for (int model = 0; model < space.models(); model++) {
            double alone = space.shapes(model).stream()
                    .mapToDouble(shape -> sustained(shape, shape.most()).orElse(Double.POSITIVE_INFINITY))
                    .max()
                    .orElse(0);
            high = model == 0 ? alone : Math.min(high, alone);
        }
        bound = high;
        double floor = Math.min(1, high) * SolverConstants.SMALLEST_SCALE;
        double next = Math.min(high * SolverConstants.JUST_BELOW, 1);
        while (high > low * (1 + width) && high > floor) {
            Feasibility.Answer answer = at(next, nodesEach);
            if (answer.holds()) {
                low = Math.max(next, ownReach(answer.plan().orElseThrow(), next, high));
            } else {
                high = next;
                bound = answer.decided() ? Math.min(bound, next) : bound;
            }
            next = low > 0
                    ? Math.sqrt(low * high)
                    : Math.max(high / SolverConstants.FIRST_DROP, floor * SolverConstants.FLOOR_TRIED);
        }
        return low > 0 ? OptionalDouble.of(low) : OptionalDouble.empty();
    }

    private Feasibility.Answer at(double scale, long nodesEach) {
        return Feasibility.of(ChoiceSpace.of(problem, scale), placeability, nodesEach, stop);
    }

    /** The largest factor at which a plan that keeps everything at {@code from} still does, up to {@code most}. */
    private double ownReach(List<Choice> plan, double from, double most) {
        double high = most;
        for (Choice choice : plan) {
            high = Math.min(
                    high,
                    sustained(space.shapes().get(choice.shape().index()), choice.replicas())
                                    .orElse(high)
                            * SolverConstants.JUST_BELOW);
        }
        if (space.latencyLimits().isEmpty()) {
            return high;
        }
        double low = from;
        for (int step = 0; step < SolverConstants.OWN_REACH_STEPS && high > low; step++) {
            double middle = low + (high - low) / 2;
            if (keepsLimits(plan, step == 0 ? high : middle)) {
                low = step == 0 ? high : middle;
            } else {
                high = step == 0 ? high : middle;
            }
        }
        return low;
    }

    private boolean keepsLimits(List<Choice> plan, double scale) {
        ChoiceSpace scaled = ChoiceSpace.of(problem, scale);
        Choice[] there = plan.stream()
                .map(choice -> scaled.choice(scaled.shapes().get(choice.shape().index()), choice.replicas()))
                .toArray(Choice[]::new);
        return scaled.latencyLimits().stream().allMatch(limit -> limit.taken(there) <= limit.mostAllowed());
    }
}
