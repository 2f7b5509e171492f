package dev.scepsy.planner.problem;

import dev.scepsy.planner.allocation.GpuFraction;
import dev.scepsy.planner.file.ClusterFile;
import dev.scepsy.planner.file.MeasuredProfile;
import dev.scepsy.planner.file.ModelsFile;
import dev.scepsy.planner.file.Problem;
import dev.scepsy.planner.file.Source;
import dev.scepsy.planner.profile.AloneCurve;
import dev.scepsy.planner.profile.Catalogue;
import dev.scepsy.planner.profile.EngineCoefficients;
import dev.scepsy.planner.profile.EngineProfiles;
import dev.scepsy.planner.profile.EngineSetup;
import dev.scepsy.planner.profile.GpuFacts;
import dev.scepsy.planner.profile.LatencyProfile;
import dev.scepsy.planner.profile.MeasuredCurve;
import dev.scepsy.planner.profile.ModelArchitecture;
import dev.scepsy.planner.profile.ProfileKey;
import dev.scepsy.planner.profile.ProfileResult;
import dev.scepsy.planner.profile.ServedModel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * How a replica of a model behaves on a share of a GPU: the measured curve where there is one, else the engine model for
 * a model whose architecture and token lengths are known. The engine model is asked once per (model, GPU, t, f).
 */
final class Profiles {

    /** Calls beside one's own by which a long call is told from a short one: an engine in moderate use. */
    private static final double TYPICAL_NEIGHBOURS = 8;

    /** Repeats of one measurement differ by 2.7 % on average (see docs/accuracy.md). */
    private static final double MEASUREMENT_ERROR = 0.03;

    private final Map<String, Hosting> hostings;
    private final ClusterFile.Described cluster;
    private final ModelsFile.Described models;
    private final Map<String, MeanCall> calls;
    private final EngineProfiles engine;
    private final Map<ProfileKey, MeasuredCurve> measured = new HashMap<>();
    private final Map<ProfileKey, ProfileResult> modelled = new HashMap<>();
    private final Calibrations calibrations = new Calibrations();
    private final AloneCurves aloneCurves;

    Profiles(
            ClusterFile.Described cluster,
            ModelsFile.Described models,
            Map<String, MeanCall> calls,
            Map<String, Double> siblings,
            EngineProfiles engine) {
        this.cluster = cluster;
        this.hostings = Hosting.of(cluster.cluster());
        this.models = models;
        this.calls = calls;
        this.engine = engine;
        this.aloneCurves = new AloneCurves(calibrations, siblings);
    }

    /**
     * Takes the measured curves that fit a model and the cluster.
     *
     * @param problems gets two curves of one replica
     * @param warnings gets every curve that is left out, and why
     */
    void take(
            List<MeasuredProfile> curves,
            ModelNames names,
            Source source,
            List<Problem> problems,
            List<Problem> warnings) {
        for (MeasuredProfile curve : curves) {
            ProfileKey key = curve.key();
            Optional<ServedModel> model = names.find(key.model());
            Hosting hosting = hostings.get(key.gpu());
            if (model.isEmpty()) {
                warnings.add(ignored(
                        source, curve, ".model", "the models file does not describe model (" + key.model() + ")"));
            } else if (model.get().external()) {
                warnings.add(ignored(source, curve, ".model", "model (" + key.model() + ") is external"));
            } else if (hosting == null) {
                // a library of profiles for more hardware than this cluster has is usual; a mistyped name is not
                if (Catalogue.builtIn().gpu(key.gpu()).isEmpty()) {
                    warnings.add(ignored(
                            source, curve, ".gpu", "neither cluster nor catalogue know GPU (" + key.gpu() + ")"));
                }
            } else {
                take(curve, model.get(), hosting, source, problems, warnings);
            }
        }
    }

    private void take(
            MeasuredProfile curve,
            ServedModel model,
            Hosting hosting,
            Source source,
            List<Problem> problems,
            List<Problem> warnings) {
        ProfileKey key = curve.key();
        Optional<GpuFraction> fraction = hosting.onGrid(key.gpuFraction());
        if (fraction.isEmpty()) {
            warnings.add(ignored(
                    source,
                    curve,
                    ".gpuFraction",
                    "the gpuFraction (" + key.gpuFraction() + ") is on the sharing grid of no node with " + key.gpu()));
        } else if (key.tensorParallel() > hosting.widestDomain()) {
            warnings.add(ignored(
                    source,
                    curve,
                    ".tensorParallel",
                    "the tensorParallel (" + key.tensorParallel() + ") is wider than any domain of " + key.gpu() + " ("
                            + hosting.widestDomain() + " GPUs)"));
        } else if (!hosting.hosts(key.tensorParallel(), fraction.get())) {
            warnings.add(ignored(
                    source,
                    curve,
                    ".gpuFraction",
                    "no node with " + key.gpu() + " takes gpuFraction "
                            + key.gpuFraction() + " together with tensorParallel " + key.tensorParallel()
                            + " (sharing: {tensorParallel: true} would allow it)"));
        } else {
            ProfileKey resolved = new ProfileKey(model.name(), key.gpu(), key.tensorParallel(), fraction.get());
            MeasuredCurve taken = curve.curve(hosting.type().memoryGiB());
            if (measured.putIfAbsent(resolved, taken) != null) {
                problems.add(source.problem(
                        curve.path(),
                        "Another profile describes the same replica: model (" + model.name() + ", also as "
                                + key.model() + ") on " + key.gpu() + " with tensorParallel " + key.tensorParallel()
                                + " and gpuFraction " + fraction.get() + ". Keep one."));
            } else {
                calibrate(model, resolved, curve, taken);
            }
        }
    }

    private void calibrate(ServedModel model, ProfileKey key, MeasuredProfile curve, MeasuredCurve taken) {
        ModelArchitecture architecture = models.architectures().get(model.name());
        GpuFacts facts = cluster.facts().get(key.gpu());
        Optional<MeanCall> call = Optional.ofNullable(calls.get(model.name()));
        Optional<EngineSetup> setup = Optional.empty();
        if (architecture != null && facts != null && architecture.divisibleBy(key.tensorParallel())) {
            double fraction = key.gpuFraction().toDouble();
            EngineSetup known = EngineProfiles.setup(model, architecture, facts, key.tensorParallel(), fraction);
            calibrations.add(model.name(), key.gpu(), known, curve, call);
            setup = Optional.of(known);
        }
        aloneCurves.add(key, curve, taken, setup, call);
    }

    /**
     * What speaks for the combinations of {@code model} that were not measured, one sentence per GPU type; empty for a model
     * of which nothing or everything was measured.
     */
    List<String> coverage(ServedModel model) {
        List<String> sentences = new ArrayList<>();
        if (!hasMeasured(model)) {
            return sentences;
        }
        sentences.addAll(aloneCurves.unknown(model.name()));
        if (!models.architectures().containsKey(model.name())) {
            long known = measured.keySet().stream()
                    .filter(key -> key.model().equals(model.name()) && allows(model, key))
                    .count();
            sentences.add("Model (" + model.name() + ") can use only what was measured (" + known
                    + (known == 1 ? " combination" : " combinations")
                    + " of GPU, tensorParallel and gpuFraction): without an architecture nothing speaks for others.");
            return sentences;
        }
        if (!calls.containsKey(model.name())) {
            return sentences;
        }
        hostings.forEach((gpu, hosting) -> {
            List<String> seen = new ArrayList<>();
            int missing = 0;
            for (int degree : degrees(model, hosting)) {
                for (GpuFraction fraction : hosting.fractions()) {
                    ProfileKey key = new ProfileKey(model.name(), gpu, degree, fraction);
                    if (!hosting.hosts(degree, fraction) || !allows(model, key)) {
                        continue;
                    }
                    if (measured.containsKey(key)) {
                        seen.add(degree + " x " + fraction);
                    } else {
                        missing++;
                    }
                }
            }
            if (missing > 0) {
                String instead = !cluster.facts().containsKey(gpu)
                        ? "which are not used: the engine model lacks the facts of the GPU"
                        : "for which speaks "
                                + calibrations.described(model.name(), gpu).orElse("the engine model as it is");
                sentences.add("Model (" + model.name() + ") on " + gpu + ": measured are "
                        + (seen.isEmpty() ? "none" : String.join(", ", seen))
                        + " (tensorParallel x gpuFraction), not measured are " + missing + " other combinations, "
                        + instead + ".");
            }
        });
        return sentences;
    }

    /** Prompt and answer of the longest request that engines of {@code model} take; empty: nobody says. */
    OptionalInt mostTokens(ServedModel model) {
        return RequestLimits.mostTokens(model, models);
    }

    /** What the engine model computes {@code model} on {@code gpu} with: calibrated where something was measured. */
    EngineCoefficients coefficients(ServedModel model, String gpu) {
        return calibrations.coefficients(model.name(), gpu);
    }

    private static Problem ignored(Source source, MeasuredProfile curve, String key, String why) {
        return source.problem(curve.path() + key, "This profile is ignored: " + why + ".");
    }

    /** Whether {@code model} has a measured curve it may use. */
    boolean hasMeasured(ServedModel model) {
        return measured.keySet().stream().anyMatch(key -> key.model().equals(model.name()) && allows(model, key));
    }

    /** Whether the engine model would speak of {@code model} on some GPU of the cluster if token lengths were known. */
    boolean engineKnows(ServedModel model) {
        return models.architectures().containsKey(model.name())
                && hostings.keySet().stream()
                        .anyMatch(gpu -> cluster.facts().containsKey(gpu)
                                && (model.gpus().isEmpty() || model.gpus().contains(gpu)));
    }

    /** The profile of one replica of {@code model}; empty when there is none. */
    Optional<LatencyProfile> find(ServedModel model, String gpu, int tensorParallel, GpuFraction fraction) {
        ProfileKey key = new ProfileKey(model.name(), gpu, tensorParallel, fraction);
        Hosting hosting = hostings.get(gpu);
        if (hosting == null || !hosting.hosts(tensorParallel, fraction) || !allows(model, key)) {
            return Optional.empty();
        }
        MeasuredCurve curve = measured.get(key);
        if (curve != null) {
            return Optional.of(aloneCurves.beside(key, curve));
        }
        return modelled(model, key) instanceof ProfileResult.Modelled known
                ? Optional.of(known.profile())
                : Optional.empty();
    }

    /** Which GPU types' kernel times are those of another card, where the engine model speaks of {@code model}. */
    Set<String> borrowedKernels(ServedModel model) {
        Set<String> sentences = new TreeSet<>();
        hostings.forEach((gpu, hosting) -> {
            for (int degree : degrees(model, hosting)) {
                if (allows(model, new ProfileKey(model.name(), gpu, degree, hosting.largestFraction()))) {
                    engineSetup(model, gpu, degree, hosting.largestFraction())
                            .flatMap(setup -> setup.gpu().borrowedKernels())
                            .ifPresent(sentences::add);
                }
            }
        });
        return sentences;
    }

    /** The curve that was measured alone and to which {@link #find} adds neighbours; empty where there is none. */
    Optional<AloneCurve> aloneCurve(ServedModel model, String gpu, int tensorParallel, GpuFraction fraction) {
        return aloneCurves.of(new ProfileKey(model.name(), gpu, tensorParallel, fraction));
    }

    /** How the engine behind a modelled profile would be started; empty where a measured curve or nothing speaks. */
    Optional<EngineSetup> engineSetup(ServedModel model, String gpu, int tensorParallel, GpuFraction fraction) {
        ProfileKey key = new ProfileKey(model.name(), gpu, tensorParallel, fraction);
        ModelArchitecture architecture = models.architectures().get(model.name());
        GpuFacts facts = cluster.facts().get(gpu);
        return measured.containsKey(key)
                        || architecture == null
                        || facts == null
                        || !(modelled(model, key) instanceof ProfileResult.Modelled)
                ? Optional.empty()
                : Optional.of(EngineProfiles.setup(model, architecture, facts, tensorParallel, fraction.toDouble()));
    }

    /**
     * How much longer than its mean call a call of other lengths to {@code model} takes, where only the engine model
     * speaks of it: judged on the first large shape that the cluster hosts. 1 where a measured curve does not tell lengths apart.
     */
    double relativeSeconds(ServedModel model, double inputTokens, double outputTokens) {
        MeanCall call = calls.get(model.name());
        Optional<EngineSetup> setup = call == null || hasMeasured(model) ? Optional.empty() : firstSetup(model);
        if (call == null || setup.isEmpty()) {
            return 1;
        }
        return engine.callSeconds(
                        setup.get(), inputTokens, outputTokens, call.input(), call.output(), TYPICAL_NEIGHBOURS)
                / engine.callSeconds(
                        setup.get(), call.input(), call.output(), call.input(), call.output(), TYPICAL_NEIGHBOURS);
    }

    /** Whether {@link #relativeSeconds} says more of {@code model} than 1. */
    boolean tellsLengthsApart(ServedModel model) {
        return calls.containsKey(model.name())
                && !hasMeasured(model)
                && firstSetup(model).isPresent();
    }

    private Optional<EngineSetup> firstSetup(ServedModel model) {
        for (Map.Entry<String, Hosting> hosting : hostings.entrySet()) {
            for (int degree : degrees(model, hosting.getValue())) {
                Optional<EngineSetup> setup = engineSetup(
                        model, hosting.getKey(), degree, hosting.getValue().largestFraction());
                if (setup.isPresent()) {
                    return setup;
                }
            }
        }
        return Optional.empty();
    }

    /** Relative standard error of the latency that {@link #find} answers with. */
    double relativeError(ServedModel model, String gpu, int tensorParallel, GpuFraction fraction) {
        return engineSetup(model, gpu, tensorParallel, fraction)
                .map(setup -> calibrations.relativeError(model.name(), gpu, setup))
                .orElseGet(() -> aloneCurves.relativeError(
                        new ProfileKey(model.name(), gpu, tensorParallel, fraction), MEASUREMENT_ERROR));
    }

    /** Why {@link #find} finds nothing. */
    String whyNone(ServedModel model, String gpu, int tensorParallel, GpuFraction fraction) {
        ProfileKey key = new ProfileKey(model.name(), gpu, tensorParallel, fraction);
        if (!allows(model, key)) {
            return "the models file restricts the model to other GPUs, tensorParallel or gpuFractions";
        }
        Hosting hosting = hostings.get(gpu);
        if (hosting == null || !hosting.hosts(tensorParallel, fraction)) {
            return "no node takes tensorParallel " + tensorParallel + " at gpuFraction " + fraction;
        }
        if (modelled(model, key) instanceof ProfileResult.Unusable unusable) {
            return unusable.message();
        }
        return "nothing is measured there, and the engine model lacks the "
                + (models.architectures().containsKey(model.name())
                        ? "facts of the GPU or token statistics"
                        : "architecture");
    }

    /** Why {@link #forEach} finds nothing for {@code model}: one sentence per GPU type, about its largest share. */
    List<String> whyNoCandidate(ServedModel model) {
        List<String> reasons = new ArrayList<>();
        hostings.forEach((gpu, hosting) -> {
            int degree = model.tensorParallel().stream().min(Integer::compare).orElse(1);
            String why = whyNone(model, gpu, degree, hosting.largestFraction());
            reasons.add("Model (" + model.name() + ") on " + gpu + ": " + why + (why.endsWith(".") ? "" : "."));
        });
        return reasons;
    }

    private @Nullable ProfileResult modelled(ServedModel model, ProfileKey key) {
        ModelArchitecture architecture = models.architectures().get(model.name());
        GpuFacts facts = cluster.facts().get(key.gpu());
        MeanCall call = calls.get(model.name());
        if (architecture == null || facts == null || call == null) {
            return null;
        }
        return modelled.computeIfAbsent(
                key,
                replica -> calibrations
                        .profiles(model.name(), replica.gpu(), engine)
                        .profile(
                                model,
                                architecture,
                                facts,
                                replica.tensorParallel(),
                                replica.gpuFraction(),
                                call.input(),
                                call.output(),
                                call.concurrent()));
    }

    /** Every shape that {@code visitor} shall see: one call per (GPU, t, f) with a profile, in that order. */
    void forEach(ServedModel model, Visitor visitor) {
        hostings.forEach((gpu, hosting) -> {
            for (int tensorParallel : degrees(model, hosting)) {
                for (GpuFraction fraction : hosting.fractions()) {
                    int degree = tensorParallel;
                    find(model, gpu, tensorParallel, fraction)
                            .ifPresent(profile -> visitor.visit(gpu, degree, fraction, profile));
                }
            }
        });
    }

    @FunctionalInterface
    interface Visitor {
        void visit(String gpu, int tensorParallel, GpuFraction fraction, LatencyProfile profile);
    }

    private Iterable<Integer> degrees(ServedModel model, Hosting hosting) {
        TreeSet<Integer> degrees = new TreeSet<>();
        ModelArchitecture architecture = models.architectures().get(model.name());
        if (architecture != null) {
            degrees.addAll(EngineProfiles.rules(model, architecture).degrees(hosting.widestDomain()));
        }
        measured.keySet().stream()
                .filter(key -> key.model().equals(model.name()))
                .forEach(key -> degrees.add(key.tensorParallel()));
        return degrees;
    }

    private boolean allows(ServedModel model, ProfileKey key) {
        Hosting hosting = hostings.get(key.gpu());
        return (model.gpus().isEmpty() || model.gpus().contains(key.gpu()))
                && (model.tensorParallel().isEmpty() || model.tensorParallel().contains(key.tensorParallel()))
                && (model.gpuFractions().isEmpty()
                        || (hosting != null && hosting.allows(model.gpuFractions(), key.gpuFraction())));
    }
}
