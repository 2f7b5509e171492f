package dev.scepsy.planner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.cluster.ReplicaLoads;
import dev.scepsy.planner.cluster.ReplicaLoads.Engine;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What status says of loads. */
class LoadsReportTest {

    @Test
    void unevenLoadsAreShownWithTheRemedy() {
        assertThat(LoadsReport.sentences(List.of(critic(3, false, 31, 0, 2))))
                .containsExactly("Loads of model critic are uneven: 31, 0, 2 requests in progress on its 3 replicas;"
                        + " kube-proxy balances connections, not requests: set router: {kind: haproxy} in models.yaml and"
                        + " apply the plan again.");
        assertThat(LoadsReport.sentences(List.of(critic(600, true, 31, 0, 2))))
                .singleElement()
                .asString()
                .contains("on 3 of its 600 replicas", "clients reach engines past it");
    }

    @Test
    void evenLoadsAndTooLittleDataAreNoNews() {
        assertThat(LoadsReport.sentences(List.of(critic(3, false, 12, 10, 11), critic(3, false, 1, 0, 0))))
                .isEmpty();
    }

    @Test
    void whatWasNotMeasuredIsNotCalledEven() {
        ReplicaLoads silent = new ReplicaLoads(
                "critic",
                2,
                List.of(),
                Optional.of("The metrics of pod c-1 cannot be read: forbidden (HTTP 403)."),
                Instant.EPOCH,
                false);
        assertThat(LoadsReport.sentences(List.of(silent)))
                .containsExactly(
                        "Loads of the 2 replicas of model critic were not measured: The metrics of pod c-1 cannot"
                                + " be read: forbidden (HTTP 403).");
    }

    private static ReplicaLoads critic(int replicas, boolean routed, int... inside) {
        return new ReplicaLoads(
                "critic",
                replicas,
                IntStream.range(0, inside.length)
                        .mapToObj(i -> new Engine("c-" + i, inside[i], OptionalDouble.empty(), Optional.empty()))
                        .toList(),
                Optional.empty(),
                Instant.EPOCH,
                routed);
    }
}
