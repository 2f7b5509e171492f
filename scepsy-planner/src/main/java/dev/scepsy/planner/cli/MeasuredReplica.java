package dev.scepsy.planner.cli;

import dev.scepsy.planner.allocation.GpuFraction;
import dev.scepsy.planner.file.MeasuredProfile;
import dev.scepsy.planner.file.Problem;
import dev.scepsy.planner.file.WholeFile;
import dev.scepsy.planner.measure.Curve;
import dev.scepsy.planner.profile.Beside;
import dev.scepsy.planner.profile.Catalogue;
import dev.scepsy.planner.profile.GpuFacts;
import dev.scepsy.planner.profile.ProfileKey;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say which replica was measured, and where its profile goes: {@code @Mixin MeasuredReplica replica}. */
final class MeasuredReplica {

    /** As of the GPUs that cluster.yaml describes. */
    private static final double MOST_GIB = 2_048;

    @Option(names = "--model", paramLabel = "NAME", description = "Name of the model in models.yaml.")
    @Nullable
    String model;

    @Option(names = "--gpu", paramLabel = "KEY", description = "GPU type of the replica, a key of the catalogue.")
    @Nullable
    String gpu;

    @Option(
            names = "--tensor-parallel",
            paramLabel = "T",
            defaultValue = "1",
            description = "Number of GPUs that the replica spans (default: ${DEFAULT-VALUE}).")
    int tensorParallel = 1;

    @Option(
            names = "--gpu-fraction",
            paramLabel = "F",
            defaultValue = "1",
            description = "Share of each GPU, in (0, 1] (default: ${DEFAULT-VALUE}).")
    double gpuFraction = 1;

    @Option(
            names = "--memory-gib-per-gpu",
            paramLabel = "GIB",
            description = "GiB the replica takes on each GPU (default: --gpu-fraction of the GPU's memory).")
    @Nullable
    Double memoryGiBPerGpu;

    @Option(
            names = "--engine",
            paramLabel = "NAME",
            description = "Name of the engine, such as vllm; written into the profile.")
    @Nullable
    String engine;

    @Option(
            names = "--out",
            paramLabel = "profiles.yaml",
            defaultValue = "profiles.yaml",
            description = "File for the profile; other profiles in it stay (default: ${DEFAULT-VALUE}).")
    Path out = Path.of("profiles.yaml");

    /** The replica; empty with problems where options are missing or wrong. */
    Optional<ProfileKey> key(String verb, List<Problem> problems, List<Problem> warnings) {
        int before = problems.size();
        if (model == null || model.isBlank()) {
            problems.add(problem(verb, "--model", "This option is missing: the model as models.yaml names it."));
        }
        if (gpu == null || gpu.isBlank()) {
            problems.add(problem(verb, "--gpu", "This option is missing: the GPU type. Known types: " + known() + "."));
        }
        WholeFile.missingFolder(out).ifPresent(missing -> problems.add(problem(verb, "--out", missing)));
        if (tensorParallel < 1 || tensorParallel > 1024) {
            problems.add(
                    problem(verb, "--tensor-parallel", "The degree (" + tensorParallel + ") must lie in [1, 1024]."));
        }
        if (memoryGiBPerGpu != null && !(memoryGiBPerGpu > 0 && memoryGiBPerGpu <= MOST_GIB)) {
            problems.add(problem(
                    verb,
                    "--memory-gib-per-gpu",
                    "The memory (" + memoryGiBPerGpu + " GiB) must lie in (0, " + (int) MOST_GIB + "]."));
        }
        GpuFraction fraction = GpuFraction.whole();
        try {
            fraction = GpuFraction.of(gpuFraction);
        } catch (IllegalArgumentException e) {
            problems.add(problem(verb, "--gpu-fraction", String.valueOf(e.getMessage())));
        }
        if (problems.size() > before || model == null || gpu == null) {
            return Optional.empty();
        }
        if (Catalogue.builtIn().gpu(gpu).isEmpty()) {
            warnings.add(problem(
                    verb,
                    "--gpu",
                    "The GPU (" + gpu + ") is not in the catalogue: cluster.yaml must give its memoryGiB."
                            + KnownNames.meant(
                                    gpu,
                                    Catalogue.builtIn().gpus().stream()
                                            .map(GpuFacts::name)
                                            .toList())
                            + " Known types: " + known() + "."));
        }
        return Optional.of(new ProfileKey(model, gpu, tensorParallel, fraction));
    }

    OptionalDouble memory() {
        return memoryGiBPerGpu == null ? OptionalDouble.empty() : OptionalDouble.of(memoryGiBPerGpu);
    }

    /** What {@code curve}, measured now, says of the replica. */
    MeasuredProfile profile(ProfileKey key, Curve curve, Beside beside, @Nullable Long promptNonce) {
        return new MeasuredProfile(
                key,
                memory(),
                curve.saturationRequestsPerSecond(),
                curve.saturationIsLowerBound(),
                Optional.of(beside),
                new MeasuredProfile.Load(
                        OptionalDouble.of(curve.inputTokens()),
                        OptionalDouble.of(curve.outputTokens()),
                        Optional.ofNullable(engine),
                        Optional.of(new ScepsyVersion().getVersion()[0] + " profile, " + LocalDate.now()
                                + (promptNonce == null ? "" : ", prompt nonce " + promptNonce))),
                curve.points(),
                "");
    }

    /** For people and file names: {@code generator on L4-24GB x2 at 0.5}. */
    static String described(ProfileKey key) {
        return key.model() + " on " + key.gpu() + (key.tensorParallel() > 1 ? " x" + key.tensorParallel() : "")
                + (key.gpuFraction().equals(GpuFraction.whole()) ? "" : " at " + key.gpuFraction());
    }

    /** Where a measurement of {@code key} keeps its state: beside {@link #out}, one file per replica. */
    Path stateFile(ProfileKey key) {
        String name = String.format(
                Locale.ROOT, "%s-%s-t%d-f%s", key.model(), key.gpu(), key.tensorParallel(), key.gpuFraction());
        String safe = name.replaceAll("[^A-Za-z0-9._-]", "_");
        return out.resolveSibling("." + out.getFileName() + "." + safe + ".state.json");
    }

    private static String known() {
        return Catalogue.builtIn().gpus().stream().map(GpuFacts::name).collect(Collectors.joining(", "));
    }

    private static Problem problem(String verb, String option, String message) {
        return new Problem(verb, option, 0, 0, message);
    }
}
