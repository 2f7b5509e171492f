package dev.scepsy.planner.file;

import dev.scepsy.planner.allocation.GpuFraction;
import dev.scepsy.planner.profile.Beside;
import dev.scepsy.planner.profile.MeasuredPoint;
import dev.scepsy.planner.profile.ProfileKey;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/** Reads {@code profiles.yaml}: measured curves, one per (model, GPU type, t, f). */
public final class ProfilesFile {

    private static final int MOST_GPUS_PER_REPLICA = 1024;

    private final Map<ProfileKey, String> keys = new HashMap<>();

    private ProfilesFile() {}

    /** Reads {@code file}. Whether a profile fits the cluster and its models is not judged here. */
    public static Reading<List<MeasuredProfile>> read(Path file) {
        return Fields.readDocument(file, (top, findings) -> profiles(top));
    }

    /** Reads {@code text} as if it stood in a file called {@code name}. */
    static Reading<List<MeasuredProfile>> parse(String name, String text) {
        return Fields.readDocument(Document.parse(name, text), (top, findings) -> profiles(top));
    }

    private static List<MeasuredProfile> profiles(Fields top) {
        ProfilesFile profiles = new ProfilesFile();
        // a file without measurements yet is a legal start
        return top.has("profiles")
                ? top.optionalMappings("profiles", profiles::profile)
                : top.mappings("profiles", profiles::profile);
    }

    private MeasuredProfile profile(Fields fields) {
        String model = fields.text("model");
        String gpu = fields.text("gpu");
        int tensorParallel = fields.optionalInteger("tensorParallel", 1, MOST_GPUS_PER_REPLICA)
                .orElse(1);
        GpuFraction fraction = GpuFraction.whole();
        OptionalDouble written = fields.optionalNumber("gpuFraction", new Range(0, false, 1));
        if (written.isPresent()) {
            try {
                fraction = GpuFraction.of(written.getAsDouble());
            } catch (IllegalArgumentException e) {
                fields.problem("gpuFraction", String.valueOf(e.getMessage()));
            }
        }
        ProfileKey key = new ProfileKey(model, gpu, tensorParallel, fraction);
        String first = fields.sound("model", "gpu", "tensorParallel", "gpuFraction")
                ? keys.putIfAbsent(key, fields.path())
                : null;
        if (first != null) {
            fields.problem(
                    "model",
                    "Model (" + model + ") on " + gpu + " with tensorParallel " + tensorParallel + " and gpuFraction "
                            + fraction + " already has a profile at " + first + ". Keep one.");
        }
        OptionalDouble memoryGiB = fields.optionalNumber("memoryGiBPerGpu", Units.MEMORY_PART_GIB);
        OptionalDouble saturation = fields.optionalNumber("saturationRequestsPerSecond", Units.REPLICA_RATE_ABOVE_0);
        boolean lowerBound = fields.flag("saturationIsLowerBound", false);
        Optional<Beside> beside = fields.optionalChoice("beside", Beside.byKey());
        MeasuredProfile.Load load = new MeasuredProfile.Load(
                fields.optionalNumber("inputTokens", Units.TOKENS),
                fields.optionalNumber("outputTokens", Units.TOKENS),
                fields.optionalText("engine"),
                fields.optionalText("measuredBy"));
        List<MeasuredPoint> points = curve(fields);
        if (saturation.isEmpty()
                && !points.isEmpty()
                && points.get(points.size() - 1).requestsPerSecond() == 0) {
            fields.problem(
                    "curve",
                    "The last point's requestsPerSecond (0) would be the saturation rate. Measure at a rate above 0, or"
                            + " give saturationRequestsPerSecond.");
        }
        return new MeasuredProfile(key, memoryGiB, saturation, lowerBound, beside, load, points, fields.path());
    }

    private static List<MeasuredPoint> curve(Fields fields) {
        List<MeasuredPoint> points = new ArrayList<>();
        fields.mappings("curve", point -> {
            double rate = point.number("requestsPerSecond", Units.REPLICA_RATE);
            double latency = point.number("meanLatencySeconds", Units.CALL_SECONDS);
            if (!points.isEmpty() && point.sound("requestsPerSecond", "meanLatencySeconds")) {
                MeasuredPoint before = points.get(points.size() - 1);
                if (rate == before.requestsPerSecond()) {
                    point.problem(
                            "requestsPerSecond",
                            "The requestsPerSecond (" + rate
                                    + ") is given twice in this curve. Keep one point per rate.");
                } else if (rate < before.requestsPerSecond()) {
                    point.problem(
                            "requestsPerSecond",
                            "The requestsPerSecond (" + rate + ") is below the point before it ("
                                    + before.requestsPerSecond() + "). Sort the curve by rate.");
                }
                if (latency < before.meanLatencySeconds()) {
                    point.warning(
                            "meanLatencySeconds",
                            "The meanLatencySeconds (" + latency + ") falls below an earlier point's ("
                                    + before.meanLatencySeconds() + "); the higher value is used from there on.");
                }
            }
            OptionalDouble p95 = point.optionalNumber("p95LatencySeconds", Units.CALL_SECONDS);
            OptionalDouble p99 = point.optionalNumber("p99LatencySeconds", Units.CALL_SECONDS);
            WorkflowsFile.rises("p95LatencySeconds", p95, "p99LatencySeconds", p99, point);
            points.add(new MeasuredPoint(
                    rate,
                    latency,
                    point.optionalNumber("requestsInFlight", Range.atLeast(1)),
                    point.optionalNumber("meanFirstTokenSeconds", Units.CALL_SECONDS),
                    point.optionalNumber("meanPerTokenSeconds", Units.CALL_SECONDS),
                    p95,
                    p99,
                    point.optionalCount("requests"),
                    point.optionalNumber("errorRate", Range.UNIT)));
            return rate;
        });
        return points;
    }
}
