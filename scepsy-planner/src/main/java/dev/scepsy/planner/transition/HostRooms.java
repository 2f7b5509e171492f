package dev.scepsy.planner.transition;

import dev.scepsy.planner.topology.HostNeed;
import dev.scepsy.planner.topology.HostResource;
import dev.scepsy.planner.topology.Node;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * What the engines of a state take of their nodes' processors and memory, and what those give. In millionths of a core and
 * of a GiB, with a slack of a hundred-thousandth, as {@link ServingSpace} counts memory. Immutable.
 */
final class HostRooms {

    private static final double UNITS = 1e6;
    private static final long SLACK = 10;

    /** By kind the limited node it stands on; -1: none. */
    private final int[] nodeOf;

    private final int[][] kindsOfNode;
    private final long[][] needOf;
    private final long[][] given;

    HostRooms(TransitionProblem problem, List<Engine> kinds) {
        Map<String, Integer> limited = new HashMap<>();
        List<long[]> rooms = new ArrayList<>();
        for (Node node : problem.cluster().nodes()) {
            if (node.host().isLimited()) {
                limited.put(node.name(), rooms.size());
                rooms.add(Arrays.stream(HostResource.values())
                        .mapToLong(resource -> given(node.host().of(resource)))
                        .toArray());
            }
        }
        given = rooms.toArray(long[][]::new);
        nodeOf = kinds.stream()
                .mapToInt(kind -> limited.getOrDefault(kind.node(), -1))
                .toArray();
        needOf = kinds.stream().map(kind -> units(problem.need(kind))).toArray(long[][]::new);
        kindsOfNode = new int[given.length][];
        for (int node = 0; node < given.length; node++) {
            int at = node;
            kindsOfNode[node] = IntStream.range(0, nodeOf.length)
                    .filter(kind -> nodeOf[kind] == at)
                    .toArray();
        }
    }

    private static long given(OptionalDouble limit) {
        return limit.isPresent() ? Math.round(limit.getAsDouble() * UNITS) + SLACK : Long.MAX_VALUE;
    }

    private static long[] units(HostNeed need) {
        return Arrays.stream(HostResource.values())
                .mapToLong(resource -> Math.round(need.of(resource) * UNITS))
                .toArray();
    }

    /** Whether the node of {@code kind} holds one more of it. */
    boolean fits(int[] counts, int kind) {
        int node = nodeOf[kind];
        if (node < 0) {
            return true;
        }
        for (int resource = 0; resource < given[node].length; resource++) {
            if (taken(counts, node, resource) + needOf[kind][resource] > given[node][resource]) {
                return false;
            }
        }
        return true;
    }

    /** Whether every node holds what the counts put on it. */
    boolean hold(int[] counts) {
        for (int node = 0; node < given.length; node++) {
            for (int resource = 0; resource < given[node].length; resource++) {
                if (taken(counts, node, resource) > given[node][resource]) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Kinds on the same limited node as {@code kind}, itself among them; none where its node is not limited. */
    int[] beside(int kind) {
        return nodeOf[kind] < 0 ? new int[0] : kindsOfNode[nodeOf[kind]];
    }

    /** How much of every limited node is left, as whole numbers for keys. */
    int[] left(int[] counts) {
        int resources = HostResource.values().length;
        int[] left = new int[2 * resources * given.length];
        int at = 0;
        for (int node = 0; node < given.length; node++) {
            for (int resource = 0; resource < resources; resource++) {
                long units = given[node][resource] - taken(counts, node, resource);
                left[at++] = (int) (units >>> 32);
                left[at++] = (int) units;
            }
        }
        return left;
    }

    private long taken(int[] counts, int node, int resource) {
        long taken = 0;
        for (int kind : kindsOfNode[node]) {
            taken += counts[kind] * needOf[kind][resource];
        }
        return taken;
    }
}
