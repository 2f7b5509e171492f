package dev.scepsy.samples.cluster.control;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.scepsy.planner.topology.Node;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** What is free on each GPU of one node, given the pods bound to it. */
final class GpuLedger {
    // Fractions are decimals summed in binary; a thousandth of a thousandth is nobody's share.
    private static final double TOLERANCE = 1e-6;

    /** Whether a demand fits, and where. */
    sealed interface Fit {
        record On(List<Integer> gpus) implements Fit {}

        /** @param reason as the scheduler's message says it, after a count of nodes */
        record None(String reason) implements Fit {}
    }

    private final Node node;
    private final double[] freeCompute;
    private final double[] freeMemoryGiB;

    private GpuLedger(Node node) {
        this.node = node;
        this.freeCompute = new double[node.gpus()];
        this.freeMemoryGiB = new double[node.gpus()];
        Arrays.fill(freeCompute, 1);
        Arrays.fill(freeMemoryGiB, node.gpu().memoryGiB());
    }

    static GpuLedger of(ServingNode serving, Collection<ObjectNode> pods) {
        GpuLedger ledger = new GpuLedger(serving.node());
        for (ObjectNode object : pods) {
            PodView pod = new PodView(object);
            if (pod.node().equals(serving.name())) {
                GpuDemand demand = GpuDemand.of(pod);
                for (int gpu : pod.assignedGpus()) {
                    ledger.freeCompute[gpu] -= demand.fraction().toDouble();
                    ledger.freeMemoryGiB[gpu] -=
                            demand.memoryGiBOn(serving.node().gpu().memoryGiB());
                }
            }
        }
        return ledger;
    }

    double usedCompute(int gpu) {
        return 1 - freeCompute[gpu];
    }

    double usedMemoryGiB(int gpu) {
        return node.gpu().memoryGiB() - freeMemoryGiB[gpu];
    }

    Fit fit(GpuDemand demand) {
        if (demand.gpus() == 0) {
            return new Fit.On(List.of());
        }
        if (!node.sharing().allows(demand.fraction())) {
            return new Fit.None("node(s) do not offer the GPU share " + demand.fraction() + " (sharing "
                    + node.sharing().mode().name().toLowerCase(Locale.ROOT) + ")");
        }
        if (demand.gpus() > 1 && !demand.fraction().isWhole() && !node.sharing().tensorParallel()) {
            return new Fit.None("node(s) do not allow shared GPUs with tensor parallelism");
        }
        return demand.pinned().isEmpty() ? choose(demand) : pinned(demand);
    }

    private Fit pinned(GpuDemand demand) {
        List<String> lacking = new ArrayList<>();
        for (int gpu : demand.pinned()) {
            if (gpu >= node.gpus()) {
                return new Fit.None("node(s) have no GPU " + gpu);
            }
            if (!fits(demand, gpu)) {
                lacking.add(lack(demand, gpu));
            }
        }
        return lacking.isEmpty() ? new Fit.On(demand.pinned()) : new Fit.None(insufficient(lacking));
    }

    // Best fit inside one fast domain: the fullest GPUs that still have room, so that whole ones stay whole.
    private Fit choose(GpuDemand demand) {
        List<String> lacking = new ArrayList<>();
        for (int domain = 0; domain < node.domains(); domain++) {
            int first = domain * node.domainSize();
            List<Integer> able = IntStream.range(first, first + node.domainGpus(domain))
                    .boxed()
                    .filter(gpu -> {
                        boolean fits = fits(demand, gpu);
                        if (!fits) {
                            lacking.add(lack(demand, gpu));
                        }
                        return fits;
                    })
                    .sorted(Comparator.comparingDouble(gpu -> freeCompute[gpu]))
                    .toList();
            if (able.size() >= demand.gpus()) {
                return new Fit.On(
                        able.subList(0, demand.gpus()).stream().sorted().toList());
            }
        }
        return new Fit.None(
                lacking.isEmpty()
                        ? "Insufficient nvidia.com/gpu (no domain with " + demand.gpus() + " GPUs)"
                        : insufficient(lacking));
    }

    private boolean fits(GpuDemand demand, int gpu) {
        return freeCompute[gpu] + TOLERANCE >= demand.fraction().toDouble()
                && freeMemoryGiB[gpu] + TOLERANCE
                        >= demand.memoryGiBOn(node.gpu().memoryGiB());
    }

    private String lack(GpuDemand demand, int gpu) {
        boolean compute = freeCompute[gpu] + TOLERANCE < demand.fraction().toDouble();
        return compute
                ? "GPU " + gpu + " has " + number(freeCompute[gpu]) + " of its compute free, "
                        + number(demand.fraction().toDouble()) + " wanted"
                : "GPU " + gpu + " has " + number(freeMemoryGiB[gpu]) + " GiB free, "
                        + number(demand.memoryGiBOn(node.gpu().memoryGiB())) + " wanted";
    }

    private static String number(double value) {
        return BigDecimal.valueOf(Math.max(0, value))
                .setScale(3, RoundingMode.HALF_UP)
                .stripTrailingZeros()
                .toPlainString();
    }

    private static String insufficient(List<String> lacking) {
        return "Insufficient nvidia.com/gpu (" + String.join("; ", lacking) + ")";
    }
}
