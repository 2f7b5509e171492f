package dev.scepsy.planner.transition;

import dev.scepsy.planner.allocation.GpuFraction;
import dev.scepsy.planner.topology.Cluster;
import dev.scepsy.planner.topology.GpuType;
import dev.scepsy.planner.topology.Node;
import dev.scepsy.planner.topology.Rack;
import dev.scepsy.planner.topology.Sharing;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Short ways to write serving states: {@code engine("a", 0.5, "n0:1")}. */
final class Situations {

    static final Sharing MPS = new Sharing.Grid(Sharing.Mode.MPS, GpuFraction.of(0.1), false);

    private Situations() {}

    static Cluster cluster(Sharing sharing, int... gpusPerNode) {
        List<Node> nodes = new ArrayList<>();
        for (int node = 0; node < gpusPerNode.length; node++) {
            nodes.add(new Node("n" + node, new GpuType("G", 80), gpusPerNode[node], gpusPerNode[node], sharing));
        }
        return new Cluster(List.of(new Rack("r", nodes)));
    }

    /** Memory follows the fraction: f x 80 GiB. Without {@code :gpus} the engine names none. */
    static Engine engine(String model, double fraction, String place) {
        String[] parts = place.split(":");
        List<Integer> gpus = parts.length == 1
                ? List.of()
                : Arrays.stream(parts[1].split(",")).map(Integer::valueOf).toList();
        int tensorParallel = Math.max(1, gpus.size());
        return new Engine(
                model, new EngineShape(GpuFraction.of(fraction), tensorParallel, fraction * 80, "1"), parts[0], gpus);
    }

    static TransitionProblem problem(Cluster cluster, List<Engine> ready, List<Engine> target) {
        return new TransitionProblem(
                ready.stream().map(engine -> new RunningEngine(engine, true)).toList(),
                target,
                cluster,
                Map.of(),
                Set.of());
    }
}
