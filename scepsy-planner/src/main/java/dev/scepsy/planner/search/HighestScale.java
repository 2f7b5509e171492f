package dev.scepsy.planner.search;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;
import java.util.OptionalDouble;
import java.util.TreeSet;

/**
 * The largest factor on all targets at which a plan still exists.
 *
 * <p>Needs change only where some shape wants one replica more, that is at σ = r·saturation·maxUtilisation / λ_m. Those
 * breakpoints are finitely many, and feasibility falls with σ, so bisecting them is exact. With more than
 * {@value #MOST_BREAKPOINTS} of them, neighbours closer than 0.1 % are merged first.
 */
final class HighestScale {

    private static final int MOST_BREAKPOINTS = 50_000;
    private static final double JUST_BELOW = 1 - 1e-9;

    private HighestScale() {}

    static OptionalDouble of(AllocationProblem problem, Placeability.Factory placement, long nodes) {
        ChoiceSpace space = ChoiceSpace.of(problem, 1);
        Placeability placeability = placement.on(problem.cluster(), space.placementShapes());
        double[] scales = breakpoints(space);
        int low = -1;
        int high = scales.length;
        while (high - low > 1) {
            int middle = (low + high) >>> 1;
            if (Feasibility.holds(ChoiceSpace.of(problem, scales[middle] * JUST_BELOW), placeability, nodes)) {
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
        double[] all = scales.stream().mapToDouble(Double::doubleValue).toArray();
        if (all.length <= MOST_BREAKPOINTS) {
            return all;
        }
        double[] merged = new double[all.length];
        int count = 0;
        for (double scale : all) {
            if (count == 0 || scale > merged[count - 1] * 1.001) {
                merged[count++] = scale;
            }
        }
        return Arrays.copyOf(merged, count);
    }
}
