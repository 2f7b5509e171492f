package dev.scepsy.planner.file;

import dev.scepsy.planner.profile.Beside;
import dev.scepsy.planner.profile.MeasuredCurve;
import dev.scepsy.planner.profile.MeasuredPoint;
import dev.scepsy.planner.profile.ProfileKey;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * One entry of {@code profiles.yaml}. Immutable.
 *
 * @param key which replica was measured; the model as the file names it, which may be an alias
 * @param memoryGiBPerGpu empty: gpuFraction x the GPU's memory
 * @param saturationRequestsPerSecond empty: the last point's rate
 * @param saturationIsLowerBound the replica was never seen overloaded: it may sustain more
 * @param beside what else was on the card meanwhile; empty: not recorded
 * @param load what it was measured with, as far as it is recorded
 * @param measured at least one, rates strictly ascending
 * @param path where the entry stands in its file
 */
public record MeasuredProfile(
        ProfileKey key,
        OptionalDouble memoryGiBPerGpu,
        OptionalDouble saturationRequestsPerSecond,
        boolean saturationIsLowerBound,
        Optional<Beside> beside,
        Load load,
        List<MeasuredPoint> measured,
        String path) {

    /**
     * The requests of a measurement, and who measured.
     *
     * @param inputTokens mean prompt tokens per call
     * @param outputTokens mean generated tokens per call
     * @param engine what served, such as {@code vllm}
     * @param measuredBy the tool, its version, the day
     */
    public record Load(
            OptionalDouble inputTokens,
            OptionalDouble outputTokens,
            Optional<String> engine,
            Optional<String> measuredBy) {

        /** Nothing is recorded. */
        public static Load unknown() {
            return new Load(OptionalDouble.empty(), OptionalDouble.empty(), Optional.empty(), Optional.empty());
        }
    }

    public MeasuredProfile {
        measured = List.copyOf(measured);
    }

    /** Without a word on what else was on the card. */
    public MeasuredProfile(
            ProfileKey key,
            OptionalDouble memoryGiBPerGpu,
            OptionalDouble saturationRequestsPerSecond,
            boolean saturationIsLowerBound,
            Load load,
            List<MeasuredPoint> measured,
            String path) {
        this(
                key,
                memoryGiBPerGpu,
                saturationRequestsPerSecond,
                saturationIsLowerBound,
                Optional.empty(),
                load,
                measured,
                path);
    }

    /** The points of the latency curve. */
    public List<MeasuredCurve.Point> points() {
        return measured.stream().map(MeasuredPoint::onCurve).toList();
    }

    /** The curve, on a GPU that has {@code gpuMemoryGiB}. */
    public MeasuredCurve curve(double gpuMemoryGiB) {
        return MeasuredCurve.of(
                points(),
                saturationRequestsPerSecond,
                memoryGiBPerGpu.orElse(key.gpuFraction().partOf(gpuMemoryGiB)));
    }
}
