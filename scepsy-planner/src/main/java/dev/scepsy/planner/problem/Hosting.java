package dev.scepsy.planner.problem;

import dev.scepsy.planner.allocation.GpuFraction;
import dev.scepsy.planner.topology.Cluster;
import dev.scepsy.planner.topology.GpuType;
import dev.scepsy.planner.topology.Node;
import dev.scepsy.planner.topology.Sharing;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Which replica shapes (t, f) the nodes with one type of GPU can host, by compute and domains alone. Immutable.
 */
final class Hosting {

    private final GpuType type;
    private final List<Node> nodes;
    private final TreeSet<GpuFraction> fractions = new TreeSet<>();
    private final int widestDomain;

    private Hosting(List<Node> nodes) {
        this.type = nodes.get(0).gpu();
        this.nodes = nodes;
        this.widestDomain = nodes.stream().mapToInt(Node::domainSize).max().orElse(0);
        nodes.forEach(node -> fractions.addAll(fractionsOf(node.sharing())));
    }

    /** One per GPU type of {@code cluster}, by name. */
    static Map<String, Hosting> of(Cluster cluster) {
        Map<String, List<Node>> byType = new TreeMap<>();
        cluster.nodes()
                .forEach(node -> byType.computeIfAbsent(node.gpu().name(), name -> new ArrayList<>())
                        .add(node));
        Map<String, Hosting> hostings = new TreeMap<>();
        byType.forEach((name, nodes) -> hostings.put(name, new Hosting(nodes)));
        return hostings;
    }

    GpuType type() {
        return type;
    }

    int widestDomain() {
        return widestDomain;
    }

    /** Every fraction some node has. */
    Iterable<GpuFraction> fractions() {
        return fractions;
    }

    GpuFraction largestFraction() {
        return fractions.last();
    }

    /** Whether some node takes a replica of {@code tensorParallel} GPUs at {@code fraction} of each. */
    boolean hosts(int tensorParallel, GpuFraction fraction) {
        return nodes.stream()
                .anyMatch(node -> node.domainSize() >= tensorParallel && allows(node, tensorParallel, fraction));
    }

    /** Whether {@code node}'s sharing takes shards of {@code fraction} of a replica of {@code tensorParallel} GPUs. */
    static boolean allows(Node node, int tensorParallel, GpuFraction fraction) {
        return node.sharing().allows(fraction)
                && (tensorParallel == 1 || fraction.isWhole() || node.sharing().tensorParallel());
    }

    /**
     * The fraction of the grid that {@code written} means: itself, or the one it is the rounding of where a grid has no
     * finite decimal (0.33 for 1/3).
     */
    Optional<GpuFraction> onGrid(GpuFraction written) {
        if (fractions.contains(written)) {
            return Optional.of(written);
        }
        BigDecimal decimal = written.toDecimal();
        int places = decimal.scale();
        return places < 2
                ? Optional.empty()
                : fractions.stream()
                        .filter(fraction -> hasNoFiniteDecimal(fraction)
                                && fraction.toDecimal()
                                                .setScale(places, RoundingMode.HALF_EVEN)
                                                .compareTo(decimal)
                                        == 0)
                        .findFirst();
    }

    private static boolean hasNoFiniteDecimal(GpuFraction fraction) {
        return fraction.toDecimal().precision() >= MathContext.DECIMAL128.getPrecision();
    }

    private static List<GpuFraction> fractionsOf(Sharing sharing) {
        if (sharing instanceof Sharing.EqualParts equal) {
            return List.of(GpuFraction.oneOf(equal.parts()));
        }
        List<GpuFraction> fractions = new ArrayList<>(List.of(GpuFraction.whole()));
        if (sharing instanceof Sharing.Grid grid) {
            GpuFraction step = grid.step();
            for (long k = 1; k * step.numerator() <= step.denominator(); k++) {
                GpuFraction fraction = new GpuFraction(k * step.numerator(), step.denominator());
                if (grid.allows(fraction)) {
                    fractions.add(fraction);
                }
            }
        }
        return fractions;
    }

    /** Whether {@code fraction} is, on the grid, one of those that are {@code written}. */
    boolean allows(Set<GpuFraction> written, GpuFraction fraction) {
        return written.stream()
                .anyMatch(each -> onGrid(each).filter(fraction::equals).isPresent());
    }
}
