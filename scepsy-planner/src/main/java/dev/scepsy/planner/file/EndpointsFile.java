package dev.scepsy.planner.file;

import dev.scepsy.planner.allocation.GpuFraction;
import dev.scepsy.planner.profile.ProfileKey;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;

/** Reads {@code endpoints.yaml}: engines that run already, each one replica, to be measured. */
public final class EndpointsFile {

    private static final int MOST_GPUS_PER_REPLICA = 1024;

    /**
     * One engine.
     *
     * @param key what runs there
     * @param url its address
     * @param path where it stands in the file
     */
    public record Running(ProfileKey key, String url, String path) {}

    private final Set<ProfileKey> seen = new HashSet<>();

    private EndpointsFile() {}

    /** Reads {@code file}. Whether its models and GPUs exist is not judged here. */
    public static Reading<List<Running>> read(Path file) {
        return Fields.readDocument(file, (top, findings) -> {
            EndpointsFile endpoints = new EndpointsFile();
            return top.mappings("endpoints", endpoints::running);
        });
    }

    private Running running(Fields fields) {
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
        String url = fields.text("url");
        ProfileKey key = new ProfileKey(model, gpu, tensorParallel, fraction);
        if (fields.sound("model", "gpu", "tensorParallel", "gpuFraction") && !seen.add(key)) {
            fields.problem("model", "The same replica (" + key + ") has an endpoint already. Keep one.");
        }
        return new Running(key, url, fields.path());
    }
}
