package dev.scepsy.planner.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.allocation.GpuFraction;
import dev.scepsy.planner.allocation.LlmAllocation;
import dev.scepsy.planner.allocation.ReplicaPlacement;
import dev.scepsy.planner.cluster.ServingState.EngineState;
import dev.scepsy.planner.topology.Cluster;
import dev.scepsy.planner.topology.Node;
import dev.scepsy.planner.topology.Occupied;
import dev.scepsy.planner.topology.Rack;
import dev.scepsy.planner.topology.Sharing;
import dev.scepsy.planner.transition.Engine;
import dev.scepsy.planner.transition.EngineShape;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ServedPlanTest {

    private static final EngineShape HALF = new EngineShape(GpuFraction.of(0.5), 1, 40, "a");
    private static final EngineShape PAIR = new EngineShape(GpuFraction.whole(), 2, 80, "b");
    private static final Cluster MPS = Plans.cluster(2, 2, Plans.MPS);

    private static ServedPlan served(Cluster cluster, EngineState... engines) {
        return ServedPlan.of(
                new ServingState("applied", Optional.of("p"), "", List.of(engines), List.of(), List.of(cluster)));
    }

    private static EngineState running(Engine engine, int found, VerifiedPlacement... placements) {
        return new EngineState(engine, "d", found, found, found, List.of(placements), "gpu", List.of());
    }

    @Test
    void pinnedEnginesAreWhereTheySay() {
        ServedPlan plan = served(
                MPS,
                running(new Engine("half", HALF, "node-1", List.of(1)), 2),
                running(new Engine("half", HALF, "node-2", List.of(0)), 1),
                running(new Engine("gone", HALF, "node-2", List.of(1)), 0));

        assertThat(plan)
                .isEqualTo(new ServedPlan.Known(
                        List.of(new LlmAllocation("half", "A100-SXM-80GB", GpuFraction.of(0.5), 1, 3, 40)),
                        List.of(
                                new ReplicaPlacement("half", 0, "node-1", List.of(1)),
                                new ReplicaPlacement("half", 1, "node-1", List.of(1)),
                                new ReplicaPlacement("half", 2, "node-2", List.of(0)))));
    }

    @Test
    void whatDriftedIsWhereItReallyIs() {
        Engine engine = new Engine("half", HALF, "node-1", List.of(1));

        ServedPlan plan =
                served(MPS, running(engine, 1, new VerifiedPlacement(engine, "pod", "node-2", List.of(0), "gpu")));

        assertThat(((ServedPlan.Known) plan).placements())
                .containsExactly(new ReplicaPlacement("half", 0, "node-2", List.of(0)));
    }

    /** GPU 0 is reserved, domains are 0-1, 2-3: the pair has one place, the single what is left. */
    @Test
    void gpusThatTheKubeletPickedGetNumbersThatFit() {
        Cluster exclusive = new Cluster(List.of(new Rack(
                "r",
                List.of(new Node(
                        "node-1",
                        Plans.A100,
                        4,
                        2,
                        new Sharing.Exclusive(),
                        List.of(Occupied.wholly(0, Plans.A100)))))));
        EngineShape single = new EngineShape(GpuFraction.whole(), 1, 80, "c");

        ServedPlan plan = served(
                exclusive,
                running(new Engine("a-single", single, "node-1", List.of()), 1),
                running(new Engine("pair", PAIR, "node-1", List.of()), 1));

        assertThat(((ServedPlan.Known) plan).placements())
                .containsExactly(
                        new ReplicaPlacement("a-single", 0, "node-1", List.of(1)),
                        new ReplicaPlacement("pair", 0, "node-1", List.of(2, 3)));
    }

    @Test
    void halfWayThroughAPushThereIsNoPlan() {
        EngineShape whole = new EngineShape(GpuFraction.whole(), 1, 80, "a");

        ServedPlan plan = served(
                MPS,
                running(new Engine("m", HALF, "node-1", List.of(1)), 1),
                running(new Engine("m", whole, "node-2", List.of(0)), 1),
                running(new Engine("n", HALF, "node-9", List.of(0)), 1));

        assertThat(((ServedPlan.Unknown) plan).reasons())
                .hasSize(2)
                .satisfiesExactly(
                        mixed -> assertThat(mixed).contains("(m) runs in 2 shapes", "scepsy rollback"),
                        unknown -> assertThat(unknown).contains("(n) runs on [node-9]"));
    }

    @Test
    void anEmptyClusterHasNoPlan() {
        assertThat(((ServedPlan.Unknown) served(MPS)).reasons())
                .singleElement()
                .asString()
                .contains("No engine runs here");
    }
}
