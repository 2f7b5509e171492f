package dev.scepsy.planner.placement;

import dev.scepsy.planner.topology.HostUnits;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Packing where nodes limit the processors and memory of their engines: {@link BinCompletion} whose bins are whole nodes, and
 * before it a quick filling of nodes that may say yes. Not thread-safe.
 */
final class NodePacking extends BinCompletion {

    /** A node of the kind and all that stands on it. */
    record FilledNode(int kind, List<DomainPacking.Filled> domains) {}

    private static final long QUICK_STEPS = 20_000;

    private final NodeFit[] fit;
    private final int[] nodes;
    private final long[][] needed;
    private final long[][] given;
    private final long[] compute;
    private final long[] memory;
    private final long[] computeOnNode;
    private final long[] memoryOnNode;
    private final List<int[]> itemOrders;
    private final List<int[]> nodeOrders;
    private List<Fill> found = List.of();

    /** @param items shapes; counts are asked in their order */
    NodePacking(Shapes shapes, DomainKinds kinds, NodeKinds nodes, int[] items) {
        this(shapes, kinds, nodes, items, fits(shapes, kinds, nodes, items));
    }

    private static NodeFit[] fits(Shapes shapes, DomainKinds kinds, NodeKinds nodes, int[] items) {
        long[][] needed = Arrays.stream(items).mapToObj(shapes::host).toArray(long[][]::new);
        Map<List<Integer>, NodeGpus> gpus = new HashMap<>();
        NodeFit[] fits = new NodeFit[nodes.size()];
        for (int kind = 0; kind < fits.length; kind++) {
            int[] domains = nodes.domains(kind);
            fits[kind] = new NodeFit(
                    needed,
                    nodes.hostLeft(kind),
                    gpus.computeIfAbsent(
                            Arrays.stream(domains).boxed().toList(),
                            key -> new NodeGpus(shapes, kinds, domains, items)));
        }
        return fits;
    }

    private NodePacking(Shapes shapes, DomainKinds kinds, NodeKinds nodes, int[] items, NodeFit[] fit) {
        super(fit, nodes.counts(), sizes(shapes, kinds, nodes, items));
        this.fit = fit;
        this.nodes = nodes.counts();
        this.needed = Arrays.stream(items).mapToObj(shapes::host).toArray(long[][]::new);
        this.compute = Arrays.stream(items)
                .mapToLong(item -> shapes.tensorParallel(item) * shapes.compute(item))
                .toArray();
        this.memory = Arrays.stream(items)
                .mapToLong(item -> shapes.tensorParallel(item) * shapes.memory(item))
                .toArray();
        int size = nodes.size();
        this.given = new long[size][];
        this.computeOnNode = new long[size];
        this.memoryOnNode = new long[size];
        for (int kind = 0; kind < size; kind++) {
            given[kind] = nodes.hostLeft(kind);
            computeOnNode[kind] = nodes.computeLeft(kind);
            memoryOnNode[kind] = nodes.memoryLeft(kind);
        }
        double[] host = hostSizes(shapes, nodes, items);
        this.itemOrders = List.of(
                largestFirst(sizes(shapes, kinds, nodes, items)),
                largestFirst(host),
                largestFirst(Arrays.stream(items).mapToDouble(shapes::gpus).toArray()));
        double[] room = IntStream.range(0, size)
                .mapToDouble(kind -> Arrays.stream(given[kind])
                                .mapToDouble(units -> Math.min(units, HostUnits.UNLIMITED / 4))
                                .sum()
                        / Math.max(1, computeOnNode[kind]))
                .toArray();
        this.nodeOrders = List.of(largestFirst(Arrays.stream(room).map(r -> -r).toArray()), largestFirst(room));
    }

    /** The larger of what a replica takes of the largest node's GPUs and of what the node that gives most of it gives. */
    private static double[] sizes(Shapes shapes, DomainKinds kinds, NodeKinds nodes, int[] items) {
        int gpus = 1;
        for (int kind = 0; kind < nodes.size(); kind++) {
            int here = 0;
            for (int domain = 0; domain < kinds.size(); domain++) {
                here += nodes.domains(kind)[domain] * kinds.gpus(domain);
            }
            gpus = Math.max(gpus, here);
        }
        double[] size = hostSizes(shapes, nodes, items);
        for (int i = 0; i < items.length; i++) {
            size[i] = Math.max(size[i], shapes.gpus(items[i]) / gpus);
        }
        return size;
    }

    private static double[] hostSizes(Shapes shapes, NodeKinds nodes, int[] items) {
        double[] size = new double[items.length];
        for (int resource = 0; resource < shapes.resources(); resource++) {
            long most = 1;
            for (int kind = 0; kind < nodes.size(); kind++) {
                most = Math.max(most, nodes.hostLeft(kind)[resource]);
            }
            for (int i = 0; i < items.length; i++) {
                size[i] = Math.max(size[i], (double) shapes.host(items[i])[resource] / most);
            }
        }
        return size;
    }

    /** Whether plain sums say no. */
    boolean refuted(int[] replicas) {
        return refuted(replicas, nodes);
    }

    /** Fills node after node in several orders; a no proves nothing. */
    boolean quick(int[] replicas) {
        if (refuted(replicas)) {
            return false;
        }
        WorkBudget work = new WorkBudget(QUICK_STEPS);
        for (int[] nodeOrder : nodeOrders) {
            for (int[] itemOrder : itemOrders) {
                List<Fill> filled = filled(replicas, nodeOrder, itemOrder, work);
                if (!filled.isEmpty()) {
                    found = filled;
                    return true;
                }
            }
        }
        return false;
    }

    /** Empty when something is left over. */
    private List<Fill> filled(int[] replicas, int[] nodeOrder, int[] itemOrder, WorkBudget work) {
        int[] need = replicas.clone();
        List<Fill> filled = new ArrayList<>();
        for (int kind : nodeOrder) {
            int free = nodes[kind];
            while (free > 0 && Arrays.stream(need).sum() > 0) {
                int[] counts = most(kind, itemOrder, need, work);
                int repeats = free;
                for (int i = 0; i < counts.length; i++) {
                    repeats = counts[i] > 0 ? Math.min(repeats, need[i] / counts[i]) : repeats;
                }
                if (Arrays.stream(counts).sum() == 0) {
                    break;
                }
                for (int i = 0; i < counts.length; i++) {
                    need[i] -= repeats * counts[i];
                }
                for (int repeat = 0; repeat < repeats; repeat++) {
                    filled.add(new Fill(kind, counts));
                }
                free -= repeats;
            }
        }
        return Arrays.stream(need).sum() == 0 ? filled : List.of();
    }

    /** As many of each item as fit beside those before it. */
    private int[] most(int kind, int[] itemOrder, int[] need, WorkBudget work) {
        int[] counts = new int[need.length];
        for (int item : itemOrder) {
            int low = 0;
            int high = Math.min(need[item], fit[kind].alone(item));
            while (low < high) {
                int middle = (low + high + 1) >>> 1;
                counts[item] = middle;
                if (fit[kind].fits(counts, work)) {
                    low = middle;
                } else {
                    high = middle - 1;
                }
            }
            counts[item] = low;
        }
        return counts;
    }

    /** Decides; false also when the work budget ends first, which the budget then tells. */
    boolean solve(int[] replicas, WorkBudget within) {
        boolean fits = complete(replicas, within);
        found = List.copyOf(fills());
        return fits;
    }

    /** One per node used, after {@link #quick} or {@link #solve} said yes. */
    List<FilledNode> packing() {
        return found.stream()
                .map(fill -> new FilledNode(fill.kind(), fit[fill.kind()].packing(fill.replicas())))
                .toList();
    }

    /** Plain sums of what is needed against what the nodes give. */
    @Override
    boolean refuted(int[] left, int[] nodesLeft) {
        long computeLeft = 0;
        long memoryLeft = 0;
        long[] hostLeft = new long[needed[0].length];
        for (int kind = 0; kind < nodesLeft.length; kind++) {
            computeLeft += nodesLeft[kind] * computeOnNode[kind];
            memoryLeft += nodesLeft[kind] * memoryOnNode[kind];
            for (int resource = 0; resource < hostLeft.length; resource++) {
                if (nodesLeft[kind] > 0) {
                    boolean unlimited =
                            given[kind][resource] == HostUnits.UNLIMITED || hostLeft[resource] == HostUnits.UNLIMITED;
                    hostLeft[resource] = unlimited
                            ? HostUnits.UNLIMITED
                            : hostLeft[resource] + nodesLeft[kind] * given[kind][resource];
                }
            }
        }
        for (int i = 0; i < left.length; i++) {
            computeLeft -= left[i] * compute[i];
            memoryLeft -= left[i] * memory[i];
            for (int resource = 0; resource < hostLeft.length; resource++) {
                hostLeft[resource] -= left[i] * needed[i][resource];
            }
        }
        return computeLeft < 0 || memoryLeft < 0 || Arrays.stream(hostLeft).anyMatch(units -> units < 0);
    }
}
