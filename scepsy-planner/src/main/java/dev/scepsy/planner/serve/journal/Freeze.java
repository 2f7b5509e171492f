package dev.scepsy.planner.serve.journal;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Nothing is applied while it holds; going back is. */
public record Freeze(
        String by,
        @Nullable String reason,
        Instant at,
        @Nullable Instant until) {}
