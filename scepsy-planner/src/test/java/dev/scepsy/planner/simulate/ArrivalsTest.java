package dev.scepsy.planner.simulate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.scepsy.planner.profile.MeasuredCurve;
import dev.scepsy.planner.simulate.Simulation.Load;
import dev.scepsy.planner.simulate.Simulation.Options;
import dev.scepsy.planner.simulate.Simulation.Replica;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class ArrivalsTest {

    private static final MeasuredCurve TWO_SECONDS = MeasuredCurve.of(
            List.of(new MeasuredCurve.Point(0.5, 2), new MeasuredCurve.Point(100, 2)), OptionalDouble.of(100), 1);

    private static final Options HOUR = new Options(3600, 360, 1, Routing.LEAST_LOADED);

    private static ExecutionScript script(double closingSeconds) {
        return new ExecutionScript(
                "w", List.of(new CallScript(Optional.of("m"), 100, 10, 0, List.of(), 0)), closingSeconds);
    }

    private static SimulationReport.WorkflowOutcome run(Arrivals arrivals) {
        return Simulation.run(
                        Map.of("m", List.of(new Replica.Curve(TWO_SECONDS))),
                        List.of(new Load("w", arrivals, (number, random) -> script(1))),
                        HOUR)
                .workflows()
                .get(0);
    }

    @Test
    void clientsInAClosedLoopStartAsOftenAsTheyAreAnswered() {
        // Little's law: 12 clients, 3 s of work and 9 s of thinking each round: one execution per second
        SimulationReport.WorkflowOutcome outcome = run(new Arrivals.Clients(12, 9));
        assertThat(outcome.throughputPerSecond()).isCloseTo(1, within(0.05));
        assertThat(outcome.latencySeconds().orElseThrow().mean().value()).isCloseTo(3, within(1e-6));
        assertThat(outcome.offeredPerSecond()).isEmpty();
        assertThat(outcome.unfinished()).isZero();
    }

    @Test
    void clientsThatDoNotThinkAlwaysWait() {
        assertThat(run(new Arrivals.Clients(6, 0)).throughputPerSecond()).isCloseTo(2, within(0.01));
    }

    @Test
    void aClosedLoopNeverOverloads() {
        Replica engine = SimulationTest.engine(1, "a");
        SimulationReport report = Simulation.run(
                Map.of("m", List.of(engine)),
                List.of(new Load("w", new Arrivals.Clients(64, 0), (number, random) -> script(0))),
                new Options(60, 10, 1, Routing.LEAST_LOADED));
        SimulationReport.WorkflowOutcome outcome = report.workflows().get(0);
        // Little's law without think time: clients = throughput · latency
        assertThat(outcome.throughputPerSecond()
                        * outcome.latencySeconds().orElseThrow().mean().value())
                .isCloseTo(64, within(1.5));
        assertThat(report.models().get(0).utilisation()).isGreaterThan(0.95);
    }

    @Test
    void recordedArrivalsHappenWhenTheyDid() {
        SimulationReport report = Simulation.run(
                Map.of("m", List.of(new Replica.Curve(TWO_SECONDS))),
                List.of(new Load(
                        "w", new Arrivals.Recorded(List.of(0.0, 5.0, 5.0, 9.0)), (number, random) -> script(number))),
                new Options(10, 1, 1, Routing.LEAST_LOADED));
        SimulationReport.WorkflowOutcome outcome = report.workflows().get(0);
        // numbers 1 to 3 start after the warm-up, and take 2 s and their number
        assertThat(outcome.completed()).isEqualTo(3);
        assertThat(outcome.latencySeconds().orElseThrow().mean().value()).isCloseTo(2 + 2, within(1e-9));
        assertThat(outcome.offeredPerSecond()).hasValue(3 / 9.0);
    }

    @Test
    void impossibleArrivalsAreRefused() {
        assertThatThrownBy(() -> new Arrivals.Recorded(List.of(2.0, 1.0))).hasMessageContaining("before 2.0 s");
        assertThatThrownBy(() -> new Arrivals.Clients(0, 1)).hasMessageContaining("at least 1 client");
        assertThatThrownBy(() -> new Arrivals.Poisson(-1)).hasMessageContaining("0 or more");
    }
}
