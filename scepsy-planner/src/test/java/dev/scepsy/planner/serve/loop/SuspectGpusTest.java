package dev.scepsy.planner.serve.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.scepsy.planner.allocation.GpuFraction;
import dev.scepsy.planner.allocation.LlmAllocation;
import dev.scepsy.planner.allocation.ReplicaPlacement;
import dev.scepsy.planner.serve.journal.Suspect;
import dev.scepsy.planner.share.ModelStatistics;
import dev.scepsy.planner.topology.Cluster;
import dev.scepsy.planner.topology.GpuType;
import dev.scepsy.planner.topology.Node;
import dev.scepsy.planner.topology.Occupied;
import dev.scepsy.planner.topology.Rack;
import dev.scepsy.planner.topology.Sharing;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

/** What suspicion means for planning, by hand. */
class SuspectGpusTest {

    private static final GpuType GPU = new GpuType("A100-SXM-80GB", 80);
    private static final Sharing MPS = new Sharing.Grid(Sharing.Mode.MPS, GpuFraction.of(0.1), false);

    private static Suspect suspect(String node, List<Integer> gpus, String model, double times) {
        return new Suspect(node, gpus, model, "Pod x", 0.02 * times, 0.02, 100, Examples.BEGIN, null, null);
    }

    private static Cluster cluster() {
        return new Cluster(List.of(new Rack(
                "rack-1",
                List.of(
                        new Node("node-1", GPU, 2, 2, MPS, List.of(new Occupied(1, GpuFraction.of(0.5), 10))),
                        new Node("node-2", GPU, 2, 2, MPS)))));
    }

    private static ClusterPort.Served served() {
        return new ClusterPort.Served(
                List.of(
                        new LlmAllocation("chat", GPU.name(), GpuFraction.of(0.5), 1, 3, 40),
                        new LlmAllocation("critic", GPU.name(), GpuFraction.whole(), 1, 1, 80)),
                List.of(
                        new ReplicaPlacement("chat", 0, "node-1", List.of(0)),
                        new ReplicaPlacement("chat", 1, "node-1", List.of(1)),
                        new ReplicaPlacement("chat", 2, "node-2", List.of(0)),
                        new ReplicaPlacement("critic", 0, "node-2", List.of(1))));
    }

    @Test
    void aSuspectGpuIsHeldWhollyWhateverOthersHoldOfItAndOneThatIsNotKnownMeansTheNode() {
        Cluster one = SuspectGpus.without(cluster(), List.of(suspect("node-1", List.of(1), "chat", 3)));
        assertThat(one.nodes().get(0).occupied()).containsExactly(Occupied.wholly(1, GPU));
        assertThat(one.nodes().get(1).occupied()).isEmpty();
        List<Suspect> all = List.of(suspect("node-2", List.of(), "chat", 3));
        assertThat(SuspectGpus.without(cluster(), all).nodes().get(1).occupied())
                .containsExactly(Occupied.wholly(0, GPU), Occupied.wholly(1, GPU));
        assertThat(SuspectGpus.count(cluster(), all)).isEqualTo(2);
    }

    @Test
    void whatServesElsewhereKeepsItsPlaceAndCountsForLess() {
        ClusterPort.Served left = SuspectGpus.elsewhere(
                        served(),
                        List.of(suspect("node-1", List.of(0), "chat", 3), suspect("node-2", List.of(1), "a", 2)))
                .orElseThrow();
        assertThat(left.allocations()).singleElement().satisfies(chat -> {
            assertThat(chat.model()).isEqualTo("chat");
            assertThat(chat.replicas()).isEqualTo(2);
        });
        assertThat(left.placements())
                .extracting(ReplicaPlacement::replica, ReplicaPlacement::node)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(0, "node-1"),
                        org.assertj.core.groups.Tuple.tuple(1, "node-2"));
    }

    @Test
    void thePaceOfAModelIsThatOfItsEnginesTogether() {
        // three engines, one takes 3 times as long: 2 1/3 engines' worth
        assertThat(SuspectGpus.paces(Optional.of(served()), List.of(suspect("node-1", List.of(0), "chat", 3))))
                .hasSize(1)
                .hasEntrySatisfying("chat", pace -> assertThat(pace).isCloseTo(7.0 / 9, within(1e-12)));
        // another model on the suspect GPU was not slow, and one that has left counts nothing
        assertThat(SuspectGpus.paces(Optional.of(served()), List.of(suspect("node-2", List.of(1), "chat", 3))))
                .isEmpty();
        // told twice of one place counts once, by the slower
        assertThat(SuspectGpus.paces(
                        Optional.of(served()),
                        List.of(suspect("node-2", List.of(1), "critic", 2), suspect("node-2", List.of(), "critic", 4))))
                .containsEntry("critic", 0.25);
    }

    @Test
    void aModelAtHalfThePaceIsOneThatIsCalledTwiceAsOften() {
        var workflow = Examples.workflow("rag", OptionalDouble.of(1), 5, 100, Map.of("chat", 2.0, "critic", 1.0));
        var slowed = SuspectGpus.slowed(List.of(workflow), Map.of("chat", 0.5), name -> name);
        assertThat(slowed.get(0).models())
                .extracting(
                        ModelStatistics::model, ModelStatistics::callsPerExecution, ModelStatistics::sequentialCalls)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("chat", 4.0, 4.0),
                        org.assertj.core.groups.Tuple.tuple("critic", 1.0, 1.0));
    }
}
