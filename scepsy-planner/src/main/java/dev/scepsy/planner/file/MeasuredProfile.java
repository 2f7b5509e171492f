package dev.scepsy.planner.file;

import dev.scepsy.planner.profile.MeasuredCurve;
import dev.scepsy.planner.profile.ProfileKey;
import java.util.List;
import java.util.OptionalDouble;

/**
 * One entry of {@code profiles.yaml}. Immutable.
 *
 * @param key which replica was measured; the model as the file names it, which may be an alias
 * @param memoryGiBPerGpu empty: gpuFraction x the GPU's memory
 * @param saturationRequestsPerSecond empty: the last point's rate
 * @param points at least one, rates strictly ascending
 * @param path where the entry stands in its file
 */
public record MeasuredProfile(
        ProfileKey key,
        OptionalDouble memoryGiBPerGpu,
        OptionalDouble saturationRequestsPerSecond,
        List<MeasuredCurve.Point> points,
        String path) {

    public MeasuredProfile {
        points = List.copyOf(points);
    }

    /** The curve, on a GPU that has {@code gpuMemoryGiB}. */
    public MeasuredCurve curve(double gpuMemoryGiB) {
        return MeasuredCurve.of(
                points,
                saturationRequestsPerSecond,
                memoryGiBPerGpu.orElse(key.gpuFraction().partOf(gpuMemoryGiB)));
    }
}
