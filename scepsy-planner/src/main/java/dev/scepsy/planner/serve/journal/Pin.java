package dev.scepsy.planner.serve.journal;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What every search must give a model. Null: free. Immutable.
 *
 * @param until null: for good
 */
public record Pin(
        String model,
        @Nullable String gpu,
        @Nullable Double gpuFraction,
        @Nullable Integer tensorParallel,
        @Nullable Integer replicas,
        String by,
        @Nullable String reason,
        Instant at,
        @Nullable Instant until) {}
