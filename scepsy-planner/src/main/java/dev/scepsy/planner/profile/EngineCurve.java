package dev.scepsy.planner.profile;

/**
 * The engine model of one replica, tabulated: one curve per number of replicas behind the router, since siblings of a
 * fan-out spread over them. Between tabulated numbers curves are mixed linearly in 1 / r; beyond the last, its curve holds.
 * Immutable and thread-safe; evaluation allocates nothing.
 */
final class EngineCurve implements LatencyProfile {

    private final int[] replicaCounts;
    private final MeasuredCurve[] curves;

    /**
     * @param replicaCounts ascending, the first is 1
     * @param curves one per count, equal saturations
     */
    EngineCurve(int[] replicaCounts, MeasuredCurve[] curves) {
        this.replicaCounts = replicaCounts.clone();
        this.curves = curves.clone();
    }

    @Override
    public double meanLatencySeconds(double requestsPerSecond) {
        return curves[0].meanLatencySeconds(requestsPerSecond);
    }

    @Override
    public double meanLatencySeconds(double requestsPerSecond, int replicas) {
        int last = replicaCounts.length - 1;
        if (replicas >= replicaCounts[last]) {
            return curves[last].meanLatencySeconds(requestsPerSecond);
        }
        int above = 1;
        while (replicas > replicaCounts[above]) {
            above++;
        }
        double fewer = 1.0 / replicaCounts[above - 1];
        double more = 1.0 / replicaCounts[above];
        double along = (fewer - 1.0 / replicas) / (fewer - more);
        return (1 - along) * curves[above - 1].meanLatencySeconds(requestsPerSecond)
                + along * curves[above].meanLatencySeconds(requestsPerSecond);
    }

    @Override
    public double saturationRequestsPerSecond() {
        return curves[0].saturationRequestsPerSecond();
    }

    @Override
    public double memoryGiBPerGpu() {
        return curves[0].memoryGiBPerGpu();
    }
}
