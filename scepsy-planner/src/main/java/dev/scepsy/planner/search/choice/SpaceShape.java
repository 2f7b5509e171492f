package dev.scepsy.planner.search.choice;

import dev.scepsy.planner.profile.LatencyProfile;
import dev.scepsy.planner.topology.HostResource;
import dev.scepsy.planner.topology.ReplicaShape;
import java.util.BitSet;

/**
 * One (GPU, t, f) of one model that some domain of the cluster can host, in whole units.
 *
 * @param index position among all shapes of the space
 * @param model position of the model, in name order
 * @param shape what placement sees
 * @param profile its behaviour
 * @param compute units one shard takes of a GPU
 * @param memory units one shard takes of a GPU; 0 where memory never binds
 * @param host units one replica takes of its node, per {@link HostResource}; 0 where no node's limit can bind
 * @param hosts kinds of domains that can host it
 * @param fewest replicas needed for load and minimum
 * @param most replicas that fit alone, within the model's maximum; may be below {@code fewest}
 * @param aloneMost replicas that fit when it has the cluster to itself, whatever the model's maximum
 */
public record SpaceShape(
        int index,
        int model,
        ReplicaShape shape,
        LatencyProfile profile,
        long compute,
        long memory,
        long[] host,
        BitSet hosts,
        long fewest,
        long most,
        long aloneMost) {

    /** GPUs one replica spans. */
    public int tensorParallel() {
        return shape.tensorParallel();
    }

    /** Compute units one replica takes. */
    public long replicaCompute() {
        return compute * tensorParallel();
    }

    long replicaMemory() {
        return memory * tensorParallel();
    }

    /** Whether a replica takes whole GPUs only. */
    public boolean wholeGroup() {
        return tensorParallel() > 1 && shape.gpuFraction().isWhole();
    }

    /** Whether as many replicas as needed fit alone. */
    public boolean feasible() {
        return fewest <= most;
    }

    /**
     * Replicas of {@code other} (same model) that can always stand where one of this shape stood: t GPUs with room for k
     * shards each hold ⌊k·t/t'⌋ groups of t' ≤ t different GPUs, dealt round robin; and no more of them than take as much of
     * the node as this one. 0 when that is not sure.
     */
    long holds(SpaceShape other) {
        if (!shape.gpu().equals(other.shape.gpu()) || other.tensorParallel() > tensorParallel()) {
            return 0;
        }
        BitSet elsewhere = (BitSet) hosts.clone();
        elsewhere.andNot(other.hosts);
        if (!elsewhere.isEmpty()) {
            return 0;
        }
        long perGpu = compute / other.compute;
        if (other.memory > 0) {
            perGpu = Math.min(perGpu, memory / other.memory);
        }
        long held = perGpu * tensorParallel() / other.tensorParallel();
        for (int resource = 0; resource < host.length; resource++) {
            if (other.host[resource] > 0) {
                held = Math.min(held, host[resource] / other.host[resource]);
            }
        }
        return held;
    }
}
