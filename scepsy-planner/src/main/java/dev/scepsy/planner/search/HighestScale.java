package dev.scepsy.planner.search;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.OptionalDouble;
import java.util.TreeSet;

/**
 * The largest factor on all targets at which a plan still exists.
 *
 * <p>Needs change only where some shape wants one replica more, that is at σ = r·saturation·maxUtilisation / λ_m. Those
 * breakpoints are finitely many, and feasibility falls with σ, so bisecting them is exact. With more than
 * {@value #MOST_BREAKPOINTS} of them, factors half a per cent apart are bisected instead.
 */
final class HighestScale {

    private static final int MOST_BREAKPOINTS = 50_000;
    private static final double STEP = 1.005;
    private static final long NODES_EACH = 2_000;
    private static final double JUST_BELOW = 1 - 1e-9;

    private HighestScale() {}

    static OptionalDouble of(AllocationProblem problem, Placeability.Factory placement, long nodes) {
        ChoiceSpace space = ChoiceSpace.of(problem, 1);
        Placeability placeability = placement.on(problem.cluster(), space.placementShapes());
        long counts = space.shapes().stream().mapToLong(SpaceShape::most).sum();
        double[] scales = counts <= MOST_BREAKPOINTS ? breakpoints(space) : geometric();
        long nodesEach = counts <= MOST_BREAKPOINTS ? nodes : Math.min(nodes, NODES_EACH);
        int low = -1;
        int high = scales.length;
        while (high - low > 1) {
            int middle = (low + high) >>> 1;
            if (Feasibility.holds(ChoiceSpace.of(problem, scales[middle] * JUST_BELOW), placeability, nodesEach)) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return low < 0 ? OptionalDouble.empty() : OptionalDouble.of(scales[low]);
    }

    private static double[] breakpoints(ChoiceSpace space) {
        TreeSet<Double> scales = new TreeSet<>();
        for (SpaceShape shape : space.shapes()) {
            BigDecimal load = space.load(shape.model()).requestsPerSecond();
            if (load.signum() > 0) {
                double perReplica = Load.usable(shape.profile(), space.problem().maxUtilisation())
                        .divide(load, MathContext.DECIMAL64)
                        .doubleValue();
                for (long replicas = 1; replicas <= shape.most(); replicas++) {
                    scales.add(perReplica * replicas);
                }
            }
        }
        return scales.stream().mapToDouble(Double::doubleValue).toArray();
    }

    /** From a billionth up to 1, half a per cent apart. */
    private static double[] geometric() {
        int count = (int) Math.ceil(Math.log(1e9) / Math.log(STEP)) + 1;
        double[] scales = new double[count];
        for (int i = 0; i < count; i++) {
            scales[count - 1 - i] = Math.pow(STEP, -i);
        }
        return scales;
    }
}
