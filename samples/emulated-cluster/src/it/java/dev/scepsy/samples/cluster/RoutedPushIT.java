package dev.scepsy.samples.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.scepsy.planner.allocation.GpuFraction;
import dev.scepsy.planner.allocation.LlmAllocation;
import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.allocation.ReplicaPlacement;
import dev.scepsy.planner.cluster.ApplyOptions;
import dev.scepsy.planner.cluster.ClusterAccess;
import dev.scepsy.planner.cluster.ClusterClient;
import dev.scepsy.planner.cluster.ClusterUnreachableException;
import dev.scepsy.planner.cluster.Intent;
import dev.scepsy.planner.cluster.PushEvent;
import dev.scepsy.planner.cluster.PushOutcome;
import dev.scepsy.planner.cluster.RouterStep;
import dev.scepsy.planner.cluster.ServingOptions;
import dev.scepsy.planner.cluster.ServingState.RouterState;
import dev.scepsy.planner.profile.ServedModel;
import dev.scepsy.planner.router.RouterKind;
import dev.scepsy.planner.router.RouterSettings;
import dev.scepsy.samples.cluster.control.Startup;
import dev.scepsy.samples.cluster.process.HaproxyBinary;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Plans with a router: six models behind it, moved under load. The router is the real haproxy; NOT RUN where there is none. */
class RoutedPushIT {

    private static final ApplyOptions OPTIONS = new ApplyOptions(Set.of(), false, false, "test", SmallPlans.QUICK);
    private static final List<String> NAMES = List.of("generator", "critic", "planner", "coder", "judge", "writer");
    private static final List<ServedModel> MODELS =
            NAMES.stream().map(name -> TestClusters.model(name, "Qwen2.5-7B")).toList();
    private static final int DNS_SECONDS = 1;

    private static final RouterSettings ROUTED = new RouterSettings(
            Optional.empty(), 2, Optional.empty(), "cluster.local", 512, 200, DNS_SECONDS, Optional.empty());
    private static final String[] FEW = {
        "generator 0.3 1:0 1:1", "critic 0.3 1:0", "planner 0.3 1:0", "coder 0.3 1:1", "judge 0.3 2:0", "writer 0.3 2:0"
    };
    private static final String[] MORE = {
        "generator 0.3 1:0 1:1 2:1",
        "critic 0.3 1:0 2:1",
        "planner 0.3 1:0",
        "coder 0.3 1:1",
        "judge 0.3 2:0",
        "writer 0.3 2:0"
    };

    private EmulatedCluster cluster;
    private KubernetesClient kubernetes;
    private ClusterClient client;
    private final List<PushEvent> events = new ArrayList<>();

    @BeforeEach
    void start() {
        HaproxyBinary haproxy = HaproxyBinary.find(System.getenv());
        assumeTrue(haproxy.path().isPresent(), "NOT RUN: " + haproxy.whyNot());
        EmulatedClusterConfig.Builder config = EmulatedClusterConfig.builder(TestClusters.cluster())
                .startup(new Startup(1, 20e9))
                .timeScale(10)
                .dnsTtlSeconds(DNS_SECONDS);
        MODELS.forEach(config::model);
        cluster = TestClusters.start(config);
        kubernetes = Engines.client(cluster);
        client = ClusterClient.of(ClusterAccess.server(URI.create(cluster.apiServerUrl())), "default");
    }

    @AfterEach
    void stop() {
        if (cluster != null) {
            client.close();
            kubernetes.close();
            cluster.close();
        }
    }

    private static Intent intent(RouterSettings router, String... lines) {
        List<LlmAllocation> allocations = new ArrayList<>();
        List<ReplicaPlacement> placements = new ArrayList<>();
        for (String line : lines) {
            String[] words = line.split(" ");
            double fraction = Double.parseDouble(words[1]);
            allocations.add(new LlmAllocation(
                    words[0], "A100-SXM-80GB", GpuFraction.of(fraction), 1, words.length - 2, fraction * 80));
            for (int replica = 0; replica < words.length - 2; replica++) {
                String[] place = words[replica + 2].split(":");
                placements.add(new ReplicaPlacement(
                        words[0], replica, "node-" + place[0], List.of(Integer.valueOf(place[1]))));
            }
        }
        return Intent.of(
                new Plan(1, 1, 0, allocations, placements, List.of(), 0, 0),
                MODELS,
                TestClusters.cluster(),
                ServingOptions.DEFAULT.withDeadlines(60, 60).withRouter(router));
    }

    private PushOutcome.Applied apply(Intent intent) {
        PushOutcome outcome = client.apply(intent, OPTIONS, events::add);
        assertThat(outcome).as(() -> String.valueOf(events)).isInstanceOf(PushOutcome.Applied.class);
        return (PushOutcome.Applied) outcome;
    }

    private PushOutcome rollback() {
        PushOutcome outcome = client.rollback(OPTIONS, events::add);
        assertThat(outcome).as(() -> String.valueOf(events)).isInstanceOf(PushOutcome.Applied.class);
        return outcome;
    }

    /** Where clients of the Service go. */
    private String address(String service) {
        return "http://127.0.0.1:"
                + kubernetes
                        .services()
                        .withName(service)
                        .get()
                        .getMetadata()
                        .getAnnotations()
                        .get("scepsy.dev/emulated-port")
                + "/v1";
    }

    private Map<String, String> modelAddresses() {
        return NAMES.stream().collect(Collectors.toMap(Function.identity(), this::address));
    }

    private List<String> configMaps() {
        return kubernetes.configMaps().list().getItems().stream()
                .map(ConfigMap::getMetadata)
                .map(meta -> meta.getName())
                .filter(name -> name.startsWith("scepsy-router"))
                .toList();
    }

    private Optional<RouterState> router() {
        try {
            return client.read().router();
        } catch (ClusterUnreachableException gone) {
            throw new AssertionError(gone);
        }
    }

    @Test
    void noRequestFailsWhileARouterComesWhilePlansChangeBehindItAndWhileItGoes() {
        apply(intent(RouterSettings.DEFAULT.withKind(RouterKind.NONE), FEW));
        assertThat(router()).isEmpty();
        int requests;
        try (OpenLoopLoad load = OpenLoopLoad.start(modelAddresses(), 5)) {
            load.awaitAnswers(20);

            assertThat(client.rehearse(intent(ROUTED, MORE), OPTIONS).router())
                    .extracting(RouterStep::action)
                    .containsExactly(RouterStep.Action.START, RouterStep.Action.LEAD_TO_ROUTER);
            apply(intent(ROUTED, MORE));
            assertThat(load.failures()).isEmpty();
            assertThat(router())
                    .hasValueSatisfying(state -> assertThat(state.asPlanned()).isTrue());
            assertThat(configMaps()).hasSize(1);
            load.awaitAnswers(20);

            apply(intent(ROUTED, FEW));
            assertThat(load.failures()).isEmpty();
            load.awaitAnswers(20);

            rollback();
            assertThat(load.failures()).isEmpty();
            apply(intent(RouterSettings.DEFAULT.withKind(RouterKind.NONE), MORE));
            load.awaitAnswers(20);
            assertThat(router()).isEmpty();
            assertThat(configMaps()).isEmpty();
            assertThat(kubernetes.services().list().getItems())
                    .extracting(service -> service.getMetadata().getName())
                    .doesNotContain("scepsy-router", "generator-engines");
            requests = load.finish();
            assertThat(load.failures()).isEmpty();
            assertThat(load.answers()).isEqualTo(requests);
        }
        System.out.println("ROUTED PUSHES UNDER LOAD 6 models, " + requests + " requests, 0 failed");
    }

    @Test
    void oneEndpointLeadsToAllModelsAndAnEmptyClusterGetsItsRouterWithItsEngines() {
        apply(intent(ROUTED, MORE));
        assertThat(router())
                .hasValueSatisfying(state -> assertThat(state.ready()).isEqualTo(2));
        String one = address("scepsy-router");
        try (OpenLoopLoad load =
                OpenLoopLoad.start(NAMES.stream().collect(Collectors.toMap(Function.identity(), name -> one)), 5)) {
            load.awaitAnswers(60);
            int sent = load.finish();
            assertThat(load.failures()).isEmpty();
            assertThat(load.answers()).isEqualTo(sent);
        }
        assertThat(client.rehearse(intent(ROUTED, MORE), OPTIONS).router())
                .as("what is as it should be is left alone")
                .isEmpty();
    }
}
