package dev.scepsy.planner.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.cluster.ReplicaLoads.Uneven;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When the counts of replicas are called uneven. */
class ReplicaLoadsTest {

    private static final Instant NOW = Instant.parse("2026-11-30T12:00:00Z");

    @ParameterizedTest
    @CsvSource({
        // mean 11: (20² + 11² + 9²) / 11 = 54.7, chance 18.2
        "31 0 2, UNEVEN",
        "12 10 11, EVEN",
        // 14 of 20 on one of two: 3.2 against 15.1
        "14 6, UNKNOWN",
        "22 12, EVEN",
        "40 0, UNEVEN",
        "8 0, UNKNOWN",
        "0 0 0, UNKNOWN",
        "31, UNKNOWN",
        // much more than chance, but nothing to mind
        "10000 11000 9500, EVEN",
        "10000 16000 4000, UNEVEN",
        "200 0 200 200 200 200 200 200, UNEVEN"
    })
    void countsThatChanceExplainsAreNotUneven(String counts, Evenness expected) {
        assertThat(Evenness.of(numbers(counts))).isEqualTo(expected);
    }

    @Test
    void aRouterThatDealsAtRandomIsHardlyEverAccused() {
        Random random = new Random(11);
        int accused = 0;
        for (int look = 0; look < 20_000; look++) {
            int replicas = 2 + random.nextInt(15);
            int requests = random.nextInt(60 * replicas);
            double[] counts = new double[replicas];
            for (int i = 0; i < requests; i++) {
                counts[random.nextInt(replicas)]++;
            }
            List<Double> seen = new ArrayList<>();
            for (double count : counts) {
                seen.add(count);
            }
            accused += Evenness.of(seen) == Evenness.UNEVEN ? 1 : 0;
        }
        assertThat(accused).isLessThanOrEqualTo(8);
    }

    @Test
    void fewConnectionsAreFoundOut() {
        Random random = new Random(12);
        int found = 0;
        for (int look = 0; look < 2000; look++) {
            double[] counts = new double[3];
            int[] connections = new int[3];
            for (int i = 0; i < 4; i++) {
                connections[random.nextInt(3)]++;
            }
            List<Double> seen = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                for (int request = 0; request < 60 * connections[i]; request++) {
                    counts[i] += random.nextDouble() < 0.9 ? 1 : 0;
                }
                seen.add(counts[i]);
            }
            found += Evenness.of(seen) == Evenness.UNEVEN ? 1 : 0;
        }
        // four connections never lie evenly on three replicas: the best is 2, 1, 1
        assertThat(found).isGreaterThan(1960);
    }

    @Test
    void whatIsInsideNowOutweighsWhatWas() {
        assertThat(loads("31 0 2", "10 10 10", 3600, false).uneven()).isEqualTo(Uneven.NO);
        assertThat(loads("31 0 2", "900 3 40", 3600, false).uneven()).isEqualTo(Uneven.IN_PROGRESS);
        assertThat(loads("31 0 2", "", 3600, false).uneven()).isEqualTo(Uneven.IN_PROGRESS);
        assertThat(loads("11 10 12", "900 3 40", 3600, false).uneven()).isEqualTo(Uneven.NO);
        assertThat(loads("1 0 0", "900 3 40", 3600, false).uneven()).isEqualTo(Uneven.FINISHED);
        assertThat(loads("1 0 0", "3 0 1", 3600, false).uneven()).isEqualTo(Uneven.NO);
    }

    @Test
    void countersOfEnginesOfOtherAgesOrFromBeforeARouterProveNothing() {
        assertThat(loads("1 0 0", "900 3 40", 60, false).uneven()).isEqualTo(Uneven.NO);
        assertThat(loads("1 0 0", "900 3 40", 3600, true).uneven()).isEqualTo(Uneven.NO);
        assertThat(loads("31 0 2", "900 3 40", 3600, true).uneven()).isEqualTo(Uneven.IN_PROGRESS);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "vllm:request_success_total{finished_reason=\"stop\",model_name=\"m\"} 5.0;vllm:request_success_total{finished_reason=\"length\",model_name=\"m\"} 2.0 | 7",
                "sglang:num_requests_total{model_name=\"m\"} 7 | 7",
                "vllm:request_success_created{model_name=\"m\"} 1.7e9 | ",
                "vllm:request_success_total{model_name=\"m\"} NaN | "
            })
    void finishedRequestsAreSummed(String metrics, Double expected) {
        OptionalDouble finished = FinishedRequests.of(metrics.replace(';', '\n'));
        assertThat(finished).isEqualTo(expected == null ? OptionalDouble.empty() : OptionalDouble.of(expected));
    }

    /** Engines an hour old, but the last {@code youngest} seconds. */
    private static ReplicaLoads loads(String inside, String finished, int youngest, boolean routed) {
        List<Double> now = numbers(inside);
        List<Double> before = numbers(finished);
        List<ReplicaLoads.Engine> engines = new ArrayList<>();
        for (int i = 0; i < now.size(); i++) {
            engines.add(new ReplicaLoads.Engine(
                    "pod-" + i,
                    now.get(i),
                    before.isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(before.get(i)),
                    Optional.of(NOW.minusSeconds(i + 1 == now.size() ? youngest : 3600))));
        }
        return new ReplicaLoads("m", now.size(), engines, Optional.empty(), NOW, routed);
    }

    private static List<Double> numbers(String text) {
        List<Double> numbers = new ArrayList<>();
        for (String word : text.isEmpty() ? new String[0] : text.split(" ")) {
            numbers.add(Double.valueOf(word));
        }
        return numbers;
    }
}
