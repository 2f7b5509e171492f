package dev.scepsy.planner.profile;

import java.util.Map;
import java.util.Optional;

/**
 * What an all-reduce takes on one's own machines, by how many GPUs take part: latency + 2 (t − 1) / t · bytes / bus bandwidth, as
 * nccl-tests define it (doc/PERFORMANCE.md). Immutable.
 *
 * @param links by number of GPUs; degrees that are missing are computed from the data sheet
 */
public record AllReduce(Map<Integer, Link> links) {

    /** Nothing was measured. */
    public static final AllReduce UNMEASURED = new AllReduce(Map.of());

    /**
     * One number of GPUs.
     *
     * @param latencySeconds of a message of a few bytes
     * @param busBytesPerSecond what long messages reach, per GPU and direction
     */
    public record Link(double latencySeconds, double busBytesPerSecond) {}

    public AllReduce {
        links = Map.copyOf(links);
    }

    /** What was measured with {@code degree} GPUs. */
    public Optional<Link> over(int degree) {
        return Optional.ofNullable(links.get(degree));
    }
}
