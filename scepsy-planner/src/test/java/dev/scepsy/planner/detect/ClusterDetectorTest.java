package dev.scepsy.planner.detect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.detect.Change.Difference;
import dev.scepsy.planner.topology.Cluster;
import dev.scepsy.planner.topology.GpuType;
import dev.scepsy.planner.topology.Node;
import dev.scepsy.planner.topology.Rack;
import dev.scepsy.planner.topology.Sharing;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ClusterDetectorTest {

    private static final long LOOK = 10_000_000_000L;
    private static final ClusterLook.Engine ONE = new ClusterLook.Engine("one", "critic", "a", true);
    private static final ClusterLook.Engine TWO = new ClusterLook.Engine("two", "writer", "b", true);
    private final ClusterLook planned = look(List.of(node("a", 8), node("b", 8)), Set.of(), List.of(ONE, TWO));
    private final ClusterDetector detector = new ClusterDetector(planned);
    private int looks;

    @Test
    void whatIsAsPlannedIsNotTold() {
        assertThat(see(planned, 100)).isEmpty();
    }

    @Test
    void aNodeThatIsGoneIsToldOnceWithoutItsEngines() {
        ClusterLook without = look(List.of(node("a", 8)), Set.of(), List.of(ONE));
        assertThat(see(without, 2)).isEmpty();
        assertThat(see(without, 1)).singleElement().satisfies(change -> {
            assertThat(change.difference()).isEqualTo(Difference.NODE_GONE);
            assertThat(change.sentence()).isEqualTo("Node b is gone.");
            assertThat(change.since()).isEqualTo(Epoch.instant(0));
            assertThat(change.evidence()).containsEntry("gpusBefore", 8.0).containsEntry("gpusAfter", 0.0);
            assertThat(change.evidenceKey()).isEqualTo("cluster/NODE_GONE/b");
        });
        assertThat(see(without, 50)).isEmpty();
        assertThat(detector.standing()).hasValue("NODE_GONE/b");
    }

    @Test
    void aNodeThatComesBackAfterThePlanWentWithoutItIsNew() {
        ClusterLook without = look(List.of(node("a", 8)), Set.of(), List.of(ONE));
        see(without, 3);
        detector.planned(without);
        assertThat(see(without, 10)).isEmpty();
        assertThat(see(planned, 3)).extracting(Change.Cluster::difference).contains(Difference.NODE_NEW);
    }

    @Test
    void aNodeThatFlapsMustStayAwayLongerEachTime() {
        ClusterLook without = look(List.of(node("a", 8)), Set.of(), List.of(ONE));
        for (int i = 0; i < 4; i++) {
            assertThat(see(without, 2)).isEmpty();
            assertThat(see(planned, 2)).isEmpty();
        }
        assertThat(see(without, 14)).isEmpty();
        assertThat(see(without, 1)).hasSize(1);
    }

    @Test
    void cordonsFewerGpusAndEnginesAreTold() {
        ClusterLook other = look(
                List.of(node("a", 6), node("b", 8), node("c", 4)),
                Set.of("b"),
                List.of(TWO, new ClusterLook.Engine("three", "writer", "c", true)));
        assertThat(see(other, 3))
                .extracting(Change.Cluster::evidenceKey)
                .containsExactlyInAnyOrder(
                        "cluster/FEWER_GPUS/a",
                        "cluster/NODE_CORDONED/b",
                        "cluster/NODE_NEW/c",
                        "cluster/ENGINE_GONE/one",
                        "cluster/ENGINE_NEW/three");
    }

    @Test
    void anEngineThatIsNotReadyHasTimeToStart() {
        ClusterLook starting = look(
                List.of(node("a", 8), node("b", 8)),
                Set.of(),
                List.of(new ClusterLook.Engine("one", "critic", "a", false), TWO));
        assertThat(see(starting, ClusterDetector.LOOKS_READY - 1)).isEmpty();
        assertThat(see(starting, 1))
                .extracting(Change.Cluster::difference)
                .containsExactly(Difference.ENGINE_NOT_READY);
    }

    private List<Change.Cluster> see(ClusterLook look, int times) {
        List<Change.Cluster> told = new ArrayList<>();
        for (int i = 0; i < times; i++) {
            told.addAll(detector.take(looks++ * LOOK, look));
        }
        return told;
    }

    private static ClusterLook look(List<Node> nodes, Set<String> cordoned, List<ClusterLook.Engine> engines) {
        return new ClusterLook(new Cluster(List.of(new Rack("r", nodes))), cordoned, engines);
    }

    private static Node node(String name, int gpus) {
        return new Node(name, new GpuType("H100-SXM-80GB", 80), gpus, gpus, new Sharing.Exclusive());
    }
}
