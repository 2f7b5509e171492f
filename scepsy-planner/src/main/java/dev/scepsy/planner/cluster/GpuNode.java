package dev.scepsy.planner.cluster;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * A node with GPUs: what its labels say of them (GPU Feature Discovery's, and the topology labels), and what an engine can
 * get of them now. Immutable.
 *
 * @param name the node's name
 * @param rack its rack label, else its zone; empty where it has neither
 * @param product the product label; empty where nothing discovered it
 * @param gpus cards, not shares of cards; slices, where every card is cut alike by MIG
 * @param domainSize GPUs joined by the fast interconnect; empty where no label says so
 * @param memoryGiB memory of one card; empty where nothing discovered it
 * @param sharing {@code mps}, {@code time-slicing}; empty: not shared by the device plugin
 * @param replicas shares per card; empty: not shared by the device plugin
 * @param use what keeps engines from it
 */
public record GpuNode(
        String name,
        Optional<String> rack,
        Optional<String> product,
        int gpus,
        OptionalInt domainSize,
        OptionalDouble memoryGiB,
        Optional<String> sharing,
        OptionalInt replicas,
        Use use) {

    /** A node all of whose GPUs are free. */
    public GpuNode(
            String name,
            Optional<String> rack,
            Optional<String> product,
            int gpus,
            OptionalInt domainSize,
            OptionalDouble memoryGiB,
            Optional<String> sharing,
            OptionalInt replicas) {
        this(name, rack, product, gpus, domainSize, memoryGiB, sharing, replicas, Use.all(gpus));
    }

    /**
     * What keeps engines from a node's GPUs. Immutable.
     *
     * @param hostname the label {@code kubernetes.io/hostname}, where it differs from the node's name
     * @param allocatable cards that the kubelet gives out; the others are unhealthy, cut by MIG, or without device plugin
     * @param foreignShares parts of cards ({@code replicas} of them a card) that pods of others hold
     * @param foreignPods those pods, {@code namespace/name}
     * @param closed why no engine can start here, whatever its pod says; empty where one can
     * @param taints what only pods with a toleration pass
     * @param notes what else there is to know, sentences
     */
    public record Use(
            Optional<String> hostname,
            int allocatable,
            int foreignShares,
            List<String> foreignPods,
            List<String> closed,
            List<NodeTaint> taints,
            List<String> notes) {

        public Use {
            foreignPods = List.copyOf(foreignPods);
            closed = List.copyOf(closed);
            taints = List.copyOf(taints);
            notes = List.copyOf(notes);
        }

        /** Every card can be used. */
        public static Use all(int gpus) {
            return new Use(Optional.empty(), gpus, 0, List.of(), List.of(), List.of(), List.of());
        }
    }

    /** Cards that the kubelet does not give out. */
    public int withheld() {
        return Math.max(0, gpus - use.allocatable());
    }

    /** Why no engine without tolerations can start here now; empty where one can. */
    public List<String> obstacles() {
        List<String> obstacles = new ArrayList<>(use.closed());
        if (use.allocatable() == 0) {
            obstacles.add("none of its " + gpus + " GPUs is allocatable: no device plugin offers them");
        }
        use.taints().stream().filter(taint -> !taint.isOfGpus()).forEach(taint -> obstacles.add(taint.sentence()));
        return List.copyOf(obstacles);
    }

    /** What may keep an engine from starting here, and only the server can say. */
    public List<String> doubts() {
        return use.taints().stream()
                .filter(NodeTaint::isOfGpus)
                .map(NodeTaint::sentence)
                .toList();
    }
}
