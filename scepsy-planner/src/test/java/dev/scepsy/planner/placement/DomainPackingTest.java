package dev.scepsy.planner.placement;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.allocation.GpuFraction;
import dev.scepsy.planner.topology.Cluster;
import dev.scepsy.planner.topology.GpuType;
import dev.scepsy.planner.topology.Node;
import dev.scepsy.planner.topology.Occupied;
import dev.scepsy.planner.topology.Rack;
import dev.scepsy.planner.topology.ReplicaShape;
import dev.scepsy.planner.topology.Sharing;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DomainPackingTest {

    private static final int PROBLEMS = Boolean.getBoolean("scepsy.full") ? 20_000 : 1_500;
    private static final long PLENTY = 2_000_000;

    private static final GpuType GPU = new GpuType("A", 80, OptionalDouble.empty());

    @Test
    void saysWhatPackingGroupByGroupSays() {
        int fitting = 0;
        int not = 0;
        for (int seed = 0; seed < PROBLEMS; seed++) {
            Random random = new Random(seed);
            List<ReplicaShape> asked = new ArrayList<>();
            int[] replicas = new int[2 + random.nextInt(3)];
            int[] items = new int[replicas.length];
            for (int i = 0; i < items.length; i++) {
                items[i] = i;
                replicas[i] = 1 + random.nextInt(2);
                GpuFraction part = new GpuFraction(1 + random.nextInt(3), 4);
                asked.add(new ReplicaShape("A", 1 + random.nextInt(4), part, 5 + random.nextInt(45)));
            }
            Cluster cluster = cluster(random);
            Shapes shapes = new Shapes(cluster, asked);
            DomainKinds kinds = new DomainKinds(new Board(cluster, shapes), "A");
            WorkBudget work = new WorkBudget(PLENTY);
            boolean expected = new ExactPacking(shapes, kinds, items, replicas, work).solve();
            DomainPacking packing = new DomainPacking(shapes, kinds, items);
            String name = seed + " " + asked + Arrays.toString(replicas);
            assertThat(work.exhausted()).as(name).isFalse();
            assertThat(packing.solve(replicas, new WorkBudget(PLENTY))).as(name).isEqualTo(expected);
            if (expected) {
                fitting++;
                checkLegal(shapes, kinds, items, replicas, packing.packing());
            } else {
                not++;
            }
            int more = random.nextInt(items.length);
            replicas[more]++;
            boolean expectedMore = new ExactPacking(shapes, kinds, items, replicas, new WorkBudget(PLENTY)).solve();
            assertThat(packing.solve(replicas, new WorkBudget(PLENTY)))
                    .as("one more, with what was remembered: " + name)
                    .isEqualTo(expectedMore);
        }
        System.out.println("Packing by domains: " + fitting + " fit, " + not + " do not.");
        assertThat(fitting).isGreaterThan(PROBLEMS / 6);
        assertThat(not).isGreaterThan(PROBLEMS / 6);
    }

    @Test
    void saysThatWorkEnded() {
        Cluster cluster = cluster(new Random(1));
        Shapes shapes = new Shapes(cluster, List.of(new ReplicaShape("A", 2, new GpuFraction(1, 4), 5)));
        DomainKinds kinds = new DomainKinds(new Board(cluster, shapes), "A");
        WorkBudget none = new WorkBudget(0);
        assertThat(new DomainPacking(shapes, kinds, new int[] {0}).solve(new int[] {1}, none))
                .isFalse();
        assertThat(none.exhausted()).isTrue();
    }

    private static void checkLegal(
            Shapes shapes, DomainKinds kinds, int[] items, int[] replicas, List<DomainPacking.Filled> packing) {
        int[] used = new int[kinds.size()];
        int[] stands = new int[items.length];
        for (DomainPacking.Filled filled : packing) {
            used[filled.kind()]++;
            long[] compute = kinds.state(filled.kind()).compute().clone();
            long[] memory = kinds.state(filled.kind()).memory().clone();
            for (DomainPacking.Group group : filled.groups()) {
                stands[group.shape()]++;
                assertThat(group.gpus()).hasSize(shapes.tensorParallel(group.shape()));
                assertThat(Arrays.stream(group.gpus()).distinct().count()).isEqualTo(group.gpus().length);
                for (int gpu : group.gpus()) {
                    compute[gpu] -= shapes.compute(group.shape());
                    memory[gpu] -= shapes.memory(group.shape());
                }
            }
            assertThat(Arrays.stream(compute).min().orElse(0)).isNotNegative();
            assertThat(Arrays.stream(memory).min().orElse(0)).isNotNegative();
        }
        for (int kind = 0; kind < used.length; kind++) {
            assertThat(used[kind]).isLessThanOrEqualTo(kinds.count(kind));
        }
        assertThat(stands).containsExactly(replicas);
    }

    private static Cluster cluster(Random random) {
        List<Node> nodes = new ArrayList<>();
        for (int node = 0; node < 2; node++) {
            int gpus = 2 + random.nextInt(3);
            List<Occupied> occupied =
                    random.nextInt(3) == 0 ? List.of(new Occupied(0, new GpuFraction(1, 4), 30)) : List.of();
            Sharing sharing = new Sharing.Grid(Sharing.Mode.MPS, GpuFraction.of(0.25), random.nextInt(4) > 0);
            nodes.add(new Node("node-" + node, GPU, gpus, gpus, sharing, occupied));
        }
        return new Cluster(List.of(new Rack("rack", nodes)));
    }
}
