package dev.scepsy.planner.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Neighbours added to curves that were measured alone on the card. */
class AloneCurveTest {

    private static final double INPUT = 500;
    private static final double OUTPUT = 200;

    private static EngineSetup setup(double gpuFraction) {
        Catalogue catalogue = Catalogue.builtIn();
        return EngineSetup.of(
                        catalogue.architecture("Llama-3.1-8B").orElseThrow(),
                        catalogue.gpu("A100-SXM-80GB").orElseThrow(),
                        Precision.BF16,
                        1)
                .withGpuFraction(gpuFraction);
    }

    private static OpenLoop loop(EngineSetup setup) {
        return new OpenLoop(new EngineModel(setup, EngineCoefficients.builtIn()), INPUT, OUTPUT);
    }

    /** What a measurement of a share would find on a card without neighbours. */
    private static MeasuredCurve measuredAlone(EngineSetup setup) {
        OpenLoop loop = loop(setup);
        double saturation = loop.saturationAloneRequestsPerSecond();
        List<MeasuredCurve.Point> points = new ArrayList<>();
        for (int i = 0; i <= 60; i++) {
            double rate = Math.max(1e-6, saturation * i / 60);
            points.add(new MeasuredCurve.Point(rate, loop.latencyAloneSeconds(rate)));
        }
        return MeasuredCurve.of(points, OptionalDouble.of(saturation), setup.memoryGiBPerGpu());
    }

    private static AloneCurve alone(EngineSetup setup) {
        return AloneCurve.of(measuredAlone(setup), setup, EngineCoefficients.builtIn(), INPUT, OUTPUT, false);
    }

    @Test
    void aWholeCardHasNoNeighbours() {
        AloneCurve whole = alone(setup(1));
        LatencyProfile beside = whole.besideNeighbours(8);
        for (double rate = 0; rate < whole.alone().saturationRequestsPerSecond(); rate += 1) {
            double seconds = whole.alone().meanLatencySeconds(rate);
            assertThat(beside.meanLatencySeconds(rate)).isCloseTo(seconds, within(0.01 * seconds));
        }
        assertThat(beside.saturationRequestsPerSecond()).isEqualTo(whole.alone().saturationRequestsPerSecond());
    }

    @ParameterizedTest
    @CsvSource({"0.3", "0.5", "0.7"})
    void whatTheModelMeasuresAloneBecomesWhatItPredictsBesideNeighbours(double fraction) {
        EngineSetup setup = setup(fraction);
        LatencyProfile beside = alone(setup).besideNeighbours(1);
        OpenLoop shared = loop(setup);
        double saturation = shared.saturationRequestsPerSecond();
        assertThat(beside.saturationRequestsPerSecond()).isCloseTo(saturation, within(0.01 * saturation));
        for (double utilisation = 0.05; utilisation < 0.9; utilisation += 0.1) {
            double expected = shared.meanLatencySeconds(utilisation * saturation);
            assertThat(beside.meanLatencySeconds(utilisation * saturation))
                    .isCloseTo(expected, within(0.06 * expected));
        }
    }

    @Test
    void oneCallAtATimeMeetsNobodyAndSiblingsMeetEachOther() {
        EngineSetup half = setup(0.5);
        AloneCurve measured = alone(half);
        double lonely = measured.alone().meanLatencySeconds(0);
        assertThat(measured.besideNeighbours(1).meanLatencySeconds(0)).isCloseTo(lonely, within(1e-6 * lonely));
        // two engines ask for the card's bandwidth 2 d times over, and d of the step is traffic
        double demand = measured.bandwidthDemand(1);
        double expected = lonely * (1 + (2 * demand - 1) * demand);
        assertThat(measured.besideNeighbours(8).meanLatencySeconds(0, 4)).isCloseTo(expected, within(0.002 * expected));
        assertThat(measured.besideNeighbours(8).meanLatencySeconds(0, 64))
                .isLessThan(lonely + 0.2 * (expected - lonely));
    }

    @ParameterizedTest
    @CsvSource({"0.2, 1", "0.34, 3", "0.5, 8", "0.8, 2.5"})
    void neighboursNeverHelpAndMoreReplicasAreNeverSlower(double fraction, double siblings) {
        AloneCurve measured = alone(setup(fraction));
        LatencyProfile beside = measured.besideNeighbours(siblings);
        double saturation = beside.saturationRequestsPerSecond();
        assertThat(saturation).isLessThanOrEqualTo(measured.alone().saturationRequestsPerSecond() * (1 + 1e-12));
        double slower = 0;
        for (double rate = 0; rate <= saturation; rate += saturation / 40) {
            double before = Double.POSITIVE_INFINITY;
            for (int replicas = 1; replicas <= 80; replicas++) {
                double seconds = beside.meanLatencySeconds(rate, replicas);
                assertThat(seconds).isLessThanOrEqualTo(before * (1 + 1e-3));
                before = seconds;
            }
            double seconds = beside.meanLatencySeconds(rate);
            assertThat(seconds).isGreaterThanOrEqualTo(measured.alone().meanLatencySeconds(rate) * (1 - 1e-2));
            assertThat(seconds).isGreaterThanOrEqualTo(slower);
            slower = seconds;
        }
    }

    @Test
    void aReplicaThatHoldsMoreThanTheMemoryRuleSaysIsBelieved() {
        // 24 % of the card hold the weights and next to no cache by the rule; the curve shows twenty requests inside
        EngineSetup tight = setup(0.24);
        MeasuredCurve curve = MeasuredCurve.of(
                List.of(new MeasuredCurve.Point(1, 4), new MeasuredCurve.Point(4, 5)), OptionalDouble.of(4), 20);
        AloneCurve measured = AloneCurve.of(curve, tight, EngineCoefficients.builtIn(), INPUT, OUTPUT, true);
        assertThat(tight.requestsThatFit(INPUT + OUTPUT / 2)).isLessThan(20);
        assertThat(measured.bandwidthDemand(20)).isNotEqualTo(measured.bandwidthDemand(2));
        assertThat(measured.besideNeighbours(1).saturationRequestsPerSecond()).isBetween(1.0, 4.0);
    }
}
