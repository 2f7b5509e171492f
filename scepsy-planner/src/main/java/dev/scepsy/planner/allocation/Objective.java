package dev.scepsy.planner.allocation;

import java.util.Locale;
import java.util.Optional;

/**
 * What makes one plan better than another. Among plans that are equally good by it, the least weighted latency wins, then
 * the tie rules of the plan's file. Latency limits of workflows hold under each of them.
 */
public enum Objective {
    /** Least weighted mean latency at the targets. */
    LATENCY,
    /** Largest common factor on all targets: the highest throughput in the given proportions. */
    THROUGHPUT,
    /** Fewest GPUs, Σ r·t·f, that sustain the targets. */
    GPUS,
    /** Least cost per hour, Σ r·t·f·costPerHour, of sustaining the targets. Every GPU type needs a price. */
    COST;

    /** Its word in options and files. */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The objective of that word; empty where there is none. */
    public static Optional<Objective> of(String key) {
        for (Objective objective : values()) {
            if (objective.key().equals(key)) {
                return Optional.of(objective);
            }
        }
        return Optional.empty();
    }
}
