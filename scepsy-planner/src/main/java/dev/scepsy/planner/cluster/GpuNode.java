package dev.scepsy.planner.cluster;

import dev.scepsy.planner.topology.HostNeed;
import dev.scepsy.planner.topology.HostResource;
import dev.scepsy.planner.topology.HostRoom;
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
     * @param host its processors and memory beside the GPUs
     * @param notes what else there is to know, sentences
     */
    public record Use(
            Optional<String> hostname,
            int allocatable,
            int foreignShares,
            List<String> foreignPods,
            List<String> closed,
            List<NodeTaint> taints,
            Host host,
            List<String> notes) {

        public Use {
            foreignPods = List.copyOf(foreignPods);
            closed = List.copyOf(closed);
            taints = List.copyOf(taints);
            notes = List.copyOf(notes);
        }

        /** Every card can be used. */
        public static Use all(int gpus) {
            return new Use(Optional.empty(), gpus, 0, List.of(), List.of(), List.of(), Host.UNKNOWN, List.of());
        }
    }

    /**
     * A node's processors and memory beside its GPUs. Immutable.
     *
     * @param allocatable what the kubelet gives out; unlimited where the node does not say
     * @param held what pods of others request of it
     */
    public record Host(HostRoom allocatable, HostNeed held) {

        /** Of a node that says nothing of them. */
        public static final Host UNKNOWN = new Host(HostRoom.UNLIMITED, HostNeed.NONE);

        /** What is left for engines, 0 or more; empty where the node does not say what there is. */
        public OptionalDouble left(HostResource resource) {
            OptionalDouble given = allocatable.of(resource);
            return given.isPresent()
                    ? OptionalDouble.of(Math.max(0, given.getAsDouble() - held.of(resource)))
                    : OptionalDouble.empty();
        }

        /**
         * What is left of it as a cluster file writes it, rounded down to thousandths of a core and hundredths of a GiB; empty
         * where the node does not say what there is.
         */
        public OptionalDouble written(HostResource resource) {
            double steps = resource == HostResource.PROCESSORS ? 1000 : 100;
            OptionalDouble left = left(resource);
            return left.isPresent()
                    ? OptionalDouble.of(Math.floor(left.getAsDouble() * steps * (1 + ROUNDING)) / steps)
                    : left;
        }
    }

    private static final double ROUNDING = 1e-12;

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
        for (HostResource resource : HostResource.values()) {
            if (use.host().written(resource).orElse(1) <= 0) {
                obstacles.add("other pods request all of its " + resource.words());
            }
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
