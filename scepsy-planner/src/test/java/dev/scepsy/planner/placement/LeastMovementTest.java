package dev.scepsy.planner.placement;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.allocation.GpuFraction;
import dev.scepsy.planner.allocation.LlmAllocation;
import dev.scepsy.planner.allocation.Plan;
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
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A placement beside one that serves already: as few replicas move as any arrangement allows. */
class LeastMovementTest {

    private static final GpuType TYPE = new GpuType("A", 80);
    private static final Sharing QUARTERS = new Sharing.Grid(Sharing.Mode.MPS, GpuFraction.of(0.25), true);
    private static final int CASES = Boolean.getBoolean("scepsy.full") ? 1_000 : 120;

    @Test
    void whatCanStayStaysWhereThePolicyWouldMoveIt() {
        Cluster cluster = cluster(new Node("n1", TYPE, 4, 4, QUARTERS), new Node("n2", TYPE, 4, 4, QUARTERS));
        List<LlmAllocation> before = List.of(allocation("a", 2, 1, 1));
        List<ReplicaPlacement> standing =
                List.of(new ReplicaPlacement("a", 0, "n2", List.of(3)), new ReplicaPlacement("a", 1, "n2", List.of(1)));

        Arrangement arrangement = placed(cluster, List.of(allocation("a", 3, 1, 1)), plan(before, standing))
                .orElseThrow();

        assertThat(arrangement.placements())
                .hasSize(3)
                .anySatisfy(at -> assertThat(at.gpus()).containsExactly(1))
                .anySatisfy(at -> assertThat(at.gpus()).containsExactly(3));
        assertThat(kept(before, standing, List.of(allocation("a", 3, 1, 1)), arrangement.placements()))
                .isEqualTo(2);
    }

    @Test
    void theFewestMakeRoomForAGroup() {
        // two replicas stand in each domain of two: a group needs one domain, so one replica has to move, not two
        Cluster cluster = cluster(new Node("n1", TYPE, 6, 2, QUARTERS));
        List<ReplicaPlacement> standing = List.of(
                new ReplicaPlacement("a", 0, "n1", List.of(0)),
                new ReplicaPlacement("a", 1, "n1", List.of(1)),
                new ReplicaPlacement("a", 2, "n1", List.of(2)),
                new ReplicaPlacement("a", 3, "n1", List.of(4)));
        List<LlmAllocation> before = List.of(allocation("a", 4, 1, 1));
        List<LlmAllocation> after = List.of(allocation("a", 4, 1, 1), allocation("b", 1, 2, 1));

        Arrangement arrangement = placed(cluster, after, plan(before, standing)).orElseThrow();

        assertThat(kept(before, standing, after, arrangement.placements())).isEqualTo(3);
    }

    @Test
    void aReplicaOfAnotherShapeOrOnAPlaceThatIsGoneCannotStay() {
        Cluster cluster = cluster(new Node(
                "n1",
                TYPE,
                4,
                4,
                QUARTERS,
                List.of(Occupied.wholly(1, TYPE), new Occupied(2, GpuFraction.of(0.5), 40))));
        List<ReplicaPlacement> standing = List.of(
                new ReplicaPlacement("a", 0, "n1", List.of(1)),
                new ReplicaPlacement("a", 1, "n9", List.of(0)),
                new ReplicaPlacement("a", 2, "n1", List.of(7)));
        List<LlmAllocation> before = List.of(allocation("a", 3, 1, 0.5));

        Arrangement half = placed(cluster, before, plan(before, standing)).orElseThrow();
        assertThat(half.placements()).extracting(ReplicaPlacement::node).containsOnly("n1");
        assertThat(half.placements()).noneSatisfy(at -> assertThat(at.gpus()).contains(1));
        assertThat(placed(cluster, List.of(allocation("a", 2, 1, 1)), plan(before, standing)))
                .isPresent();
    }

    @Test
    void noArrangementMovesFewer() {
        int moved = 0;
        for (int seed = 0; seed < CASES; seed++) {
            Random random = new Random(seed);
            Cluster cluster = generated(random);
            List<LlmAllocation> before = allocations(random);
            Optional<Arrangement> first = Placement.on(cluster, shapes(before)).place(before, positions(before));
            List<LlmAllocation> after = changed(before, random);
            Optional<Arrangement> second = Placement.on(cluster, shapes(after)).place(after, positions(after));
            if (first.isEmpty() || second.isEmpty()) {
                continue;
            }
            List<ReplicaPlacement> standing = scattered(cluster, before, first.get(), random);
            Plan current = plan(before, standing);
            Arrangement next = placed(cluster, after, current).orElseThrow();
            int most = new EveryArrangement(cluster, before, standing, after).mostKept();

            legal(cluster, after, next);
            assertThat(kept(before, standing, after, next.placements()))
                    .as("seed " + seed)
                    .isEqualTo(most);
            assertThat(placed(cluster, after, current)).hasValue(next);
            moved += most < standing.size() ? 1 : 0;
        }
        assertThat(moved).isGreaterThan(CASES / 5);
    }

    /** The same allocations as some legal arrangement of them, not the policy's. */
    private static List<ReplicaPlacement> scattered(
            Cluster cluster, List<LlmAllocation> allocations, Arrangement policy, Random random) {
        List<Node> nodes = new ArrayList<>(cluster.racks().get(0).nodes());
        java.util.Collections.shuffle(nodes, random);
        Cluster shuffled = new Cluster(List.of(new Rack("r", nodes)));
        return Placement.on(shuffled, shapes(allocations))
                .place(allocations, positions(allocations))
                .map(Arrangement::placements)
                .orElse(policy.placements());
    }

    private static Cluster generated(Random random) {
        List<Node> nodes = new ArrayList<>();
        int count = 2 + random.nextInt(2);
        for (int i = 0; i < count; i++) {
            int gpus = 2 + random.nextInt(2);
            nodes.add(new Node(
                    "n" + i,
                    TYPE,
                    gpus,
                    random.nextInt(3) == 0 ? 2 : gpus,
                    QUARTERS,
                    random.nextInt(4) == 0 ? List.of(new Occupied(0, GpuFraction.of(0.5), 40)) : List.of()));
        }
        return cluster(nodes.toArray(Node[]::new));
    }

    private static List<LlmAllocation> allocations(Random random) {
        List<LlmAllocation> allocations = new ArrayList<>();
        for (int i = 0; i < 2 + random.nextInt(2); i++) {
            allocations.add(any("m" + i, random));
        }
        return allocations;
    }

    private static LlmAllocation any(String model, Random random) {
        int width = random.nextInt(3) == 0 ? 2 : 1;
        double fraction = width == 2 ? 1 : new double[] {0.25, 0.5, 0.75, 1}[random.nextInt(4)];
        return allocation(model, 1 + random.nextInt(width == 2 ? 1 : 2), width, fraction);
    }

    private static List<LlmAllocation> changed(List<LlmAllocation> before, Random random) {
        List<LlmAllocation> after = new ArrayList<>();
        for (LlmAllocation old : before) {
            switch (random.nextInt(5)) {
                case 0 -> after.add(any(old.model(), random));
                case 1, 2 ->
                    after.add(allocation(
                            old.model(),
                            1 + random.nextInt(2),
                            old.tensorParallel(),
                            old.gpuFraction().toDouble()));
                default -> after.add(old);
            }
        }
        if (random.nextInt(3) == 0) {
            after.add(any("new", random));
        }
        return after;
    }

    private static void legal(Cluster cluster, List<LlmAllocation> allocations, Arrangement arrangement) {
        Map<String, Double> used = new HashMap<>();
        cluster.nodes()
                .forEach(node -> node.occupied()
                        .forEach(part -> used.put(
                                node.name() + part.gpu(), part.gpuFraction().toDouble())));
        for (ReplicaPlacement at : arrangement.placements()) {
            LlmAllocation allocation = allocations.stream()
                    .filter(of -> of.model().equals(at.model()))
                    .findFirst()
                    .orElseThrow();
            assertThat(at.gpus()).hasSize(allocation.tensorParallel()).doesNotHaveDuplicates();
            at.gpus()
                    .forEach(gpu -> assertThat(used.merge(
                                    at.node() + gpu, allocation.gpuFraction().toDouble(), Double::sum))
                            .isLessThanOrEqualTo(1));
        }
        assertThat(arrangement.placements())
                .hasSize(allocations.stream().mapToInt(LlmAllocation::replicas).sum());
    }

    /** Tries every arrangement of the new allocations and counts what stays. */
    private static final class EveryArrangement {
        private final List<LlmAllocation> replicas = new ArrayList<>();
        private final List<String> places = new ArrayList<>();
        private final List<List<String>> gpusOf = new ArrayList<>();
        private final Map<String, Integer> left = new HashMap<>();
        private final Map<String, Integer> standing = new HashMap<>();
        private int best = -1;

        EveryArrangement(
                Cluster cluster,
                List<LlmAllocation> before,
                List<ReplicaPlacement> current,
                List<LlmAllocation> after) {
            for (LlmAllocation allocation : after) {
                for (int i = 0; i < allocation.replicas(); i++) {
                    replicas.add(allocation);
                }
            }
            for (Node node : cluster.nodes()) {
                for (int gpu = 0; gpu < node.gpus(); gpu++) {
                    int quarters = node.occupied(gpu)
                            .map(part -> (int) (part.gpuFraction().toDouble() * 4))
                            .orElse(0);
                    left.put(node.name() + "/" + gpu, 4 - quarters);
                    places.add(node.name() + "[" + gpu + "]");
                    gpusOf.add(List.of(node.name() + "/" + gpu));
                    for (int other = gpu + 1; other < node.gpus(); other++) {
                        if (gpu / node.domainSize() == other / node.domainSize()) {
                            places.add(node.name() + "[" + gpu + ", " + other + "]");
                            gpusOf.add(List.of(node.name() + "/" + gpu, node.name() + "/" + other));
                        }
                    }
                }
            }
            standing.putAll(counts(before, current, after));
        }

        int mostKept() {
            put(0, 0, 0);
            return best;
        }

        private void put(int replica, int from, int kept) {
            if (kept + replicas.size() - replica <= best) {
                return;
            }
            if (replica == replicas.size()) {
                best = kept;
                return;
            }
            LlmAllocation allocation = replicas.get(replica);
            int quarters = (int) (allocation.gpuFraction().toDouble() * 4);
            for (int place = from; place < places.size(); place++) {
                List<String> gpus = gpusOf.get(place);
                if (gpus.size() != allocation.tensorParallel()
                        || gpus.stream().anyMatch(gpu -> left.getOrDefault(gpu, 0) < quarters)) {
                    continue;
                }
                String key = allocation.model() + places.get(place);
                int stands = standing.getOrDefault(key, 0);
                gpus.forEach(gpu -> left.merge(gpu, -quarters, Integer::sum));
                standing.put(key, stands - 1);
                boolean sameNext = replica + 1 < replicas.size() && replicas.get(replica + 1) == allocation;
                put(replica + 1, sameNext ? place : 0, kept + (stands > 0 ? 1 : 0));
                standing.put(key, stands);
                gpus.forEach(gpu -> left.merge(gpu, quarters, Integer::sum));
            }
        }
    }

    private static Map<String, Integer> counts(
            List<LlmAllocation> before, List<ReplicaPlacement> current, List<LlmAllocation> after) {
        Map<String, Integer> counts = new HashMap<>();
        for (ReplicaPlacement at : current) {
            boolean sameShape = before.stream()
                    .filter(of -> of.model().equals(at.model()))
                    .anyMatch(old -> after.stream()
                            .anyMatch(now -> now.model().equals(old.model())
                                    && now.gpuFraction().equals(old.gpuFraction())
                                    && now.tensorParallel() == old.tensorParallel()));
            if (sameShape) {
                counts.merge(at.model() + at.node() + at.gpus(), 1, Integer::sum);
            }
        }
        return counts;
    }

    private static int kept(
            List<LlmAllocation> before,
            List<ReplicaPlacement> current,
            List<LlmAllocation> after,
            List<ReplicaPlacement> next) {
        Map<String, Integer> standing = counts(before, current, after);
        int kept = 0;
        for (ReplicaPlacement at : next) {
            if (standing.merge(at.model() + at.node() + at.gpus(), -1, Integer::sum) >= 0) {
                kept++;
            }
        }
        return kept;
    }

    private static Optional<Arrangement> placed(Cluster cluster, List<LlmAllocation> allocations, Plan current) {
        return Placement.keeping(current).on(cluster, shapes(allocations)).place(allocations, positions(allocations));
    }

    private static List<ReplicaShape> shapes(List<LlmAllocation> allocations) {
        return allocations.stream().map(ReplicaShape::of).toList();
    }

    private static int[] positions(List<LlmAllocation> allocations) {
        return IntStream.range(0, allocations.size()).toArray();
    }

    private static Plan plan(List<LlmAllocation> allocations, List<ReplicaPlacement> placements) {
        return new Plan(1, 1, 0, allocations, placements, List.of(), 0, 0);
    }

    private static Cluster cluster(Node... nodes) {
        return new Cluster(List.of(new Rack("r", List.of(nodes))));
    }

    private static LlmAllocation allocation(String model, int replicas, int tensorParallel, double fraction) {
        return new LlmAllocation(model, "A", GpuFraction.of(fraction), tensorParallel, replicas, 80 * fraction);
    }
}
