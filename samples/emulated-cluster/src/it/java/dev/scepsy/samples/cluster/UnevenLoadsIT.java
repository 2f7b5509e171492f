package dev.scepsy.samples.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.cluster.ApplyOptions;
import dev.scepsy.planner.cluster.ClusterClient;
import dev.scepsy.planner.cluster.ClusterUnreachableException;
import dev.scepsy.planner.cluster.Intent;
import dev.scepsy.planner.cluster.PushOutcome;
import dev.scepsy.planner.cluster.ReplicaLoads;
import dev.scepsy.planner.cluster.ReplicaLoads.Uneven;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** How loads fall on replicas, read off engines that serve. */
class UnevenLoadsIT {

    private static final ApplyOptions OPTIONS = new ApplyOptions(Set.of(), false, false, "test", SmallPlans.QUICK);
    private static final Intent PLAN =
            SmallPlans.intent(15, "generator 0.5 1:0 1:1 2:0", "critic 0.5 1:0 2:1", "embedder 0.5 1:1");
    private static final int REQUESTS = 40;

    @Test
    void oneReplicaThatDoesAllTheWorkIsFoundByWhatIsInside() throws Exception {
        try (ClusterUnderTest cluster = new EmulatedUnderTest();
                KubernetesClient kubernetes = cluster.kubernetes();
                ClusterClient client = ClusterClient.of(cluster.access("default"), "default")) {
            assertThat(client.apply(PLAN, OPTIONS, event -> {})).isInstanceOf(PushOutcome.Applied.class);

            List<ReplicaLoads> idle = client.loads(client.read());

            // the embedder has one replica: nothing to compare
            assertThat(idle).extracting(ReplicaLoads::model).containsExactly("critic", "generator");
            assertThat(idle).extracting(ReplicaLoads::uneven).containsOnly(Uneven.NO);
            assertThat(idle).allSatisfy(model -> assertThat(model.notMeasured()).isEmpty());
            assertThat(idle.get(1).engines()).hasSize(3).allSatisfy(engine -> {
                assertThat(engine.inProgress()).isZero();
                assertThat(engine.finished()).hasValue(0);
                assertThat(engine.started()).isPresent();
            });

            Pod first = kubernetes
                    .pods()
                    .inNamespace("default")
                    .withLabel("scepsy.dev/model", "generator")
                    .list()
                    .getItems()
                    .get(0);
            String port = first.getMetadata().getAnnotations().get("scepsy.dev/emulated-port");
            HttpClient http = HttpClient.newHttpClient();
            for (int i = 0; i < REQUESTS; i++) {
                http.sendAsync(longRequest(port), HttpResponse.BodyHandlers.discarding());
            }
            Engines.await("requests inside", () -> {
                try {
                    return client.loads(client.read()).get(1).engines().stream()
                                    .mapToDouble(ReplicaLoads.Engine::inProgress)
                                    .sum()
                            == REQUESTS;
                } catch (ClusterUnreachableException failed) {
                    throw new AssertionError(failed);
                }
            });

            List<ReplicaLoads> loads = client.loads(client.read());
            assertThat(loads.get(0).uneven()).isEqualTo(Uneven.NO);
            assertThat(loads.get(1).uneven()).isEqualTo(Uneven.IN_PROGRESS);
            assertThat(loads.get(1).engines())
                    .extracting(ReplicaLoads.Engine::inProgress)
                    .containsExactlyInAnyOrder((double) REQUESTS, 0.0, 0.0);
            assertThat(loads.get(1).routed()).isFalse();
        }
    }

    private static HttpRequest longRequest(String port) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v1/chat/completions"))
                .timeout(Duration.ofSeconds(60))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(
                        "{\"model\":\"generator\",\"ignore_eos\":true,\"max_tokens\":6000,"
                                + "\"messages\":[{\"role\":\"user\",\"content\":\"tell me everything\"}]}"))
                .build();
    }
}
