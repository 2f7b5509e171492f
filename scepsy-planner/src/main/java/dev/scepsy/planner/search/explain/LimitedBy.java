package dev.scepsy.planner.search.explain;

import dev.scepsy.planner.allocation.Objective;
import dev.scepsy.planner.topology.HostResource;
import java.util.Set;

/** What keeps one model of a plan from being faster, as data. Immutable. */
public sealed interface LimitedBy {

    /** The objective, which is not latency: the model got the least that keeps targets and latency limits. */
    record OfObjective(Objective objective) implements LimitedBy {}

    /** Its latency does not count in the objective: it got the fewest GPUs that take its load. */
    record OfWeight() implements LimitedBy {}

    /** The choice would be faster, and the GPUs hold it beside the other models, but nodes lack {@code scarce}. */
    record OfHosts(Set<HostResource> scarce, Faster choice) implements LimitedBy {
        public OfHosts {
            scarce = Set.copyOf(scarce);
        }
    }

    /** The choice would be faster, but does not fit beside the other models. */
    record OfSpace(Faster choice) implements LimitedBy {}

    /** Its {@code maxReplicas}. */
    record OfMaxReplicas(int maxReplicas) implements LimitedBy {}

    /** Nothing: no other choice would be noticeably faster. */
    record Nothing() implements LimitedBy {}

    /**
     * A choice that is faster than the plan's.
     *
     * @param gpuFraction f, in (0, 1]
     * @param gainSeconds by how much the objective would be less, above 0
     */
    record Faster(int replicas, int tensorParallel, double gpuFraction, double gainSeconds) {}
}
