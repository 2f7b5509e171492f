package dev.scepsy.samples.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.cluster.ApplyOptions;
import dev.scepsy.planner.cluster.ClusterAccess;
import dev.scepsy.planner.cluster.ClusterClient;
import dev.scepsy.planner.cluster.Intent;
import dev.scepsy.planner.cluster.PushOutcome;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.net.URI;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Applying a plan and taking it back while requests come at a fixed rate through the gateway: none of them fails. Three rounds; 20 with
 * {@code -Dscepsy.full=true}.
 */
class PushUnderLoadIT {

    private static final int ROUNDS = Boolean.getBoolean("scepsy.full") ? 20 : 3;
    private static final double REQUESTS_PER_SECOND = 20;
    private static final ApplyOptions OPTIONS = new ApplyOptions(Set.of(), false, false, "test", SmallPlans.QUICK);

    private static final Intent GUESS = SmallPlans.intent(60, "generator 0.5 1:0 1:1", "critic 0.5 1:0 2:0");
    private static final Intent BETTER = SmallPlans.intent(60, "generator 0.7 1:0 1:1 2:0", "critic 0.3 1:0 1:1");

    private EmulatedCluster cluster;
    private KubernetesClient kubernetes;
    private ClusterClient client;

    @BeforeEach
    void start() {
        cluster = TestClusters.start();
        kubernetes = Engines.client(cluster);
        client = ClusterClient.of(ClusterAccess.server(URI.create(cluster.apiServerUrl())), "default");
    }

    @AfterEach
    void stop() {
        client.close();
        kubernetes.close();
        cluster.close();
    }

    @Test
    void noRequestFailsWhileAPlanIsAppliedAndTakenBack() {
        assertThat(client.apply(GUESS, OPTIONS, event -> {})).isInstanceOf(PushOutcome.Applied.class);
        Map<String, String> addresses = Map.of("generator", cluster.openAiBaseUrl(), "critic", cluster.openAiBaseUrl());
        int steps = 0;
        try (OpenLoopLoad load = OpenLoopLoad.start(addresses, REQUESTS_PER_SECOND)) {
            load.awaitAnswers(20);
            for (int round = 0; round < ROUNDS; round++) {
                PushOutcome applied = client.apply(BETTER, OPTIONS, event -> {});
                assertThat(applied).isInstanceOf(PushOutcome.Applied.class);
                PushOutcome back = client.rollback(OPTIONS, event -> {});
                assertThat(back).isInstanceOf(PushOutcome.Applied.class);
                steps += ((PushOutcome.Applied) applied).done().size()
                        + ((PushOutcome.Applied) back).done().size();
                assertThat(load.failures()).isEmpty();
            }
            load.awaitAnswers(20);
            int requests = load.finish();
            assertThat(load.failures()).isEmpty();
            assertThat(load.answers()).isEqualTo(requests);
            System.out.println("PUSH UNDER LOAD " + ROUNDS + " x apply and rollback, " + steps + " steps, " + requests
                    + " requests, 0 failed");
        }
    }
}
