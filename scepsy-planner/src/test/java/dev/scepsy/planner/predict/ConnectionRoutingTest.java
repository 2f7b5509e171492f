package dev.scepsy.planner.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.scepsy.planner.predict.AggregateLlmPipeline.Serving;
import dev.scepsy.planner.profile.LatencyProfile;
import dev.scepsy.planner.profile.MeasuredCurve;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Replicas behind a balancer of connections. */
class ConnectionRoutingTest {

    private static LatencyProfile flat(double seconds, double saturation) {
        return MeasuredCurve.of(List.of(new MeasuredCurve.Point(saturation, seconds)), OptionalDouble.empty(), 10);
    }

    /** A processor that all requests inside share: L(x) = 1 / (1 − x), so that m requests inside make it 1 + m. */
    private static LatencyProfile sharedProcessor() {
        List<MeasuredCurve.Point> points = new ArrayList<>();
        for (int i = 0; i <= 980; i++) {
            points.add(new MeasuredCurve.Point(i / 1000.0, 1 / (1 - i / 1000.0)));
        }
        return MeasuredCurve.of(points, OptionalDouble.empty(), 10);
    }

    @Test
    void theLargestShareIsThatOfEveryWayToPutConnections() {
        // 3 connections on 3 replicas: 27 ways, 6 of them one each, 3 of them all on one
        LargestShare three = new LargestShare(3, 3);
        assertThat(three.probabilityAtMost(0)).isZero();
        assertThat(three.probabilityAtMost(1)).isCloseTo(6 / 27.0, within(1e-12));
        assertThat(three.probabilityAtMost(2)).isCloseTo(24 / 27.0, within(1e-12));
        assertThat(three.probabilityAtMost(3)).isEqualTo(1);
        assertThat(three.quantile(0.5)).isEqualTo(2);
        assertThat(three.quantile(0.95)).isEqualTo(3);
        assertThat(new LargestShare(7, 1).quantile(0.5)).isEqualTo(7);
        // 7 on 4, counted one way after the other
        for (int most = 1; most <= 7; most++) {
            int within = 0;
            for (int way = 0; way < 1 << 14; way++) {
                int[] counts = new int[4];
                for (int i = 0; i < 7; i++) {
                    counts[way >> (2 * i) & 3]++;
                }
                within += Math.max(Math.max(counts[0], counts[1]), Math.max(counts[2], counts[3])) <= most ? 1 : 0;
            }
            assertThat(new LargestShare(7, 4).probabilityAtMost(most))
                    .isCloseTo(within / (double) (1 << 14), within(1e-12));
        }
    }

    @Test
    void theLargestShareOfManyIsThatOfDraws() {
        Random random = new Random(5);
        LargestShare exact = new LargestShare(1000, 20);
        int within = 0;
        for (int draw = 0; draw < 4000; draw++) {
            int[] counts = new int[20];
            for (int i = 0; i < 1000; i++) {
                counts[random.nextInt(20)]++;
            }
            int max = 0;
            for (int count : counts) {
                max = Math.max(max, count);
            }
            within += max <= 63 ? 1 : 0;
        }
        assertThat(exact.probabilityAtMost(63)).isCloseTo(within / 4000.0, within(0.03));
    }

    @Test
    void twoConnectionsLieOnOneOfTwoReplicasHalfOfTheTime() {
        ConnectionRouting routing = ConnectionRouting.of(flat(0.001, 10), 2, 2);
        assertThat(routing.overloadProbability(9.99)).isZero();
        assertThat(routing.overloadProbability(15)).isCloseTo(0.5, within(1e-12));
        assertThat(routing.overloadProbability(20.01)).isEqualTo(1);
        assertThat(routing.highestRate(0.95, 1)).isCloseTo(10, within(1e-3));
        assertThat(routing.highestRate(0.45, 1)).isCloseTo(20, within(0.01));
        assertThat(routing.highestRate(0.95, 0.5)).isCloseTo(5, within(1e-3));
    }

    @Test
    void aConnectionCarriesOneRequestAtATime() {
        // 1 s each, one at a time: M/M/1 at half load takes 2 s; four at once on four connections, a = 2: C = 4/23
        assertThat(ConnectionRouting.of(flat(1, 10), 1, 1).meanLatencySeconds(0.5))
                .isCloseTo(2, within(1e-6));
        assertThat(ConnectionRouting.of(flat(1, 10), 1, 1).highestRate(0.95, 1)).isCloseTo(1, within(1e-9));
        assertThat(ConnectionRouting.of(flat(1, 10), 1, 4).meanLatencySeconds(2))
                .isCloseTo(1 + 4 / 23.0 / (4 - 2), within(1e-6));
        // one of two replicas gets nothing
        assertThat(ConnectionRouting.of(sharedProcessor(), 2, 1).highestRate(0.95, 1))
                .isCloseTo(0.98, within(1e-3));
    }

    @Test
    void theRequestsReplicaHoldsMoreThanItsPart() {
        // many idle connections: k of N, met with probability k / N, get k / N of the load; N = 2000, so others differ
        // little
        LatencyProfile curve = sharedProcessor();
        double load = 1.2;
        int n = 2000;
        double expected = 0;
        double logHalf = Math.log(0.5);
        double logBinomial = 0;
        for (int others = 0; others < n; others++) {
            double probability = Math.exp(logBinomial + (n - 1) * logHalf);
            expected += probability * curve.meanLatencySeconds(load * (1 + others) / n);
            logBinomial += Math.log(n - 1 - others) - Math.log(others + 1);
        }
        assertThat(ConnectionRouting.of(curve, 2, n).meanLatencySeconds(load))
                .isCloseTo(expected, within(0.005 * expected));
    }

    @Test
    void ofManyConnectionsTheEvenSplitIsLeft() {
        LatencyProfile curve = sharedProcessor();
        for (int replicas : new int[] {1, 2, 5}) {
            double even = curve.meanLatencySeconds(0.6);
            ConnectionRouting routing = ConnectionRouting.of(curve, replicas, 10_000);
            assertThat(routing.meanLatencySeconds(0.6 * replicas)).isCloseTo(even, within(0.01 * even));
            assertThat(routing.overloadProbability(0.6 * replicas)).isLessThan(1e-6);
        }
    }

    @Test
    void moreConnectionsAreNeverWorse() {
        // fewer than these bound the requests inside a replica, which evens loads out too
        LatencyProfile curve = sharedProcessor();
        for (int replicas : new int[] {2, 3, 7}) {
            double before = Double.POSITIVE_INFINITY;
            for (int connections = 256 * replicas; connections <= 10_000; connections *= 2) {
                double seconds =
                        ConnectionRouting.of(curve, replicas, connections).meanLatencySeconds(0.7 * replicas);
                assertThat(seconds).isLessThan(before).isGreaterThan(curve.meanLatencySeconds(0.7));
                before = seconds;
            }
        }
    }

    @Test
    void theHighestRateIsWhereTheProbabilityTurns() {
        ConnectionRouting routing = ConnectionRouting.of(sharedProcessor(), 4, 40);
        for (double probability : new double[] {0.2, 0.5, 0.95}) {
            double highest = routing.highestRate(probability, 1);
            assertThat(1 - routing.overloadProbability(0.999 * highest)).isGreaterThanOrEqualTo(probability);
            assertThat(1 - routing.overloadProbability(1.001 * highest)).isLessThan(probability);
        }
        double before = 0;
        for (double rate = 0.1; rate < 4; rate += 0.1) {
            assertThat(routing.overloadProbability(rate)).isGreaterThanOrEqualTo(before);
            before = routing.overloadProbability(rate);
        }
    }

    @Test
    void aWorkflowHoldsWhereAllOfItsModelsDo() {
        Serving halfTheTime = new Serving(flat(0.001, 10), 2, Optional.of(ConnectionRouting.of(flat(0.001, 10), 2, 2)));
        WorkflowDemand workflow =
                new WorkflowDemand("w", 15, 1, 0.25, 0, List.of(new ModelCalls("a", 1, 1), new ModelCalls("b", 1, 1)));
        AggregateLlmPipeline pipeline = AggregateLlmPipeline.of(List.of(workflow));
        Map<String, Serving> servings = Map.of("a", halfTheTime, "b", halfTheTime);

        assertThat(pipeline.overloadProbabilities(servings)).containsExactly(new double[] {0.75}, within(1e-9));
        assertThat(pipeline.predict(servings, 1).get(0).maxThroughputPerSecond())
                .hasValueCloseTo(10.0, within(1e-3));
        assertThat(pipeline.predict(servings, 1, 0.45).get(0).maxThroughputPerSecond())
                .hasValueCloseTo(20.0, within(0.01));
        assertThat(pipeline.predict(servings, 1).get(0).latencySeconds()).hasValueCloseTo(0.252, within(1e-4));
    }

    @Test
    void numbersOutsideTheirRangeAreRefused() {
        assertThatThrownBy(() -> ConnectionRouting.of(flat(1, 10), 2, 0)).hasMessageContaining("connections (0)");
        assertThatThrownBy(() -> ConnectionRouting.of(flat(1, 10), 0, 2)).hasMessageContaining("replicas (0)");
        assertThatThrownBy(() -> ConnectionRouting.of(flat(1, 10), 2, 10_001)).hasMessageContaining("10001");
    }
}
