package dev.scepsy.planner.problem;

import dev.scepsy.planner.allocation.GpuFraction;
import dev.scepsy.planner.file.MeasuredProfile;
import dev.scepsy.planner.profile.AloneCurve;
import dev.scepsy.planner.profile.Beside;
import dev.scepsy.planner.profile.EngineCoefficients;
import dev.scepsy.planner.profile.EngineError;
import dev.scepsy.planner.profile.EngineSetup;
import dev.scepsy.planner.profile.LatencyProfile;
import dev.scepsy.planner.profile.MeasuredCurve;
import dev.scepsy.planner.profile.ProfileKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The curves of shares that say {@code beside: alone}: to those whose engine is known neighbours are added, the others are taken
 * at their word and named. Everybody who asks gets the same curve. Not thread-safe.
 */
final class AloneCurves {

    private record Taken(
            MeasuredCurve curve,
            EngineSetup setup,
            double inputTokens,
            double outputTokens,
            double concurrentCalls,
            boolean isLowerBound) {}

    private final Calibrations calibrations;
    private final Map<String, Double> siblings;
    private final Map<ProfileKey, Taken> taken = new HashMap<>();
    private final Map<ProfileKey, AloneCurve> made = new HashMap<>();
    private final Map<ProfileKey, LatencyProfile> beside = new HashMap<>();

    /** By model and GPU type: the fractions of which nothing says what neighbours cost, and why. */
    private final Map<String, Map<String, List<String>>> unknown = new TreeMap<>();

    private final Map<String, String> missing = new HashMap<>();

    /**
     * @param siblings by model: calls of one execution that run at once as a running call sees it
     */
    AloneCurves(Calibrations calibrations, Map<String, Double> siblings) {
        this.calibrations = calibrations;
        this.siblings = siblings;
    }

    /**
     * Takes one measured curve.
     *
     * @param setup how the engine is started; empty where architecture or facts of the GPU are not known
     * @param calls lengths where the measurement does not say them
     */
    void add(
            ProfileKey key,
            MeasuredProfile measured,
            MeasuredCurve curve,
            Optional<EngineSetup> setup,
            Optional<MeanCall> calls) {
        if (key.gpuFraction().equals(GpuFraction.whole()) || !measured.beside().equals(Optional.of(Beside.ALONE))) {
            return;
        }
        double input =
                measured.load().inputTokens().orElse(calls.map(MeanCall::input).orElse(0.0));
        double output = measured.load()
                .outputTokens()
                .orElse(calls.map(MeanCall::output).orElse(0.0));
        boolean generates = setup.isPresent() && !setup.get().architecture().isEncoder();
        if (setup.isPresent() && input >= 1 && (output >= 1 || !generates)) {
            taken.put(
                    key,
                    new Taken(
                            curve,
                            setup.get(),
                            input,
                            output,
                            siblings.getOrDefault(key.model(), 1.0),
                            measured.saturationIsLowerBound()));
            return;
        }
        missing.put(
                key.model(),
                setup.isEmpty()
                        ? "an architecture that the engine model can compute on that GPU"
                        : "inputTokens and outputTokens");
        unknown.computeIfAbsent(key.model(), model -> new LinkedHashMap<>())
                .computeIfAbsent(key.gpu(), gpu -> new ArrayList<>())
                .add(key.gpuFraction().toString());
    }

    /** The curve that was measured alone at {@code key} and that neighbours are added to. */
    Optional<AloneCurve> of(ProfileKey key) {
        Taken known = taken.get(key);
        return known == null
                ? Optional.empty()
                : Optional.of(made.computeIfAbsent(key, at -> {
                    EngineCoefficients coefficients = calibrations.coefficients(at.model(), at.gpu());
                    return AloneCurve.of(
                            known.curve(),
                            known.setup(),
                            coefficients,
                            known.inputTokens(),
                            known.outputTokens(),
                            known.isLowerBound());
                }));
    }

    /** {@code curve}, which was measured at {@code key}, with neighbours where it lacks them. */
    LatencyProfile beside(ProfileKey key, MeasuredCurve curve) {
        LatencyProfile known = beside.get(key);
        if (known == null) {
            Taken of = taken.get(key);
            Optional<AloneCurve> alone = of(key);
            known = of == null || alone.isEmpty() ? curve : alone.get().besideNeighbours(of.concurrentCalls());
            beside.put(key, known);
        }
        return known;
    }

    /**
     * Relative standard error of {@link #beside}: the measurement's, and the engine model's for the part of the time that
     * neighbours add at full load.
     */
    double relativeError(ProfileKey key, double measurement) {
        return of(key).map(curve -> {
                    double added = 1 - 1 / curve.worstStretch();
                    double model = EngineError.NEW_MODEL.relative();
                    return Math.hypot(measurement, model * added);
                })
                .orElse(measurement);
    }

    /** What is wrong with taking curves of {@code model} at their word; one sentence per GPU type. */
    List<String> unknown(String model) {
        List<String> sentences = new ArrayList<>();
        unknown.getOrDefault(model, Map.of())
                .forEach((gpu, fractions) -> sentences.add("Model (" + model + ") on " + gpu + ": gpuFraction "
                        + String.join(", ", fractions)
                        + (fractions.size() == 1 ? " was" : " were")
                        + " measured alone on the card (beside: alone), and nothing says what neighbours cost: too little"
                        + " latency and too high a saturation are predicted. Give models.yaml or profiles.yaml "
                        + missing.get(model) + ", or measure with --beside."));
        return sentences;
    }
}
