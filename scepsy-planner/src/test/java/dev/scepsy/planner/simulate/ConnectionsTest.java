package dev.scepsy.planner.simulate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.scepsy.planner.profile.MeasuredCurve;
import dev.scepsy.planner.simulate.Simulation.Load;
import dev.scepsy.planner.simulate.Simulation.Options;
import dev.scepsy.planner.simulate.Simulation.Replica;
import dev.scepsy.planner.simulate.SimulationReport.ModelOutcome;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

/** Connections that lie where chance put them; computed by hand on calls that take ten seconds whatever happens. */
class ConnectionsTest {

    private static final MeasuredCurve TEN_SECONDS = MeasuredCurve.of(
            List.of(new MeasuredCurve.Point(0.5, 10), new MeasuredCurve.Point(100, 10)), OptionalDouble.of(100), 1);

    private static Load at(Double... seconds) {
        return new Load(
                "w",
                new Arrivals.Recorded(List.of(seconds)),
                (number, random) -> new ExecutionScript(
                        "w", List.of(new CallScript(Optional.of("m"), 100, 10, 0, List.of(), 0)), 0));
    }

    private static SimulationReport run(int replicas, int connections, long seed, Load load, Outage... outages) {
        return Simulation.run(
                Map.of("m", Collections.nCopies(replicas, new Replica.Curve(TEN_SECONDS))),
                List.of(load),
                new Options(200, 0, seed, Routing.connections(connections))
                        .withFailures(new Failures(List.of(outages), Optional.empty(), LostCalls.RETRY)));
    }

    private static double mean(SimulationReport report) {
        return report.workflows().get(0).latencySeconds().orElseThrow().mean().value();
    }

    @Test
    void oneConnectionCarriesOneCallAtATimeToOneReplica() {
        SimulationReport report = run(3, 1, 1, at(1.0, 2.0, 3.0));
        // answered at 11, 21 and 31 s
        assertThat(mean(report)).isCloseTo((10 + 19 + 28) / 3.0, within(1e-9));
        ModelOutcome model = report.models().get(0);
        assertThat(model.replicaCalls()).containsExactlyInAnyOrder(3, 0, 0);
        assertThat(model.replicaConnections()).containsExactlyInAnyOrder(1, 0, 0);
    }

    @Test
    void callsAreSharedOutAsConnectionsAre() {
        List<Double> times = new ArrayList<>();
        for (int i = 0; i < 1500; i++) {
            times.add(1 + i * 0.1);
        }
        ModelOutcome model =
                run(2, 400, 3, at(times.toArray(Double[]::new))).models().get(0);
        List<Integer> connections = model.replicaConnections();
        assertThat(connections.get(0) + connections.get(1)).isEqualTo(400);
        assertThat(model.replicaCalls().get(0) / 1500.0).isCloseTo(connections.get(0) / 400.0, within(0.05));
    }

    @Test
    void seedsDrawConnectionsAndRepeatThem() {
        Load load = at(1.0, 2.0, 3.0);
        assertThat(run(3, 20, 4, load)).isEqualTo(run(3, 20, 4, load));
        List<List<Integer>> draws = new ArrayList<>();
        double onFirst = 0;
        for (int seed = 0; seed < 200; seed++) {
            List<Integer> connections = run(3, 20, seed, load).models().get(0).replicaConnections();
            draws.add(connections);
            onFirst += connections.get(0);
        }
        assertThat(draws.stream().distinct().count()).isGreaterThan(50);
        assertThat(onFirst / 200).isCloseTo(20 / 3.0, within(0.6));
    }

    @Test
    void connectionsOfAReplicaThatFailedAreMadeAnewAndStayWhereTheyAre() {
        List<Double> times = new ArrayList<>();
        for (int i = 0; i < 80; i++) {
            times.add(1.0 + i);
        }
        // long before half of the calls are made the second replica is back, and gets none of them
        SimulationReport report = run(2, 30, 5, at(times.toArray(Double[]::new)), new Outage("m", 1, 30, 15));
        ModelOutcome model = report.models().get(0);
        assertThat(model.failures()).isEqualTo(1);
        assertThat(model.resentCalls()).isPositive();
        assertThat(report.workflows().get(0).completed()).isEqualTo(80);
        assertThat(model.replicaConnections().get(0)).isGreaterThan(20);
        assertThat(model.replicaCalls().get(0))
                .isGreaterThan(2 * model.replicaCalls().get(1));
    }

    @Test
    void aPoolThatPrefersTheConnectionUsedLastUsesOne() {
        List<Double> times = new ArrayList<>();
        for (int i = 0; i < 15; i++) {
            times.add(1.0 + 11 * i);
        }
        ModelOutcome model = Simulation.run(
                        Map.of("m", Collections.nCopies(3, new Replica.Curve(TEN_SECONDS))),
                        List.of(at(times.toArray(Double[]::new))),
                        new Options(200, 0, 1, Routing.lastUsedConnections(30)))
                .models()
                .get(0);
        assertThat(model.replicaConnections())
                .allSatisfy(count -> assertThat(count).isPositive());
        assertThat(model.replicaCalls()).containsExactlyInAnyOrder(15, 0, 0);
    }

    @Test
    void aRuleWithoutItsNumberIsRefused() {
        assertThatThrownBy(() -> Routing.connections(0)).hasMessageContaining("connections (0)");
        assertThatThrownBy(() -> new Routing(Routing.Rule.LEAST_LOADED, 3)).hasMessageContaining("connections (3)");
    }
}
