package dev.scepsy.planner.simulate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.scepsy.planner.profile.MeasuredCurve;
import dev.scepsy.planner.simulate.Simulation.Load;
import dev.scepsy.planner.simulate.Simulation.Options;
import dev.scepsy.planner.simulate.Simulation.Replica;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

/** Replicas go down and come back; computed by hand on calls that take ten seconds whatever happens. */
class FailuresTest {

    private static final MeasuredCurve TEN_SECONDS = MeasuredCurve.of(
            List.of(new MeasuredCurve.Point(0.5, 10), new MeasuredCurve.Point(100, 10)), OptionalDouble.of(100), 1);

    /** One execution of one call, at second 1. */
    private static final Load ONE_CALL = new Load(
            "w",
            new Arrivals.Recorded(List.of(1.0)),
            (number, random) ->
                    new ExecutionScript("w", List.of(new CallScript(Optional.of("m"), 100, 10, 0, List.of(), 0)), 0));

    private static SimulationReport run(int replicas, LostCalls rule, Outage... outages) {
        return Simulation.run(
                Map.of("m", Collections.nCopies(replicas, new Replica.Curve(TEN_SECONDS))),
                List.of(ONE_CALL),
                new Options(100, 0, 1, Routing.LEAST_LOADED)
                        .withFailures(new Failures(List.of(outages), Optional.empty(), rule)));
    }

    private static double latency(SimulationReport report) {
        return report.workflows().get(0).latencySeconds().orElseThrow().mean().value();
    }

    @Test
    void aCallInsideAFailingReplicaStartsAnewOnAnother() {
        SimulationReport report = run(2, LostCalls.RETRY, new Outage("m", 0, 5, 50));
        assertThat(latency(report)).isCloseTo(4 + 10, within(1e-9));
        SimulationReport.ModelOutcome model = report.models().get(0);
        assertThat(model.failures()).isEqualTo(1);
        assertThat(model.resentCalls()).isEqualTo(1);
        assertThat(model.availability()).isCloseTo(1 - 50 / 200.0, within(1e-9));
    }

    @Test
    void aCallWaitsForTheOnlyReplicaToReturn() {
        assertThat(latency(run(1, LostCalls.RETRY, new Outage("m", 0, 5, 20)))).isCloseTo(24 + 10, within(1e-9));
        assertThat(latency(run(1, LostCalls.RETRY, new Outage("m", 0, 0.5, 2)))).isCloseTo(1.5 + 10, within(1e-9));
    }

    @Test
    void overlappingOutagesOfOneReplicaEndWithTheLast() {
        SimulationReport report = run(1, LostCalls.RETRY, new Outage("m", 0, 5, 20), new Outage("m", 0, 10, 40));
        assertThat(latency(report)).isCloseTo(49 + 10, within(1e-9));
        assertThat(report.models().get(0).failures()).isEqualTo(1);
    }

    @Test
    void aLostCallCanFailItsExecution() {
        SimulationReport report = run(2, LostCalls.FAIL, new Outage("m", 0, 5, 50));
        assertThat(report.workflows().get(0).failed()).isEqualTo(1);
        assertThat(report.workflows().get(0).completed()).isZero();
        assertThat(report.workflows().get(0).unfinished()).isZero();
        assertThat(report.models().get(0).lostCalls()).isEqualTo(1);
    }

    @Test
    void whatNeverComesBackLeavesItsCallsUnfinished() {
        SimulationReport report = run(1, LostCalls.RETRY, new Outage("m", 0, 5, Double.POSITIVE_INFINITY));
        assertThat(report.workflows().get(0).unfinished()).isEqualTo(1);
    }

    @Test
    void anOutageOfNothingIsRefused() {
        assertThatThrownBy(() -> run(1, LostCalls.RETRY, new Outage("m", 1, 5, 20)))
                .hasMessageContaining("no replica m#1");
        assertThatThrownBy(() -> new Outage("m", 0, 5, 0)).hasMessageContaining("length above 0");
    }

    @Test
    void drawnFailuresLeaveTheReplicasUpForTheirPartOfTheTime() {
        Failures drawn = new Failures(List.of(), Optional.of(new Failures.Drawn(900, 100)), LostCalls.RETRY);
        SimulationReport report = Simulation.run(
                Map.of("m", Collections.nCopies(20, new Replica.Curve(TEN_SECONDS))),
                List.of(new Load("w", 0.5, random -> ONE_CALL.scripts().next(0, random))),
                new Options(40_000, 1000, 3, Routing.LEAST_LOADED).withFailures(drawn));
        assertThat(report.models().get(0).availability()).isCloseTo(0.9, within(0.02));
        assertThat(report.models().get(0).failures()).isBetween(700L, 860L);
        assertThat(report.workflows().get(0).unfinished()).isZero();
        assertThat(latency(report)).isBetween(10.0, 11.0);
    }

    @Test
    void enginesForgetTheirCallsAndServeOnAfterARestart() {
        Replica engine = SimulationTest.engine(1, "a");
        Load load = new Load("w", 2, random -> ONE_CALL.scripts().next(0, random));
        Options options = new Options(300, 0, 4, Routing.LEAST_LOADED);
        Failures failures = new Failures(
                List.of(new Outage("m", 0, 50.01, 10), new Outage("m", 0, 120.02, 10)),
                Optional.empty(),
                LostCalls.RETRY);
        SimulationReport quiet = Simulation.run(Map.of("m", List.of(engine)), List.of(load), options);
        SimulationReport failing =
                Simulation.run(Map.of("m", List.of(engine)), List.of(load), options.withFailures(failures));
        assertThat(failing.workflows().get(0).completed())
                .isEqualTo(quiet.workflows().get(0).completed());
        assertThat(latency(failing)).isGreaterThan(latency(quiet) + 0.1);
        assertThat(failing.models().get(0).availability()).isCloseTo(1 - 20 / 300.0, within(1e-9));
        assertThat(failing)
                .isEqualTo(Simulation.run(Map.of("m", List.of(engine)), List.of(load), options.withFailures(failures)));
    }
}
