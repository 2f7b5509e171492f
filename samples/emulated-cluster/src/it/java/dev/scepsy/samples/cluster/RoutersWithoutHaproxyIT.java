package dev.scepsy.samples.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.samples.cluster.process.HaproxyBinary;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodAffinityTermBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Router pods on a machine that has no haproxy: where they go, and what they say. */
class RoutersWithoutHaproxyIT {
    private EmulatedCluster cluster;
    private KubernetesClient client;

    @BeforeEach
    void start() {
        cluster = TestClusters.start(TestClusters.config().haproxy(HaproxyBinary.at(Path.of("/no/such/haproxy"))));
        client = Engines.client(cluster);
    }

    @AfterEach
    void stop() {
        client.close();
        cluster.close();
    }

    @Test
    void theyWaitAndSayHowToGetIt() {
        Routers.deploy(client, 1, Routers.CONFIGURATION);

        Engines.await(
                "waiting",
                () -> Routers.pods(client).stream()
                        .flatMap(pod -> pod.getStatus().getContainerStatuses().stream())
                        .map(status -> status.getState().getWaiting())
                        .filter(Objects::nonNull)
                        .anyMatch(each -> each.getReason().equals("ErrImageNeverPull")
                                && each.getMessage().contains("/no/such/haproxy")
                                && each.getMessage().contains("SCEPSY_HAPROXY")));
    }

    @Test
    void theyTakeProcessorsAndNoGpuAndSpread() {
        Deployment greedy = Routers.deployment(3);
        greedy.getSpec()
                .getTemplate()
                .getSpec()
                .getContainers()
                .get(0)
                .setResources(new ResourceRequirementsBuilder()
                        .addToRequests("cpu", new Quantity("200"))
                        .build());
        client.resource(greedy).serverSideApply();

        awaitTwoNodesAndOneRefusal("Insufficient cpu");
        assertThat(cluster.gpuUsage())
                .allSatisfy(gpu -> assertThat(gpu.computeGiven()).isZero());
    }

    @Test
    void requiredAntiAffinityKeepsThemApart() {
        client.resource(new DeploymentBuilder(Routers.deployment(3))
                        .editSpec()
                        .editTemplate()
                        .editSpec()
                        .withNewAffinity()
                        .withNewPodAntiAffinity()
                        .addToRequiredDuringSchedulingIgnoredDuringExecution(new PodAffinityTermBuilder()
                                .withTopologyKey("kubernetes.io/hostname")
                                .withNewLabelSelector()
                                .addToMatchLabels("app", "router")
                                .endLabelSelector()
                                .build())
                        .endPodAntiAffinity()
                        .endAffinity()
                        .endSpec()
                        .endTemplate()
                        .endSpec()
                        .build())
                .serverSideApply();

        awaitTwoNodesAndOneRefusal("node(s) didn't match pod anti-affinity rules");
    }

    private void awaitTwoNodesAndOneRefusal(String why) {
        Engines.await(
                "third refused",
                () -> Routers.pods(client).stream()
                        .flatMap(pod -> pod.getStatus().getConditions().stream())
                        .anyMatch(each -> each.getMessage() != null
                                && each.getMessage().equals("0/2 nodes are available: 2 " + why + ".")));
        assertThat(Routers.pods(client).stream()
                        .map(Pod::getSpec)
                        .map(spec -> spec.getNodeName())
                        .filter(Objects::nonNull))
                .containsExactlyInAnyOrder("node-1", "node-2");
    }
}
