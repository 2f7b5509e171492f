package dev.scepsy.planner.topology;

import java.util.List;

/** Nodes that share a rack, in the order of the file. Immutable. */
public record Rack(String name, List<Node> nodes) {
    public Rack {
        nodes = List.copyOf(nodes);
    }
}
