package dev.scepsy.planner.topology;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** All hardware a plan may use. Node and rack names are unique; immutable. */
public record Cluster(List<Rack> racks) {
    public Cluster {
        racks = List.copyOf(racks);
    }

    /** The same racks with every node changed. */
    public Cluster withNodes(UnaryOperator<Node> change) {
        return new Cluster(racks.stream()
                .map(rack ->
                        new Rack(rack.name(), rack.nodes().stream().map(change).toList()))
                .toList());
    }

    /** All nodes, rack by rack. */
    public List<Node> nodes() {
        return racks.stream().flatMap(rack -> rack.nodes().stream()).toList();
    }

    /** All fast domains, node by node. */
    public List<Domain> domains() {
        List<Domain> domains = new ArrayList<>();
        for (int rack = 0; rack < racks.size(); rack++) {
            for (Node node : racks.get(rack).nodes()) {
                for (int domain = 0; domain < node.domains(); domain++) {
                    domains.add(new Domain(node, rack, domain * node.domainSize(), node.domainGpus(domain)));
                }
            }
        }
        return List.copyOf(domains);
    }

    /** GPUs of all nodes together. */
    public int gpus() {
        return nodes().stream().mapToInt(Node::gpus).sum();
    }

    /** What is left of all GPUs beside what others hold of them, in GPUs. */
    public double freeGpus() {
        return gpus()
                - nodes().stream()
                        .flatMap(node -> node.occupied().stream())
                        .mapToDouble(part -> part.gpuFraction().toDouble())
                        .sum();
    }

    /** What is left of all GPUs' memory beside what others hold of it, GiB. */
    public double freeMemoryGiB() {
        return nodes().stream()
                .mapToDouble(node -> node.gpus() * node.gpu().memoryGiB()
                        - node.occupied().stream()
                                .mapToDouble(Occupied::memoryGiB)
                                .sum())
                .sum();
    }
}
