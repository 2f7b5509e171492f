package dev.scepsy.planner.profile;

/**
 * Behaviour of one replica of a model at one (GPU type, t, f). Implementations are immutable, thread-safe and pure.
 */
public interface LatencyProfile {

    /**
     * Mean latency of one call, seconds, when the replica receives {@code requestsPerSecond}; non-decreasing in the rate
     * and defined on [0, saturation]. Above saturation the value at saturation is returned: callers check feasibility.
     */
    double meanLatencySeconds(double requestsPerSecond);

    /**
     * The same of one of {@code replicas} behind one router, each of which receives {@code requestsPerSecond}: calls that
     * come together spread over them. A profile that knows nothing of that answers as for a replica alone; never more, and
     * non-increasing in the replicas.
     *
     * @param replicas r, at least 1
     */
    default double meanLatencySeconds(double requestsPerSecond, int replicas) {
        return meanLatencySeconds(requestsPerSecond);
    }

    /** Highest rate one replica sustains, inclusive; above 0. */
    double saturationRequestsPerSecond();

    /** What one shard occupies on each of its GPUs, GiB. */
    double memoryGiBPerGpu();
}
