package dev.scepsy.planner.simulate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.scepsy.planner.allocation.GpuFraction;
import dev.scepsy.planner.profile.Catalogue;
import dev.scepsy.planner.profile.EngineCoefficients;
import dev.scepsy.planner.profile.EngineModel;
import dev.scepsy.planner.profile.EngineSetup;
import dev.scepsy.planner.profile.MeasuredCurve;
import dev.scepsy.planner.profile.Precision;
import dev.scepsy.planner.simulate.Simulation.Load;
import dev.scepsy.planner.simulate.Simulation.Options;
import dev.scepsy.planner.simulate.Simulation.Replica;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class SimulationTest {

    private static final MeasuredCurve CURVE = MeasuredCurve.of(
            List.of(new MeasuredCurve.Point(0.5, 1.2), new MeasuredCurve.Point(5.5, 2.9)), OptionalDouble.of(6.0), 60);

    private static final Options HOUR = new Options(3600, 360, 1, Routing.LEAST_LOADED);

    private static CallScript call(String model, List<Integer> after, double gap) {
        return new CallScript(Optional.of(model), 400, 60, 0, after, gap);
    }

    private static Load load(double rate, CallScript... calls) {
        ExecutionScript script = new ExecutionScript("w", List.of(calls), 0.5);
        return new Load("w", rate, random -> script);
    }

    static Replica engine(double fraction, String gpu) {
        Catalogue catalogue = Catalogue.builtIn();
        EngineSetup setup = EngineSetup.of(
                        catalogue.architecture("Llama-3.1-8B").orElseThrow(),
                        catalogue.gpu("H100-SXM-80GB").orElseThrow(),
                        Precision.BF16,
                        1)
                .withGpuFraction(GpuFraction.of(fraction).toDouble());
        return new Replica.Engine(new EngineModel(setup, EngineCoefficients.builtIn()), List.of(gpu));
    }

    private static double mean(SimulationReport report) {
        return report.workflows().get(0).latencySeconds().orElseThrow().mean().value();
    }

    @Test
    void aMeasuredCurveIsFollowedBelowSaturation() {
        for (double rate : new double[] {0.3, 3.0, 5.0}) {
            SimulationReport report = Simulation.run(
                    Map.of("m", List.of(new Replica.Curve(CURVE))), List.of(load(rate, call("m", List.of(), 0))), HOUR);
            double expected = 0.5 + CURVE.meanLatencySeconds(rate);
            assertThat(mean(report)).isCloseTo(expected, within(0.05 * expected));
        }
    }

    @Test
    void aMeasuredCurveQueuesWithoutEndAboveSaturation() {
        SimulationReport report = Simulation.run(
                Map.of("m", List.of(new Replica.Curve(CURVE))), List.of(load(9, call("m", List.of(), 0))), HOUR);
        assertThat(mean(report)).isGreaterThan(100);
    }

    @Test
    void callsWaitForTheirPredecessorsAndSiblingsRunTogether() {
        SimulationReport report = Simulation.run(
                Map.of("m", Collections.nCopies(4, new Replica.Curve(CURVE))),
                List.of(load(0.05, call("m", List.of(), 1), call("m", List.of(), 1), call("m", List.of(0, 1), 2))),
                HOUR);
        assertThat(mean(report)).isCloseTo(1 + 1.2 + 2 + 1.2 + 0.5, within(0.05));
        assertThat(report.models().get(0).calls()).isPositive();
    }

    @Test
    void sameSeedSameReportAnotherSeedAnother() {
        Map<String, List<Replica>> cluster = Map.of("m", List.of(engine(1, "a"), engine(1, "b")));
        List<Load> loads = List.of(load(2, call("m", List.of(), 0.1), call("m", List.of(0), 0.1)));
        Options options = new Options(200, 20, 7, Routing.LEAST_LOADED);
        assertThat(Simulation.run(cluster, loads, options)).isEqualTo(Simulation.run(cluster, loads, options));
        assertThat(Simulation.run(cluster, loads, new Options(200, 20, 8, Routing.LEAST_LOADED)))
                .isNotEqualTo(Simulation.run(cluster, loads, options));
    }

    @Test
    void leastLoadedRoutingIsNoWorseThanTurns() {
        Map<String, List<Replica>> cluster = Map.of("m", List.of(engine(1, "a"), engine(1, "b"), engine(1, "c")));
        List<Load> loads = List.of(load(40, call("m", List.of(), 0)));
        double least = mean(Simulation.run(cluster, loads, new Options(200, 20, 7, Routing.LEAST_LOADED)));
        double turns = mean(Simulation.run(cluster, loads, new Options(200, 20, 7, Routing.ROUND_ROBIN)));
        assertThat(least).isLessThan(turns * 1.02);
    }

    @Test
    void neighboursOnOneGpuSlowEachOther() {
        List<Load> loads = List.of(load(3, call("m", List.of(), 0)));
        Options options = new Options(200, 20, 7, Routing.LEAST_LOADED);
        double apart = mean(Simulation.run(Map.of("m", List.of(engine(0.5, "a"), engine(0.5, "b"))), loads, options));
        double together =
                mean(Simulation.run(Map.of("m", List.of(engine(0.5, "a"), engine(0.5, "a"))), loads, options));
        assertThat(together).isGreaterThan(apart * 1.02);
    }

    @Test
    void intervalsHoldTheirEstimates() {
        SimulationReport report =
                Simulation.run(Map.of("m", List.of(engine(1, "a"))), List.of(load(5, call("m", List.of(), 0))), HOUR);
        SimulationReport.Latency latency =
                report.workflows().get(0).latencySeconds().orElseThrow();
        for (SimulationReport.Estimate estimate :
                List.of(latency.mean(), latency.p50(), latency.p95(), latency.p99())) {
            assertThat(estimate.value()).isBetween(estimate.low(), estimate.high());
        }
        assertThat(latency.p50().value()).isLessThan(latency.p99().value());
        assertThat(report.workflows().get(0).throughputPerSecond()).isCloseTo(5, within(0.3));
    }
}
