package dev.scepsy.planner.problem;

import dev.scepsy.planner.file.MeasuredProfile;
import dev.scepsy.planner.profile.Beside;
import dev.scepsy.planner.profile.EngineCalibration;
import dev.scepsy.planner.profile.EngineCoefficients;
import dev.scepsy.planner.profile.EngineError;
import dev.scepsy.planner.profile.EngineProfiles;
import dev.scepsy.planner.profile.EngineSetup;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The engine model of each (model, GPU type), moved towards the curves that were measured of it there. On another GPU type a
 * calibration was measured to gain nothing (docs/accuracy.md), so it stays where it was made.
 */
final class Calibrations {

    /**
     * Relative standard error on replicas that were not measured where one curve of the model on the GPU type was: mean
     * error of 10.3 % over other tensor parallelism and 8.2 % over other lengths (docs/accuracy.md), normal errors assumed.
     */
    private static final double ONE_CURVE_ERROR = 0.13;

    /** Mean absolute over standard error of a normal distribution. */
    private static final double MEAN_OVER_STANDARD = 0.798;

    private static final double LEAST_ERROR = 0.05;

    private record Place(String model, String gpu) implements Comparable<Place> {
        @Override
        public int compareTo(Place other) {
            int byModel = model.compareTo(other.model);
            return byModel != 0 ? byModel : gpu.compareTo(other.gpu);
        }
    }

    private final Map<Place, List<EngineCalibration.Curve>> curves = new TreeMap<>();
    private final Map<Place, EngineCalibration> made = new TreeMap<>();

    /**
     * Adds one measured replica; lengths are those of the measurement, else those the workflows report. A share beside a busy
     * neighbour says what both took of the card, so it counts for nothing.
     */
    void add(String model, String gpu, EngineSetup setup, MeasuredProfile measured, Optional<MeanCall> calls) {
        double input =
                measured.load().inputTokens().orElse(calls.map(MeanCall::input).orElse(0.0));
        double output = measured.load()
                .outputTokens()
                .orElse(calls.map(MeanCall::output).orElse(0.0));
        boolean beside = setup.gpuFraction() < 1 && measured.beside().equals(Optional.of(Beside.SHARED));
        if (beside || input < 1 || (output < 1 && !setup.architecture().isEncoder())) {
            return;
        }
        curves.computeIfAbsent(new Place(model, gpu), place -> new ArrayList<>())
                .add(new EngineCalibration.Curve(
                        setup,
                        input,
                        output,
                        measured.measured().stream()
                                .map(EngineCalibration.Point::of)
                                .toList()));
    }

    private Optional<EngineCalibration> of(String model, String gpu) {
        Place place = new Place(model, gpu);
        List<EngineCalibration.Curve> known = curves.get(place);
        return known == null
                ? Optional.empty()
                : Optional.of(
                        made.computeIfAbsent(place, at -> EngineCalibration.of(EngineCoefficients.builtIn(), known)));
    }

    private Optional<EngineCalibration> usable(String model, String gpu) {
        return of(model, gpu).filter(EngineCalibration::isUsable);
    }

    /** What the engine model computes {@code model} on {@code gpu} with. */
    EngineCoefficients coefficients(String model, String gpu) {
        return usable(model, gpu).map(EngineCalibration::coefficients).orElse(EngineCoefficients.builtIn());
    }

    /** {@code builtIn}, or the same with calibrated coefficients. */
    EngineProfiles profiles(String model, String gpu, EngineProfiles builtIn) {
        return usable(model, gpu)
                .map(calibration -> builtIn.calibrated(calibration.coefficients()))
                .orElse(builtIn);
    }

    /** Relative standard error of the engine model's latency for {@code setup}. */
    double relativeError(String model, String gpu, EngineSetup setup) {
        double general = EngineError.of(setup, EngineCoefficients.builtIn()).relative();
        return usable(model, gpu)
                .map(calibration -> calibration.errorLeftOut().isPresent()
                        ? Math.max(LEAST_ERROR, calibration.errorLeftOut().getAsDouble() / MEAN_OVER_STANDARD)
                        : ONE_CURVE_ERROR)
                .map(calibrated -> Math.min(general, calibrated))
                .orElse(general);
    }

    /** How {@code model} on {@code gpu} is calibrated, for people; empty where nothing was measured there. */
    Optional<String> described(String model, String gpu) {
        return of(model, gpu)
                .map(calibration -> calibration.isUsable()
                        ? String.format(
                                Locale.ROOT,
                                "the engine model, calibrated by %d points (mean error on them %.1f %% before, %.1f %%"
                                        + " after%s)",
                                calibration.points(),
                                100 * calibration.errorBefore(),
                                100 * calibration.errorAfter(),
                                calibration.errorLeftOut().isPresent()
                                        ? String.format(
                                                Locale.ROOT,
                                                "; %.1f %% on a curve left out",
                                                100 * calibration.errorLeftOut().getAsDouble())
                                        : "")
                        : String.format(
                                Locale.ROOT,
                                "the engine model as it is: it misses the measured points by %.0f %% even when"
                                        + " calibrated (check architecture, precision and lengths)",
                                100 * calibration.errorAfter()));
    }
}
