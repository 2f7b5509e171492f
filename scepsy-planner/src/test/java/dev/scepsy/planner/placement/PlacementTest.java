package dev.scepsy.planner.placement;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.allocation.GpuFraction;
import dev.scepsy.planner.allocation.LlmAllocation;
import dev.scepsy.planner.allocation.ReplicaPlacement;
import dev.scepsy.planner.search.choice.Placeability.Arrangement;
import dev.scepsy.planner.search.choice.Placeability.Verdict;
import dev.scepsy.planner.topology.Cluster;
import dev.scepsy.planner.topology.GpuType;
import dev.scepsy.planner.topology.Node;
import dev.scepsy.planner.topology.Rack;
import dev.scepsy.planner.topology.ReplicaShape;
import dev.scepsy.planner.topology.Sharing;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PlacementTest {

    private static final GpuType TYPE = new GpuType("A", 80);
    private static final Sharing TENTHS = new Sharing.Grid(Sharing.Mode.MPS, GpuFraction.of(0.1), false);
    private static final Sharing GROUPS = new Sharing.Grid(Sharing.Mode.MPS, GpuFraction.of(0.1), true);

    private static Cluster nodes(int gpus, int domainSize, Sharing sharing, String... names) {
        return new Cluster(List.of(new Rack(
                "rack",
                Arrays.stream(names)
                        .map(name -> new Node(name, TYPE, gpus, domainSize, sharing))
                        .toList())));
    }

    private static LlmAllocation allocation(String model, int replicas, int tensorParallel, double fraction) {
        return new LlmAllocation(model, "A", GpuFraction.of(fraction), tensorParallel, replicas, 80 * fraction);
    }

    private static Arrangement place(Cluster cluster, LlmAllocation... allocations) {
        List<ReplicaShape> shapes =
                Arrays.stream(allocations).map(PlacementTest::shape).toList();
        return Placement.on(cluster, shapes)
                .place(
                        List.of(allocations),
                        IntStream.range(0, allocations.length).toArray())
                .orElseThrow();
    }

    private static ReplicaShape shape(LlmAllocation allocation) {
        return new ReplicaShape(
                allocation.gpu(), allocation.tensorParallel(), allocation.gpuFraction(), allocation.memoryGiBPerGpu());
    }

    private static Verdict check(Cluster cluster, LlmAllocation... allocations) {
        List<ReplicaShape> shapes =
                Arrays.stream(allocations).map(PlacementTest::shape).toList();
        int[] positions = new int[allocations.length];
        Arrays.setAll(positions, i -> i);
        return Placement.on(cluster, shapes)
                .check(
                        positions,
                        Arrays.stream(allocations)
                                .mapToInt(LlmAllocation::replicas)
                                .toArray());
    }

    @Test
    void aFractionJoinsAGpuThatIsAlreadyBegun() {
        Arrangement arrangement =
                place(nodes(2, 2, TENTHS, "n1", "n2"), allocation("a", 1, 1, 0.6), allocation("b", 1, 1, 0.4));

        assertThat(arrangement.placements())
                .containsExactly(
                        new ReplicaPlacement("a", 0, "n1", List.of(0)), new ReplicaPlacement("b", 0, "n1", List.of(0)));
        assertThat(arrangement.largestFreeGroup()).isEqualTo(2);
    }

    @Test
    void aGroupTakesTheDomainItFillsBest() {
        Cluster cluster = new Cluster(List.of(new Rack(
                "rack", List.of(new Node("large", TYPE, 8, 8, TENTHS), new Node("small", TYPE, 4, 4, TENTHS)))));

        Arrangement arrangement = place(cluster, allocation("a", 1, 4, 1));

        assertThat(arrangement.placements())
                .containsExactly(new ReplicaPlacement("a", 0, "small", List.of(0, 1, 2, 3)));
        assertThat(arrangement.largestFreeGroup()).isEqualTo(8);
    }

    @Test
    void replicasSpreadOverNodesWhereItCostsNothing() {
        Arrangement arrangement =
                place(nodes(2, 2, TENTHS, "n1", "n2"), allocation("a", 2, 1, 1), allocation("b", 2, 1, 1));

        assertThat(arrangement.placements().stream().map(at -> at.model() + "@" + at.node()))
                .containsExactly("a@n1", "a@n2", "b@n1", "b@n2");
    }

    @Test
    void replicasStayTogetherWhereSpreadingWouldBreakAFreeDomain() {
        Arrangement arrangement = place(nodes(4, 4, TENTHS, "n1", "n2"), allocation("a", 2, 2, 1));

        assertThat(arrangement.placements().stream().map(ReplicaPlacement::node))
                .containsOnly("n1");
        assertThat(arrangement.largestFreeGroup()).isEqualTo(4);
    }

    @Test
    void groupsThatFitInSumButNotInDomainsAreRefused() {
        assertThat(check(nodes(3, 3, TENTHS, "n1", "n2"), allocation("a", 3, 2, 1)))
                .isEqualTo(Verdict.UNPLACEABLE);
        assertThat(check(nodes(3, 3, TENTHS, "n1", "n2"), allocation("a", 2, 2, 1), allocation("b", 2, 1, 1)))
                .isEqualTo(Verdict.PLACEABLE);
    }

    @Test
    void packingThatDefeatsFirstFitDecreasingIsFound() {
        // 0.5+0.3+0.2 twice and 0.4+0.3+0.3: first fit decreasing pairs 0.5 with 0.5
        LlmAllocation[] wants = {
            allocation("half", 2, 1, 0.5),
            allocation("two", 1, 1, 0.4),
            allocation("three", 4, 1, 0.3),
            allocation("fifth", 2, 1, 0.2)
        };

        assertThat(check(nodes(3, 3, TENTHS, "n"), wants)).isEqualTo(Verdict.PLACEABLE);
        assertThat(place(nodes(3, 3, TENTHS, "n"), wants).placements()).hasSize(9);
    }

    @Test
    void fractionalGroupsShareGpusOnlyWhereTheNodeAllowsIt() {
        assertThat(check(nodes(2, 2, GROUPS, "n"), allocation("a", 2, 2, 0.5))).isEqualTo(Verdict.PLACEABLE);
        assertThat(check(nodes(2, 2, TENTHS, "n"), allocation("a", 1, 2, 0.5))).isEqualTo(Verdict.UNPLACEABLE);
        assertThat(place(nodes(2, 2, GROUPS, "n"), allocation("a", 2, 2, 0.5)).placements())
                .allSatisfy(at -> assertThat(at.gpus()).containsExactly(0, 1));
    }

    @Test
    void theShortLastDomainTakesWhatFitsIntoIt() {
        // five GPUs in domains of 2, 2 and 1
        assertThat(check(nodes(5, 2, TENTHS, "n"), allocation("a", 2, 2, 1), allocation("b", 1, 1, 1)))
                .isEqualTo(Verdict.PLACEABLE);
        assertThat(check(nodes(5, 2, TENTHS, "n"), allocation("a", 2, 2, 1), allocation("b", 2, 1, 1)))
                .isEqualTo(Verdict.UNPLACEABLE);
    }
}
