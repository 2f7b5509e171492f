package dev.scepsy.planner.serve.loop;

import dev.scepsy.planner.file.ClusterFile;
import dev.scepsy.planner.file.Reading;
import dev.scepsy.planner.serve.loop.Operations.EngineView;
import dev.scepsy.planner.topology.Cluster;
import dev.scepsy.planner.topology.Node;
import dev.scepsy.planner.topology.Occupied;
import dev.scepsy.planner.topology.Rack;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * GPUs that plans leave empty, so that there is always room to move: an engine that makes place needs one to stand in for it, and the engines of a
 * lost GPU need another. A lost GPU is a spare one used: that many fewer are left empty until it is back.
 */
final class SpareGpus {

    private record Place(String node, int gpu) {}

    private SpareGpus() {}

    /**
     * {@code cluster} as plans may fill it: of those GPUs that nobody else holds a part of, the emptiest are taken; of equally empty ones the last.
     *
     * @param count GPUs to leave empty; as many as there are but one at most
     */
    static Cluster leaving(Cluster cluster, int count, List<EngineView> engines) {
        Map<Place, Double> used = new HashMap<>();
        engines.forEach(engine -> engine.gpus()
                .forEach(gpu -> used.merge(new Place(engine.node(), gpu), engine.gpuFraction(), Double::sum)));
        List<Place> free = new ArrayList<>();
        for (Rack rack : cluster.racks()) {
            for (Node node : rack.nodes()) {
                for (int gpu = 0; gpu < node.gpus(); gpu++) {
                    int number = gpu;
                    if (node.occupied().stream().noneMatch(part -> part.gpu() == number)) {
                        free.add(0, new Place(node.name(), gpu));
                    }
                }
            }
        }
        List<Place> spare = free.stream()
                .sorted(Comparator.comparingDouble(place -> used.getOrDefault(place, 0.0)))
                .limit(Math.max(0, Math.min(count, free.size() - 1)))
                .toList();
        return new Cluster(cluster.racks().stream()
                .map(rack -> new Rack(
                        rack.name(),
                        rack.nodes().stream().map(node -> leaving(node, spare)).toList()))
                .toList());
    }

    /** The same of what a port saw. */
    static Reading<ClusterFile.Described> leaving(
            Reading<ClusterFile.Described> hardware, int count, List<EngineView> engines) {
        return count > 0 && hardware instanceof Reading.Legal<ClusterFile.Described> legal
                ? new Reading.Legal<>(
                        new ClusterFile.Described(
                                leaving(legal.value().cluster(), count, engines),
                                legal.value().facts()),
                        legal.source(),
                        legal.warnings())
                : hardware;
    }

    private static Node leaving(Node node, List<Place> spare) {
        List<Occupied> held = new ArrayList<>(node.occupied());
        spare.stream()
                .filter(place -> place.node().equals(node.name()))
                .forEach(place -> held.add(Occupied.wholly(place.gpu(), node.gpu())));
        return new Node(node.name(), node.gpu(), node.gpus(), node.domainSize(), node.sharing(), held, node.host());
    }
}
