package dev.scepsy.planner.profile;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

/** Measured curves move the engine model, as far as they speak of it. */
class EngineCalibrationTest {

    private static final double[] IN_FLIGHT = {1, 2, 4, 8, 16, 32};

    private static EngineSetup setup(int tensorParallel) {
        Catalogue catalogue = Catalogue.builtIn();
        return EngineSetup.of(
                catalogue.architecture("Llama-3.1-8B").orElseThrow(),
                catalogue.gpu("A100-SXM-80GB").orElseThrow(),
                Precision.BF16,
                tensorParallel);
    }

    /** An engine whose steps take {@code slower} times what the known coefficients say. */
    private static EngineCoefficients truth(double slower) {
        Map<Coefficient, Double> values = new EnumMap<>(Coefficient.class);
        for (Coefficient coefficient : Coefficient.values()) {
            boolean time = coefficient != Coefficient.TRTLLM_KERNELS && coefficient != Coefficient.TRTLLM_OVERHEADS;
            values.put(coefficient, EngineCoefficients.builtIn().get(coefficient) * (time ? slower : 1));
        }
        return EngineCoefficients.of(values);
    }

    private static EngineCalibration.Curve curve(
            EngineCoefficients truth, EngineSetup setup, double input, double output, boolean withTokens) {
        EngineModel model = new EngineModel(setup, truth);
        double context = input + output / 2;
        return new EngineCalibration.Curve(
                setup,
                input,
                output,
                Arrays.stream(IN_FLIGHT)
                        .mapToObj(n -> {
                            double step = model.decodeSeconds(n, context);
                            double prompt = model.promptSeconds(input, n, context);
                            double seconds =
                                    model.firstTokenOverheadSeconds(input) + (output + 0.5) * step + n * prompt;
                            double perToken = step + (n - 1) / output * prompt;
                            return new EngineCalibration.Point(
                                    n,
                                    seconds,
                                    OptionalDouble.empty(),
                                    withTokens ? OptionalDouble.of(perToken) : OptionalDouble.empty());
                        })
                        .toList());
    }

    @Test
    void pointsThatTheModelExplainsAlreadyMoveNothing() {
        EngineCalibration calibration =
                EngineCalibration.of(EngineCoefficients.builtIn(), List.of(curve(truth(1), setup(1), 512, 128, true)));

        assertThat(calibration.errorBefore()).isLessThan(0.02);
        assertThat(calibration.errorAfter()).isLessThanOrEqualTo(calibration.errorBefore() + 1e-9);
        assertThat(calibration.points()).isEqualTo(6);
        assertThat(calibration.errorLeftOut()).isEmpty();
    }

    @Test
    void aSlowerEngineIsFollowedAlsoWhereItWasNotMeasured() {
        EngineCoefficients truth = truth(1.4);
        for (boolean withTokens : new boolean[] {true, false}) {
            EngineCalibration calibration = EngineCalibration.of(
                    EngineCoefficients.builtIn(), List.of(curve(truth, setup(1), 512, 128, withTokens)));
            List<EngineCalibration.Curve> elsewhere = List.of(
                    curve(truth, setup(2), 512, 128, true),
                    curve(truth, setup(4), 512, 128, true),
                    curve(truth, setup(1), 2048, 256, true));

            assertThat(calibration.errorBefore()).isBetween(0.25, 0.32);
            assertThat(calibration.errorAfter()).isLessThan(0.05);
            assertThat(EngineCalibration.error(calibration.coefficients(), elsewhere))
                    .as("not measured, was %s", EngineCalibration.error(EngineCoefficients.builtIn(), elsewhere))
                    .isLessThan(0.15);
            assertThat(calibration.isUsable()).isTrue();
        }
    }

    @Test
    void severalCurvesSayHowGoodItIsOutsideThem() {
        EngineCoefficients truth = truth(1.4);
        EngineCalibration calibration = EngineCalibration.of(
                EngineCoefficients.builtIn(),
                List.of(curve(truth, setup(1), 512, 128, true), curve(truth, setup(2), 512, 128, true)));

        assertThat(calibration.curves()).isEqualTo(2);
        assertThat(calibration.errorLeftOut().orElseThrow())
                .isLessThan(calibration.errorBefore())
                .isGreaterThan(calibration.errorAfter());
    }

    @Test
    void pointsOfSomethingElseAreNotTrusted() {
        EngineCalibration.Curve nonsense = new EngineCalibration.Curve(
                setup(1),
                512,
                128,
                List.of(
                        new EngineCalibration.Point(1, 500, OptionalDouble.empty(), OptionalDouble.empty()),
                        new EngineCalibration.Point(8, 0.001, OptionalDouble.empty(), OptionalDouble.empty())));

        assertThat(EngineCalibration.of(EngineCoefficients.builtIn(), List.of(nonsense))
                        .isUsable())
                .isFalse();
    }

    @Test
    void aReplicaThatCannotExistTeachesNothing() {
        EngineSetup tooSmall = EngineSetup.of(
                Catalogue.builtIn().architecture("Llama-3.1-70B").orElseThrow(),
                Catalogue.builtIn().gpu("L4-24GB").orElseThrow(),
                Precision.BF16,
                1);
        EngineCalibration calibration = EngineCalibration.of(
                EngineCoefficients.builtIn(),
                List.of(new EngineCalibration.Curve(
                        tooSmall,
                        512,
                        128,
                        List.of(new EngineCalibration.Point(1, 5, OptionalDouble.empty(), OptionalDouble.empty())))));

        assertThat(calibration.isUsable()).isFalse();
        assertThat(calibration.coefficients()).isSameAs(EngineCoefficients.builtIn());
    }

    @Test
    void aPointWithoutItsCompanyIsReadByLittlesLaw() {
        EngineCalibration.Point point = EngineCalibration.Point.of(MeasuredPoint.of(3, 2));

        assertThat(point.requestsInFlight()).isEqualTo(7);
    }

    @Test
    void encodersAreCalibratedByTheirPrompts() {
        EngineSetup encoder = EngineSetup.of(
                Catalogue.builtIn().architecture("bge-m3").orElseThrow(),
                Catalogue.builtIn().gpu("L4-24GB").orElseThrow(),
                Precision.BF16,
                1);
        EngineModel slower = new EngineModel(encoder, truth(1.5));
        EngineCalibration.Curve measured = new EngineCalibration.Curve(
                encoder,
                400,
                0,
                Arrays.stream(IN_FLIGHT)
                        .mapToObj(n -> new EngineCalibration.Point(
                                n,
                                slower.firstTokenOverheadSeconds(400) + slower.promptSeconds(400 * n, 0, 0),
                                OptionalDouble.empty(),
                                OptionalDouble.empty()))
                        .toList());

        EngineCalibration calibration = EngineCalibration.of(EngineCoefficients.builtIn(), List.of(measured));

        assertThat(calibration.errorAfter()).isLessThan(calibration.errorBefore() / 3);
    }
}
