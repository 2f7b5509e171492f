package dev.scepsy.planner.topology;

import java.util.List;

/** All hardware a plan may use. Node and rack names are unique; immutable. */
public record Cluster(List<Rack> racks) {
    public Cluster {
        racks = List.copyOf(racks);
    }

    /** All nodes, rack by rack. */
    public List<Node> nodes() {
        return racks.stream().flatMap(rack -> rack.nodes().stream()).toList();
    }

    /** GPUs of all nodes together. */
    public int gpus() {
        return nodes().stream().mapToInt(Node::gpus).sum();
    }
}
