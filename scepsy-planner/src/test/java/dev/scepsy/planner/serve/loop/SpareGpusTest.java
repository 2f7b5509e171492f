package dev.scepsy.planner.serve.loop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.allocation.GpuFraction;
import dev.scepsy.planner.serve.loop.Operations.EngineView;
import dev.scepsy.planner.topology.Cluster;
import dev.scepsy.planner.topology.GpuType;
import dev.scepsy.planner.topology.Node;
import dev.scepsy.planner.topology.Occupied;
import dev.scepsy.planner.topology.Rack;
import dev.scepsy.planner.topology.Sharing;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which GPUs plans leave empty. */
class SpareGpusTest {

    private static final GpuType GPU = new GpuType("A100-SXM-80GB", 80);
    private static final Sharing MPS = new Sharing.Grid(Sharing.Mode.MPS, GpuFraction.of(0.1), false);

    private static Cluster cluster(List<Occupied> heldOfSecond) {
        return new Cluster(List.of(new Rack(
                "rack-1",
                List.of(new Node("node-1", GPU, 2, 2, MPS), new Node("node-2", GPU, 2, 2, MPS, heldOfSecond)))));
    }

    private static EngineView engine(String node, int gpu, double fraction) {
        return new EngineView("critic", 0, node, List.of(gpu), fraction, 1, 80 * fraction, true, true, List.of());
    }

    private static List<Occupied> held(Cluster cluster, int node) {
        return cluster.racks().get(0).nodes().get(node).occupied();
    }

    @Test
    void theEmptiestIsLeftAndOfEquallyEmptyOnesTheLast() {
        List<EngineView> engines = List.of(engine("node-1", 0, 0.5), engine("node-2", 1, 0.2));
        Cluster one = SpareGpus.leaving(cluster(List.of()), 1, engines);
        assertThat(held(one, 0)).isEmpty();
        assertThat(held(one, 1)).containsExactly(Occupied.wholly(0, GPU));
        Cluster three = SpareGpus.leaving(cluster(List.of()), 3, engines);
        assertThat(held(three, 0)).containsExactly(Occupied.wholly(1, GPU));
        assertThat(held(three, 1)).containsExactly(Occupied.wholly(0, GPU), Occupied.wholly(1, GPU));
    }

    @Test
    void oneIsAlwaysLeftToPlanWith() {
        Cluster all = SpareGpus.leaving(cluster(List.of()), 9, List.of());
        assertThat(held(all, 0)).containsExactly(Occupied.wholly(1, GPU));
        assertThat(held(all, 1)).hasSize(2);
    }

    @Test
    void whatOthersHoldAPartOfIsNoSpareOne() {
        Occupied half = new Occupied(1, GpuFraction.of(0.5), 40);
        Cluster spared = SpareGpus.leaving(cluster(List.of(half)), 1, List.of());
        assertThat(held(spared, 1)).containsExactly(Occupied.wholly(0, GPU), half);
    }

    @Test
    void noneAskedForNoneLeft() {
        assertThat(SpareGpus.leaving(cluster(List.of()), 0, List.of())).isEqualTo(cluster(List.of()));
    }
}
