package dev.scepsy.planner.transition;

import dev.scepsy.planner.topology.Node;
import dev.scepsy.planner.topology.Occupied;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * The states a transition moves through: how many engines of each kind run. A kind is a distinct {@link Engine} value;
 * a state is one count per kind. Knows what every kind takes of every GPU, and every model's floor.
 *
 * <p>Where GPUs are pinned, each GPU is a bin of its own; where the kubelet picks them (no sharing, or equal parts), the
 * node's GPUs are one bin. Compute is counted in billionths of a GPU and memory in millionths of a GiB, with a slack
 * of a hundred-millionth: whether a plan fits on the decimals as written was settled where it was made.
 */
final class ServingSpace {

    private static final double COMPUTE_UNITS = 1e9;
    private static final double MEMORY_UNITS = 1e6;
    private static final long SLACK = 10;

    final List<Engine> kinds;
    /** Counts now, of ready engines and of those that will be awaited first. */
    final int[] initial;

    final int[] goal;
    final int[] modelOf;
    final int[] floorOf;
    private final int[][] binsOf;
    /** For every bin the kinds that use it, and for every model its kinds. */
    private final int[][] kindsOfBin;

    private final int[][] kindsOfModel;
    private final long[] computeOf;
    private final long[] memoryOf;
    private final long[] computeCapacity;
    private final long[] memoryCapacity;
    private final HostRooms hosts;

    /**
     * @param counted engines that run when the search begins
     * @param detours kinds that are neither running nor wanted but may be started on the way
     */
    ServingSpace(TransitionProblem problem, List<Engine> counted, List<Engine> detours) {
        Map<Engine, Integer> index = new HashMap<>();
        List<Engine> ordered = new ArrayList<>(problem.target());
        ordered.addAll(counted);
        ordered.addAll(detours);
        ordered.sort(Engine.ORDER);
        ordered.forEach(engine -> index.putIfAbsent(engine, index.size()));
        kinds = index.entrySet().stream()
                .sorted(Map.Entry.comparingByValue())
                .map(Map.Entry::getKey)
                .toList();
        initial = new int[kinds.size()];
        goal = new int[kinds.size()];
        counted.forEach(engine -> initial[index.getOrDefault(engine, -1)]++);
        problem.target().forEach(engine -> goal[index.getOrDefault(engine, -1)]++);

        Map<String, Integer> models = new HashMap<>();
        kinds.forEach(kind -> models.putIfAbsent(kind.model(), models.size()));
        modelOf = kinds.stream().mapToInt(kind -> models.get(kind.model())).toArray();
        floorOf = new int[models.size()];
        models.forEach((model, number) -> floorOf[number] = problem.floor(model));

        Map<String, Integer> bins = new HashMap<>();
        List<long[]> capacities = new ArrayList<>();
        for (Node node : problem.cluster().nodes()) {
            int gpusPerBin = Engine.gpusArePicked(node) ? node.gpus() : 1;
            for (int gpu = 0; gpu < (Engine.gpusArePicked(node) ? 1 : node.gpus()); gpu++) {
                bins.put(Engine.gpusArePicked(node) ? node.name() : node.name() + "/" + gpu, capacities.size());
                capacities.add(capacity(node, gpu, gpusPerBin));
            }
        }
        computeCapacity = capacities.stream().mapToLong(bin -> bin[0]).toArray();
        memoryCapacity = capacities.stream().mapToLong(bin -> bin[1]).toArray();
        binsOf = new int[kinds.size()][];
        computeOf = new long[kinds.size()];
        memoryOf = new long[kinds.size()];
        for (int kind = 0; kind < kinds.size(); kind++) {
            Engine engine = kinds.get(kind);
            boolean pooled = bins.containsKey(engine.node());
            int shardsPerBin = pooled ? engine.shape().tensorParallel() : 1;
            computeOf[kind] =
                    Math.round(shardsPerBin * engine.shape().gpuFraction().toDouble() * COMPUTE_UNITS);
            memoryOf[kind] = Math.round(shardsPerBin * engine.shape().memoryGiBPerGpu() * MEMORY_UNITS);
            binsOf[kind] = pooled
                    ? new int[] {bins.get(engine.node())}
                    : engine.gpus().stream()
                            .filter(gpu -> bins.containsKey(engine.node() + "/" + gpu))
                            .mapToInt(gpu -> bins.get(engine.node() + "/" + gpu))
                            .toArray();
        }
        hosts = new HostRooms(problem, kinds);
        kindsOfBin = inverted(capacities.size(), kind -> binsOf[kind]);
        kindsOfModel = inverted(models.size(), kind -> new int[] {modelOf[kind]});
    }

    /** What the GPUs from {@code first} on have beside what others hold of them. */
    private static long[] capacity(Node node, int first, int gpus) {
        double compute = gpus;
        double memoryGiB = gpus * node.gpu().memoryGiB();
        for (Occupied part : node.occupied()) {
            if (part.gpu() >= first && part.gpu() < first + gpus) {
                compute -= part.gpuFraction().toDouble();
                memoryGiB -= part.memoryGiB();
            }
        }
        return new long[] {Math.round(compute * COMPUTE_UNITS) + SLACK, Math.round(memoryGiB * MEMORY_UNITS) + SLACK};
    }

    private int[][] inverted(int groups, IntFunction<int[]> groupsOf) {
        IntStream.Builder[] members = new IntStream.Builder[groups];
        Arrays.setAll(members, group -> IntStream.builder());
        for (int kind = 0; kind < kinds.size(); kind++) {
            for (int group : groupsOf.apply(kind)) {
                members[group].add(kind);
            }
        }
        return Arrays.stream(members).map(each -> each.build().toArray()).toArray(int[][]::new);
    }

    /** Whether the cluster holds one more engine of {@code kind}. Engines on nodes that are gone fit nowhere. */
    boolean fits(int[] counts, int kind) {
        if (binsOf[kind].length == 0 || !hosts.fits(counts, kind)) {
            return false;
        }
        for (int bin : binsOf[kind]) {
            long compute = computeOf[kind];
            long memory = memoryOf[kind];
            for (int other : kindsOfBin[bin]) {
                compute += counts[other] * computeOf[other];
                memory += counts[other] * memoryOf[other];
            }
            if (compute > computeCapacity[bin] || memory > memoryCapacity[bin]) {
                return false;
            }
        }
        return true;
    }

    /**
     * How many engines of the target would fit, among those that share a GPU or a limited node with {@code kind}, once one of
     * it stops.
     */
    int startsAfterStopping(int[] counts, int kind) {
        counts[kind]--;
        int starts = 0;
        for (int bin : binsOf[kind]) {
            for (int other : kindsOfBin[bin]) {
                if (counts[other] < goal[other] && fits(counts, other)) {
                    starts++;
                }
            }
        }
        for (int other : hosts.beside(kind)) {
            if (counts[other] < goal[other] && fits(counts, other)) {
                starts++;
            }
        }
        counts[kind]++;
        return starts;
    }

    /** Whether one engine of {@code kind} may stop without its model falling below its floor. */
    boolean mayStop(int[] counts, int kind) {
        return counts[kind] > 0 && replicas(counts, modelOf[kind]) > floorOf[modelOf[kind]];
    }

    int replicas(int[] counts, int model) {
        int replicas = 0;
        for (int kind : kindsOfModel[model]) {
            replicas += counts[kind];
        }
        return replicas;
    }

    /** Engines of the target that do not run yet. */
    int missing(int[] counts) {
        int missing = 0;
        for (int kind = 0; kind < counts.length; kind++) {
            missing += Math.max(0, goal[kind] - counts[kind]);
        }
        return missing;
    }

    /** Engines that run and are not in the target. */
    int surplus(int[] counts) {
        int surplus = 0;
        for (int kind = 0; kind < counts.length; kind++) {
            surplus += Math.max(0, counts[kind] - goal[kind]);
        }
        return surplus;
    }

    /** Whether the target itself fits, engine by engine in any order (capacity is additive). */
    boolean goalFits() {
        int[] counts = new int[goal.length];
        for (int kind = 0; kind < goal.length; kind++) {
            for (int copy = 0; copy < goal[kind]; copy++) {
                if (!fits(counts, kind)) {
                    return false;
                }
                counts[kind]++;
            }
        }
        return true;
    }

    /** Whether all that runs when the search begins stands where engines may stand, and within what there is. */
    boolean beginsLegally() {
        for (int kind = 0; kind < initial.length; kind++) {
            if (initial[kind] > 0 && binsOf[kind].length == 0) {
                return false;
            }
        }
        for (int bin = 0; bin < kindsOfBin.length; bin++) {
            long compute = 0;
            long memory = 0;
            for (int kind : kindsOfBin[bin]) {
                compute += initial[kind] * computeOf[kind];
                memory += initial[kind] * memoryOf[kind];
            }
            if (compute > computeCapacity[bin] || memory > memoryCapacity[bin]) {
                return false;
            }
        }
        return hosts.hold(initial);
    }

    /** What every bin and limited node has left, with {@code more} beside it: states alike in this take the same engines. */
    Key roomLeft(int[] counts, int... more) {
        int bins = kindsOfBin.length;
        int[] onHosts = hosts.left(counts);
        int[] room = new int[4 * bins + onHosts.length + more.length];
        for (int bin = 0; bin < bins; bin++) {
            long compute = computeCapacity[bin];
            long memory = memoryCapacity[bin];
            for (int kind : kindsOfBin[bin]) {
                compute -= counts[kind] * computeOf[kind];
                memory -= counts[kind] * memoryOf[kind];
            }
            room[4 * bin] = (int) (compute >>> 32);
            room[4 * bin + 1] = (int) compute;
            room[4 * bin + 2] = (int) (memory >>> 32);
            room[4 * bin + 3] = (int) memory;
        }
        System.arraycopy(onHosts, 0, room, 4 * bins, onHosts.length);
        System.arraycopy(more, 0, room, 4 * bins + onHosts.length, more.length);
        return new Key(room);
    }

    /** One value per state, for sets and maps. */
    static Key key(int[] counts) {
        return new Key(counts.clone());
    }

    /** The counts by value. */
    record Key(int[] counts) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Key key && Arrays.equals(counts, key.counts);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(counts);
        }
    }
}
