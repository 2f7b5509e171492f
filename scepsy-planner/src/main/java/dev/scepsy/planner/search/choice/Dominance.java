package dev.scepsy.planner.search.choice;

import java.util.ArrayList;
import java.util.List;

/**
 * Leaves out every choice that another of the same model beats.
 *
 * <p>Choice B beats A when B's replicas can always stand where A's stood ({@link SpaceShape#holds}) and its calls take no
 * longer. Replacing A by B in any legal plan then gives a legal plan that is no slower, keeps every latency limit, uses
 * no more GPUs of the same type, and comes first where ties are broken by (gpu, t, f, r): standing where A stood means
 * t' ≤ t and f' ≤ f. So leaving A out loses neither the optimum of any objective nor the winner of a tie. Latencies fall
 * with r, so per pair of shapes only the largest r' is looked at.
 */
public final class Dominance {

    private Dominance() {}

    /** The undominated choices of one model, by (shape, replicas). */
    public static List<Choice> undominated(ChoiceSpace space, int model) {
        if (space.shapes(model).stream()
                .anyMatch(shape -> shape.most() - shape.fewest() > ChoiceConstants.MOST_COUNTS)) {
            return space.shapes(model).stream()
                    .filter(SpaceShape::feasible)
                    .flatMap(shape -> ReplicaGrid.real(space, shape).stream())
                    .toList();
        }
        List<SpaceShape> shapes =
                space.shapes(model).stream().filter(SpaceShape::feasible).toList();
        List<double[]> latencies =
                shapes.stream().map(shape -> latencies(space, shape)).toList();
        List<Choice> kept = new ArrayList<>();
        for (int a = 0; a < shapes.size(); a++) {
            SpaceShape shape = shapes.get(a);
            for (int i = 0; i < latencies.get(a).length; i++) {
                long replicas = shape.fewest() + i;
                double latency = latencies.get(a)[i];
                if (!(i > 0 && latencies.get(a)[i - 1] <= latency)
                        && !beaten(shapes, latencies, a, replicas, latency)) {
                    kept.add(space.choice(shape, replicas, latency));
                }
            }
        }
        return kept;
    }

    /**
     * What the model needs at the very least: the fewest replicas of each shape, without those another shape could
     * always stand in for. The cost is the number of GPUs.
     */
    public static List<Choice> least(ChoiceSpace space, int model) {
        List<SpaceShape> shapes =
                space.shapes(model).stream().filter(SpaceShape::feasible).toList();
        List<Choice> kept = new ArrayList<>();
        for (int a = 0; a < shapes.size(); a++) {
            SpaceShape shape = shapes.get(a);
            boolean beaten = false;
            for (int b = 0; b < shapes.size() && !beaten; b++) {
                beaten = b != a
                        && shape.holds(shapes.get(b)) * shape.fewest()
                                >= shapes.get(b).fewest()
                        && !(identical(shape, shapes.get(b)) && b > a);
            }
            if (!beaten) {
                long compute = shape.fewest() * shape.replicaCompute();
                kept.add(new Choice(
                        shape,
                        (int) shape.fewest(),
                        (double) compute / space.units().computePerGpu(),
                        compute,
                        0));
            }
        }
        return kept;
    }

    /** Seconds per call by replica count from {@code fewest} to {@code most}, made non-increasing against rounding. */
    private static double[] latencies(ChoiceSpace space, SpaceShape shape) {
        double[] latencies = new double[Math.toIntExact(shape.most() - shape.fewest() + 1)];
        for (int i = 0; i < latencies.length; i++) {
            latencies[i] = space.load(shape.model()).latencySeconds(shape.profile(), shape.fewest() + i);
            if (i > 0) {
                latencies[i] = Math.min(latencies[i], latencies[i - 1]);
            }
        }
        return latencies;
    }

    private static boolean beaten(
            List<SpaceShape> shapes, List<double[]> latencies, int a, long replicas, double latency) {
        for (int b = 0; b < shapes.size(); b++) {
            if (b == a) {
                continue;
            }
            SpaceShape other = shapes.get(b);
            long held = shapes.get(a).holds(other) * replicas;
            if (held < other.fewest()) {
                continue;
            }
            double[] others = latencies.get(b);
            int most = (int) Math.min(held - other.fewest(), others.length - 1L);
            if (others[most] <= latency && !(identical(shapes.get(a), other) && b > a)) {
                return true;
            }
        }
        return false;
    }

    /** Two shapes that hold each other one to one; only one of them may beat the other. */
    private static boolean identical(SpaceShape a, SpaceShape b) {
        return a.holds(b) == 1 && b.holds(a) == 1;
    }
}
