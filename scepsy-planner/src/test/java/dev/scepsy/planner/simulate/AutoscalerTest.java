package dev.scepsy.planner.simulate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.scepsy.planner.profile.MeasuredCurve;
import dev.scepsy.planner.simulate.Simulation.Load;
import dev.scepsy.planner.simulate.Simulation.Options;
import dev.scepsy.planner.simulate.Simulation.Replica;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Replicas follow the load on cards that run out; calls take ten seconds whatever happens, unless said. */
class AutoscalerTest {

    private static final MeasuredCurve TEN_SECONDS = MeasuredCurve.of(
            List.of(new MeasuredCurve.Point(0.5, 10), new MeasuredCurve.Point(100, 10)), OptionalDouble.of(100), 1);

    private final List<String> told = new ArrayList<>();
    private final List<Double> latencies = new ArrayList<>();
    private final SimulationWatch watch = new SimulationWatch() {
        @Override
        public void scaled(String model, double atSeconds, int wanted, int serving) {
            told.add(Math.round(atSeconds) + ": " + serving + "/" + wanted);
        }

        @Override
        public void executionEnded(String workflow, double startedSeconds, double latencySeconds, boolean failed) {
            latencies.add(latencySeconds);
        }
    };

    @Test
    void aLoadThatNeedsMoreGetsMoreAfterTheirStartAndLosesThemFiveMinutesAfterItsEnd() {
        // Two calls a second for 100 s keep twenty inside; a replica shall have ten.
        run(steady(2, 100), scaled(1, 4, 40, 0.5), Failures.NONE, 600);

        assertThat(told)
                .containsSubsequence("0: 1/1", "15: 1/2", "55: 2/2", "405: 1/1")
                .noneMatch(line -> line.endsWith("/3"));
    }

    @Test
    void whatHasNoCardWaitsAndNothingFails() {
        // Four cards of which each replica takes a whole one.
        SimulationReport report = run(steady(10, 200), scaled(1, 10, 40, 1), Failures.NONE, 300);

        assertThat(told)
                .contains("15: 1/5")
                .anyMatch(line -> line.endsWith("4/10"))
                .noneMatch(line -> line.contains(": 5/"));
        assertThat(report.workflows().get(0).failed()).isZero();
        assertThat(report.models().get(0).replicaCalls()).hasSize(4);
    }

    @Test
    void aNodeThatIsGoneForLongHasItsReplicasMadeElsewhere() {
        Failures gone = new Failures(
                List.of(new Outage("m", 0, 100, 800)),
                Optional.empty(),
                LostCalls.RETRY,
                List.of(),
                List.of(new NodeOutage("n1", 100, 800)));
        SimulationReport report = run(steady(0.5, 900), scaled(1, 1, 40, 1), gone, 900);

        // Evicted at 400, made anew on n2, which serves at 440: what came between 100 and 440 has waited.
        assertThat(told).containsExactly("0: 1/1", "100: 0/1", "440: 1/1");
        assertThat(latencies.stream().mapToDouble(each -> each).max().orElse(0)).isBetween(300.0, 360.0);
        assertThat(report.workflows().get(0).failed()).isZero();
    }

    @Test
    void aReplicaThatGoesFinishesWhatIsInside() {
        SimulationReport report = run(steady(2, 100), scaled(1, 4, 0, 0.5), Failures.NONE, 600);

        assertThat(report.workflows().get(0).completed()).isEqualTo(200);
        assertThat(latencies).allMatch(each -> Math.abs(each - 10) < 1e-6);
        assertThat(report.models().get(0).replicas()).isEqualTo(1);
        assertThat(report.models().get(0).utilisation()).isBetween(0.0, 1.0);
    }

    @Test
    void aSlowReplicaTakesSoManyTimesAsLongWhileItIsSlow() {
        Failures slow = new Failures(
                List.of(), Optional.empty(), LostCalls.RETRY, List.of(new Slowdown("m", 0, 50, 100, 3)), List.of());
        Simulation.run(
                Map.of("m", List.of(new Replica.Curve(TEN_SECONDS))),
                List.of(at(10.0, 60.0, 160.0)),
                new Options(300, 0, 1, Routing.LEAST_LOADED).withFailures(slow),
                part -> {},
                watch);

        assertThat(latencies.get(0)).isCloseTo(10, within(1e-9));
        assertThat(latencies.get(1)).isCloseTo(30, within(1e-9));
        assertThat(latencies.get(2)).isCloseTo(10, within(1e-9));
    }

    @Test
    void enginesOnACardThatIsJoinedContendForIt() {
        Autoscaling.Scaled shape =
                new Autoscaling.Scaled(1, 2, 0, "A", 1, 0.5, 40, cards -> SimulationTest.engine(0.5, cards.get(0)));
        Autoscaling how =
                new Autoscaling(Map.of("m", shape), List.of(domain("n1", 1)), Autoscaling.Metric.UTILISATION, 0.5);
        SimulationReport report = Simulation.run(
                Map.of("m", List.of(SimulationTest.engine(0.5, "n1/0"))),
                List.of(steady(3, 200)),
                new Options(200, 0, 1, Routing.LEAST_LOADED).with(how),
                part -> {},
                watch);

        assertThat(told).contains("15: 2/2");
        assertThat(report.workflows().get(0).failed()).isZero();
        assertThat(report.models().get(0).replicaCalls()).hasSize(2).allMatch(calls -> calls > 50);
    }

    @Test
    void anAutoscalerBehindConnectionsIsRefused() {
        Autoscaling how = new Autoscaling(Map.of(), List.of(), Autoscaling.Metric.REQUESTS, 1);
        Options options = new Options(10, 0, 1, Routing.connections(5));
        assertThatThrownBy(() -> options.with(how)).hasMessageContaining("router");
    }

    private SimulationReport run(Load load, Autoscaling.Scaled shape, Failures failures, double seconds) {
        Autoscaling how = new Autoscaling(
                Map.of("m", shape), List.of(domain("n1", 2), domain("n2", 2)), Autoscaling.Metric.REQUESTS, 10);
        return Simulation.run(
                Map.of("m", List.of(new Replica.Curve(TEN_SECONDS))),
                List.of(load),
                new Options(seconds, 0, 1, Routing.LEAST_LOADED)
                        .withFailures(failures)
                        .with(how),
                part -> {},
                watch);
    }

    private static Autoscaling.Scaled scaled(int least, int most, double startSeconds, double fraction) {
        return new Autoscaling.Scaled(
                least, most, startSeconds, "A", 1, fraction, 80 * fraction, cards -> new Replica.Curve(TEN_SECONDS));
    }

    private static Autoscaling.Domain domain(String node, int cards) {
        return new Autoscaling.Domain(
                node,
                "A",
                IntStream.range(0, cards)
                        .mapToObj(card -> new Autoscaling.Card(node + "/" + card, 1, 80))
                        .toList());
    }

    private static Load steady(double perSecond, double seconds) {
        return at(IntStream.range(0, (int) (perSecond * seconds))
                .mapToObj(i -> i / perSecond)
                .toArray(Double[]::new));
    }

    private static Load at(Double... seconds) {
        ExecutionScript one =
                new ExecutionScript("w", List.of(new CallScript(Optional.of("m"), 400, 60, 0, List.of(), 0)), 0);
        return new Load("w", new Arrivals.Recorded(List.of(seconds)), (number, random) -> one);
    }
}
