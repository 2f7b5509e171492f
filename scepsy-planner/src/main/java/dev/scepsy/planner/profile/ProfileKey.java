package dev.scepsy.planner.profile;

import dev.scepsy.planner.allocation.GpuFraction;

/** Which replica a {@link LatencyProfile} speaks of. Immutable. */
public record ProfileKey(String model, String gpu, int tensorParallel, GpuFraction gpuFraction) {}
