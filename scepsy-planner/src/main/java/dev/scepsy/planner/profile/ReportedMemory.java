package dev.scepsy.planner.profile;

import java.util.HashMap;
import java.util.Map;

/**
 * Memory that cards report to their driver ({@code nvidia-smi}, {@code nvidia.com/gpu.memory}), which is less than the size they
 * are sold by: what an engine can be promised of the card. Immutable.
 */
public final class ReportedMemory {

    private static final double MIB_PER_GIB = 1024;
    private static final Map<String, Double> GIB = read();

    private ReportedMemory() {}

    private static Map<String, Double> read() {
        Map<String, Double> sizes = new HashMap<>();
        FactTable.onClassPath("reported-memory.tsv")
                .rows()
                .forEach(row -> sizes.put(row.text("gpu"), row.number("memoryMiB") / MIB_PER_GIB));
        return Map.copyOf(sizes);
    }

    /** What a card of {@code gpu} reports, GiB, where a cluster file says {@code stated}: the smaller where both are known. */
    public static double gib(String gpu, double stated) {
        return Math.min(stated, GIB.getOrDefault(gpu, stated));
    }
}
