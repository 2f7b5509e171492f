package dev.scepsy.samples.cluster.control;

import com.fasterxml.jackson.databind.JsonNode;
import dev.scepsy.planner.allocation.GpuFraction;
import java.math.BigDecimal;
import java.util.List;
import java.util.OptionalDouble;

/**
 * What a pod asks of a node's GPUs.
 *
 * @param gpus how many; 0: none
 * @param fraction share of each one's compute
 * @param memoryGiBPerGpu empty: the fraction of what each has
 * @param pinned ids it insists on; empty: any
 * @param hidden whether what others have of the cards is hidden from it
 */
record GpuDemand(int gpus, GpuFraction fraction, OptionalDouble memoryGiBPerGpu, List<Integer> pinned, boolean hidden) {
    private static final int LARGEST_EQUAL_PARTS = 64;

    GpuDemand {
        pinned = List.copyOf(pinned);
    }

    /** @throws IllegalArgumentException naming the annotation that cannot be read */
    static GpuDemand of(PodView pod) {
        List<Integer> pinned = PodView.numbers(pod.annotation(Annotations.GPUS).orElse(""));
        boolean shared = pod.annotation(Annotations.FRACTION).isPresent();
        int limit = limit(pod, "nvidia.com/gpu") + limit(pod, "nvidia.com/gpu.shared");
        int shards = new CommandLine(pod.commandLine())
                .number("--tensor-parallel-size")
                .orElse(1);
        int gpus = limit > 0 ? limit : !pinned.isEmpty() ? pinned.size() : shared ? shards : 0;
        if (!pinned.isEmpty() && pinned.size() != gpus) {
            throw new IllegalArgumentException("annotation " + Annotations.GPUS + " names " + pinned.size()
                    + " GPUs, but the pod asks for " + gpus);
        }
        OptionalDouble memory = pod.annotation(Annotations.MEMORY)
                .map(text -> OptionalDouble.of(decimal(Annotations.MEMORY, text).doubleValue()))
                .orElse(OptionalDouble.empty());
        return new GpuDemand(
                gpus,
                pod.annotation(Annotations.FRACTION).map(GpuDemand::fraction).orElse(GpuFraction.whole()),
                memory,
                pinned,
                limit(pod, "nvidia.com/gpumem") > 0);
    }

    double memoryGiBOn(double gpuMemoryGiB) {
        return memoryGiBPerGpu.orElse(fraction.toDouble() * gpuMemoryGiB);
    }

    /** What the limits of a pod's containers say. */
    static int limit(PodView pod, String resource) {
        int sum = 0;
        for (JsonNode container : pod.object().path("spec").path("containers")) {
            sum += container.path("resources").path("limits").path(resource).asInt(0);
        }
        return sum;
    }

    // Annotations are decimals, but a third is no decimal: 0.3333333333333333 means 1/3.
    private static GpuFraction fraction(String text) {
        BigDecimal decimal = decimal(Annotations.FRACTION, text);
        if (decimal.scale() > 6) {
            for (int parts = 2; parts <= LARGEST_EQUAL_PARTS; parts++) {
                for (int part = 1; part < parts; part++) {
                    if (Math.abs((double) part / parts - decimal.doubleValue()) < 1e-12) {
                        return new GpuFraction(part, parts);
                    }
                }
            }
        }
        return GpuFraction.of(decimal);
    }

    private static BigDecimal decimal(String annotation, String text) {
        try {
            return new BigDecimal(text.strip());
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("annotation " + annotation + " (" + text + ") is not a decimal", e);
        }
    }
}
