package dev.scepsy.samples.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.cluster.ApplyOptions;
import dev.scepsy.planner.cluster.ClusterClient;
import dev.scepsy.planner.cluster.ClusterClient.Rehearsal;
import dev.scepsy.planner.cluster.Intent;
import dev.scepsy.planner.cluster.ServingOptions;
import dev.scepsy.planner.router.RouterKind;
import dev.scepsy.planner.router.RouterSettings;
import dev.scepsy.samples.cluster.real.OnRealKubernetes;
import dev.scepsy.samples.cluster.real.RealCluster;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a real API server says of the objects of every router, asked without changing anything, with the rights of role.yaml. */
@OnRealKubernetes
class RealRoutersIT {

    private static final ApplyOptions OPTIONS = new ApplyOptions(Set.of(), false, false, "test", SmallPlans.QUICK);

    private ClusterUnderTest cluster;
    private ClusterClient client;

    @BeforeEach
    void start() {
        cluster = RealCluster.start();
        client = ClusterClient.of(cluster.access("default"), "default");
    }

    @AfterEach
    void stop() {
        if (client != null) {
            client.close();
            cluster.close();
        }
    }

    private static Intent intent(RouterKind kind) {
        return SmallPlans.intent(
                1,
                TestClusters.cluster(),
                ServingOptions.DEFAULT.withRouter(RouterSettings.DEFAULT.withKind(kind)),
                "generator 0.5 1:0 1:1",
                "critic 0.5 2:0");
    }

    @ParameterizedTest
    @EnumSource(
            value = RouterKind.class,
            names = {"HAPROXY", "ENVOY"})
    void everyObjectIsTaken(RouterKind kind) {
        Rehearsal rehearsal = client.rehearse(intent(kind), OPTIONS);

        assertThat(rehearsal.refused()).isEmpty();
        assertThat(rehearsal.router()).isNotEmpty();
        assertThat(rehearsal.manifests().objects())
                .extracting(
                        object -> object.getKind() + "/" + object.getMetadata().getName())
                .contains("Deployment/scepsy-router", "Service/scepsy-router", "Service/generator-engines");
    }

    @Test
    void aKindWhoseResourcesTheServerDoesNotKnowIsRefusedBeforeAnyChange() {
        Rehearsal rehearsal = client.rehearse(intent(RouterKind.INFERENCE_EXTENSION), OPTIONS);

        assertThat(rehearsal.refused()).hasValueSatisfying(refused -> {
            assertThat(String.join(" ", refused.reasons())).contains("inference.networking.k8s.io");
            assertThat(refused.remedies()).isNotEmpty();
        });
    }
}
