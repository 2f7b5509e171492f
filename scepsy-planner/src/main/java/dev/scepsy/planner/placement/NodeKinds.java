package dev.scepsy.planner.placement;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * The nodes of one GPU type that limit what engines take beside GPUs, or not; equal ones counted. Equal are nodes with
 * equal domains and the same processors and memory left. Immutable.
 */
final class NodeKinds {

    private record Key(List<Integer> domains, List<Long> hostLeft) {}

    private final List<int[]> domains = new ArrayList<>();
    private final List<long[]> hostLeft = new ArrayList<>();
    private final List<Integer> counts = new ArrayList<>();
    private final int[] kindOf;

    /**
     * The kinds there are as the board stands now.
     *
     * @param domainKindOf of each domain of the board; below 0 for another GPU type
     * @param domainKinds how many kinds of domains there are
     */
    NodeKinds(Board board, int[] domainKindOf, int domainKinds) {
        int[][] onNode = new int[board.nodes()][];
        for (int domain = 0; domain < domainKindOf.length; domain++) {
            if (domainKindOf[domain] >= 0) {
                int node = board.node(domain);
                if (onNode[node] == null) {
                    onNode[node] = new int[domainKinds];
                }
                onNode[node][domainKindOf[domain]]++;
            }
        }
        Map<Key, Integer> kinds = new HashMap<>();
        kindOf = new int[onNode.length];
        Arrays.fill(kindOf, -1);
        for (int node = 0; node < onNode.length; node++) {
            if (onNode[node] == null) {
                continue;
            }
            Key key = new Key(
                    Arrays.stream(onNode[node]).boxed().toList(),
                    LongStream.of(board.hostLeft(node)).boxed().toList());
            Integer kind = kinds.get(key);
            if (kind == null) {
                kind = counts.size();
                kinds.put(key, kind);
                domains.add(onNode[node]);
                hostLeft.add(board.hostLeft(node).clone());
                counts.add(1);
            } else {
                counts.set(kind, counts.get(kind) + 1);
            }
            kindOf[node] = kind;
        }
    }

    int size() {
        return counts.size();
    }

    /** Of which kind a node of the board was; -1 for another GPU type. */
    int kindOf(int node) {
        return kindOf[node];
    }

    /** Nodes of each kind. */
    int[] counts() {
        return counts.stream().mapToInt(Integer::intValue).toArray();
    }

    /** Domains of each kind of domain on a node of the kind. */
    int[] domains(int kind) {
        return domains.get(kind);
    }

    /** Units per resource left on each node of the kind. */
    long[] hostLeft(int kind) {
        return hostLeft.get(kind);
    }
}
