package dev.scepsy.planner.placement;

import dev.scepsy.planner.topology.Kinds;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;

/**
 * The nodes of one GPU type that limit what engines take beside GPUs, or not; equal ones counted. Equal are nodes with
 * equal domains and the same processors and memory left. Immutable.
 */
final class NodeKinds {

    private static final double ROUNDING = 1e-9;

    private record Key(List<Integer> domains, List<Long> hostLeft) {}

    private final List<int[]> domains = new ArrayList<>();
    private final List<long[]> hostLeft = new ArrayList<>();
    private final List<Long> computeLeft = new ArrayList<>();
    private final List<Long> memoryLeft = new ArrayList<>();
    private final Kinds<Key> kinds;

    /**
     * The kinds there are as the board stands now.
     *
     * @param domainKindOf of each domain of the board; below 0 for another GPU type
     * @param domainKinds how many kinds of domains there are
     */
    NodeKinds(Board board, int[] domainKindOf, int domainKinds) {
        int[][] onNode = new int[board.nodes()][];
        long[] compute = new long[board.nodes()];
        long[] memory = new long[board.nodes()];
        for (int domain = 0; domain < domainKindOf.length; domain++) {
            if (domainKindOf[domain] >= 0) {
                int node = board.node(domain);
                if (onNode[node] == null) {
                    onNode[node] = new int[domainKinds];
                }
                onNode[node][domainKindOf[domain]]++;
                for (int gpu = 0; gpu < board.domain(domain).gpus(); gpu++) {
                    compute[node] += board.computeLeft(domain, gpu);
                    memory[node] += board.memoryLeft(domain, gpu);
                }
            }
        }
        kinds = Kinds.of(
                onNode.length,
                node -> onNode[node] == null
                        ? Optional.empty()
                        : Optional.of(new Key(
                                Arrays.stream(onNode[node]).boxed().toList(),
                                LongStream.of(board.hostLeft(node)).boxed().toList())));
        for (int kind = 0; kind < kinds.size(); kind++) {
            int first = kinds.first(kind);
            domains.add(onNode[first]);
            hostLeft.add(board.hostLeft(first).clone());
            computeLeft.add(compute[first]);
            memoryLeft.add(memory[first]);
        }
    }

    int size() {
        return kinds.size();
    }

    /** Of which kind a node of the board was; -1 for another GPU type. */
    int kindOf(int node) {
        return kinds.kindOf(node);
    }

    /** Nodes of each kind. */
    int[] counts() {
        return kinds.counts();
    }

    /** Domains of each kind of domain on a node of the kind. */
    int[] domains(int kind) {
        return domains.get(kind);
    }

    /** Units per resource left on each node of the kind. */
    long[] hostLeft(int kind) {
        return hostLeft.get(kind);
    }

    /** Compute units left on all GPUs of each node of the kind. */
    long computeLeft(int kind) {
        return computeLeft.get(kind);
    }

    /** Memory units left on all GPUs of each node of the kind. */
    long memoryLeft(int kind) {
        return memoryLeft.get(kind);
    }

    /** Whether a node's processors or memory could be what does not fit, were GPUs all that mattered. */
    boolean bind(Shapes shapes, int[] items, int[] replicas) {
        for (int resource = 0; resource < shapes.resources(); resource++) {
            long all = 0;
            double mostPerCompute = 0;
            for (int i = 0; i < items.length; i++) {
                long needed = replicas[i] > 0 ? shapes.host(items[i])[resource] : 0;
                all += replicas[i] * needed;
                mostPerCompute = Math.max(
                        mostPerCompute, (double) needed / (shapes.tensorParallel(items[i]) * shapes.compute(items[i])));
            }
            for (int kind = 0; kind < size(); kind++) {
                if (Math.min(all, mostPerCompute * computeLeft(kind) * (1 + ROUNDING)) > hostLeft(kind)[resource]) {
                    return true;
                }
            }
        }
        return false;
    }
}
