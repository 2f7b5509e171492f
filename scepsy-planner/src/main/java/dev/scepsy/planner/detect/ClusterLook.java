package dev.scepsy.planner.detect;

import dev.scepsy.planner.topology.Cluster;
import dev.scepsy.planner.topology.Node;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The hardware and the engines at one moment, or those that a plan stands on. Immutable.
 *
 * @param cluster nodes there are
 * @param cordoned names of those that take no new pods
 * @param engines that run, no id twice
 */
public record ClusterLook(Cluster cluster, Set<String> cordoned, List<Engine> engines) {

    /** @throws IllegalArgumentException if an engine or a node is there twice */
    public ClusterLook {
        cordoned = Set.copyOf(cordoned);
        engines = List.copyOf(engines);
        Set<String> ids = new HashSet<>();
        for (Engine engine : engines) {
            if (!ids.add(engine.id())) {
                throw new IllegalArgumentException("The engine (" + engine.id() + ") is there twice.");
            }
        }
        Set<String> nodes = new HashSet<>();
        for (Node node : cluster.nodes()) {
            if (!nodes.add(node.name())) {
                throw new IllegalArgumentException("The node (" + node.name() + ") is there twice.");
            }
        }
    }

    /**
     * An engine.
     *
     * @param id the same from look to look, and in the plan
     * @param model that it serves
     * @param node that it runs on
     * @param ready whether it serves; of a plan's engines true
     */
    public record Engine(String id, String model, String node, boolean ready) {}
}
