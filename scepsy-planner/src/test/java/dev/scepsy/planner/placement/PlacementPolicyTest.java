package dev.scepsy.planner.placement;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.allocation.GpuFraction;
import dev.scepsy.planner.allocation.LlmAllocation;
import dev.scepsy.planner.allocation.ReplicaPlacement;
import dev.scepsy.planner.search.choice.Placeability.Arrangement;
import dev.scepsy.planner.topology.Cluster;
import dev.scepsy.planner.topology.GpuType;
import dev.scepsy.planner.topology.Node;
import dev.scepsy.planner.topology.Occupied;
import dev.scepsy.planner.topology.Rack;
import dev.scepsy.planner.topology.ReplicaShape;
import dev.scepsy.planner.topology.Sharing;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What the placement policy promises, on random clusters and allocations. */
class PlacementPolicyTest {

    private static final int CASES = Boolean.getBoolean("scepsy.full") ? 3_000 : 300;
    private static final GpuType TYPE = new GpuType("A", 80);
    private static final Sharing QUARTERS = new Sharing.Grid(Sharing.Mode.MPS, GpuFraction.of(0.25), false);

    private record Case(Cluster cluster, List<LlmAllocation> allocations, Arrangement arrangement) {

        LlmAllocation of(ReplicaPlacement at) {
            return allocations.stream()
                    .filter(allocation -> allocation.model().equals(at.model()))
                    .findFirst()
                    .orElseThrow();
        }

        Node node(ReplicaPlacement at) {
            return cluster.nodes().stream()
                    .filter(node -> node.name().equals(at.node()))
                    .findFirst()
                    .orElseThrow();
        }

        /** Quarters taken of every GPU that is not untouched. */
        Map<String, Integer> quarters() {
            Map<String, Integer> quarters = new TreeMap<>();
            for (Node node : cluster.nodes()) {
                node.occupied()
                        .forEach(part -> quarters.put(node.name() + "/" + part.gpu(), inQuarters(part.gpuFraction())));
            }
            for (ReplicaPlacement at : arrangement.placements()) {
                at.gpus()
                        .forEach(gpu ->
                                quarters.merge(at.node() + "/" + gpu, inQuarters(of(at).gpuFraction()), Integer::sum));
            }
            return quarters;
        }
    }

    @Test
    void groupsStayInsideOneDomainAndNoGpuIsOverfull() {
        everyPlacement(3, each -> {
            for (ReplicaPlacement at : each.arrangement().placements()) {
                assertThat(at.gpus()).hasSize(each.of(at).tensorParallel()).doesNotHaveDuplicates();
                assertThat(at.gpus().stream()
                                .map(gpu -> gpu / each.node(at).domainSize())
                                .distinct())
                        .hasSize(1);
            }
            assertThat(each.quarters().values()).allMatch(quarters -> quarters <= 4);
        });
    }

    @Test
    void aFractionThatStandsAloneWouldFitOnNoGpuThatIsBegun() {
        everyPlacement(2, each -> {
            Map<String, Integer> quarters = each.quarters();
            for (ReplicaPlacement at : each.arrangement().placements()) {
                int mine = inQuarters(each.of(at).gpuFraction());
                String gpu = at.node() + "/" + at.gpus().get(0);
                if (mine < 4 && quarters.get(gpu) == mine) {
                    quarters.forEach((other, taken) -> assertThat(other.equals(gpu) || taken + mine > 4)
                            .as(at + " beside " + other)
                            .isTrue());
                }
            }
        });
    }

    @Test
    void noSwapOfEqualReplicasSpreadsThemFurther() {
        everyPlacement(2, each -> {
            List<ReplicaPlacement> all = each.arrangement().placements();
            long crowding = crowding(all);
            for (int i = 0; i < all.size(); i++) {
                for (int j = i + 1; j < all.size(); j++) {
                    LlmAllocation a = each.of(all.get(i));
                    LlmAllocation b = each.of(all.get(j));
                    if (!a.model().equals(b.model()) && ReplicaShape.of(a).equals(ReplicaShape.of(b))) {
                        List<ReplicaPlacement> swapped = new ArrayList<>(all);
                        swapped.set(i, at(all.get(i), all.get(j)));
                        swapped.set(j, at(all.get(j), all.get(i)));
                        assertThat(crowding(swapped)).isGreaterThanOrEqualTo(crowding);
                    }
                }
            }
        });
    }

    @Test
    void theLargestFreeGroupIsCountedInTheBestDomain() {
        everyPlacement(3, each -> {
            Map<String, Integer> quarters = each.quarters();
            int largest = 0;
            for (Node node : each.cluster().nodes()) {
                Map<Integer, Integer> free = new HashMap<>();
                for (int gpu = 0; gpu < node.gpus(); gpu++) {
                    if (!quarters.containsKey(node.name() + "/" + gpu)) {
                        free.merge(gpu / node.domainSize(), 1, Integer::sum);
                    }
                }
                largest = Math.max(
                        largest, free.values().stream().max(Integer::compare).orElse(0));
            }
            assertThat(each.arrangement().largestFreeGroup()).isEqualTo(largest);
        });
    }

    private static ReplicaPlacement at(ReplicaPlacement who, ReplicaPlacement where) {
        return new ReplicaPlacement(who.model(), who.replica(), where.node(), where.gpus());
    }

    /** Σ (replicas of a model on a node)². */
    private static long crowding(List<ReplicaPlacement> placements) {
        Map<String, Long> counts = new HashMap<>();
        placements.forEach(at -> counts.merge(at.model() + "@" + at.node(), 1L, Long::sum));
        return counts.values().stream().mapToLong(count -> count * count).sum();
    }

    private static int inQuarters(GpuFraction fraction) {
        return (int) Math.round(fraction.toDouble() * 4);
    }

    private interface Check {
        void check(Case each);
    }

    /** @param load quarters of the cluster's compute that are asked for at most */
    private static void everyPlacement(int load, Check check) {
        int placed = 0;
        for (int seed = 0; seed < CASES; seed++) {
            Random random = new Random(seed);
            Cluster cluster = cluster(random);
            List<LlmAllocation> allocations = allocations(random, cluster.freeGpus() * load / 4);
            var arrangement = Placement.on(
                            cluster, allocations.stream().map(ReplicaShape::of).toList())
                    .place(allocations, IntStream.range(0, allocations.size()).toArray());
            if (arrangement.isPresent()) {
                check.check(new Case(cluster, allocations, arrangement.get()));
                placed++;
            }
        }
        assertThat(placed).isGreaterThan(CASES / 2);
    }

    private static Cluster cluster(Random random) {
        List<Node> nodes = new ArrayList<>();
        for (int i = 0; i < 2 + random.nextInt(4); i++) {
            int gpus = 2 + random.nextInt(7);
            int held = random.nextInt(gpus);
            nodes.add(new Node(
                    "n" + i,
                    TYPE,
                    gpus,
                    random.nextInt(3) == 0 ? 1 + gpus / 2 : gpus,
                    QUARTERS,
                    switch (random.nextInt(5)) {
                        case 0 -> List.of(Occupied.wholly(held, TYPE));
                        case 1 -> List.of(new Occupied(held, GpuFraction.of(0.5), 40));
                        default -> List.of();
                    }));
        }
        return new Cluster(List.of(new Rack("r", nodes)));
    }

    private static List<LlmAllocation> allocations(Random random, double gpus) {
        List<LlmAllocation> allocations = new ArrayList<>();
        double left = gpus;
        for (int i = 0; i < 5; i++) {
            int width = random.nextInt(4) == 0 ? 2 : 1;
            double fraction = width == 2 ? 1 : new double[] {0.25, 0.5, 0.75, 1}[random.nextInt(4)];
            int replicas = 1 + random.nextInt(3);
            if (replicas * width * fraction <= left) {
                left -= replicas * width * fraction;
                allocations.add(
                        new LlmAllocation("m" + i, "A", GpuFraction.of(fraction), width, replicas, 80 * fraction));
            }
        }
        return allocations;
    }
}
