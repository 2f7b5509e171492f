package dev.scepsy.planner.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.profile.Adapter;
import dev.scepsy.planner.profile.ServedModel;
import dev.scepsy.planner.router.RouterKind;
import dev.scepsy.planner.router.RouterSettings;
import dev.scepsy.planner.router.Routing;
import dev.scepsy.planner.topology.Sharing;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class RouterManifestsTest {

    private static final Sharing NONE = new Sharing.Exclusive();

    private static Plans several() {
        return new Plans().with("generator", 1, 1, "node-1:0", "node-1:1").with("critic", 1, 1, "node-1:2");
    }

    private static Intent intent(Plans plans, RouterSettings router) {
        return Intent.of(
                plans.plan(), plans.models(), Plans.cluster(1, 4, NONE), ServingOptions.DEFAULT.withRouter(router));
    }

    private static Map<String, HasMetadata> objects(Intent intent) {
        return Manifests.of(intent).objects().stream()
                .collect(Collectors.toMap(
                        object -> object.getKind() + " " + object.getMetadata().getName(), object -> object));
    }

    private static Service service(Map<String, HasMetadata> objects, String name) {
        return (Service) objects.get("Service " + name);
    }

    @Test
    void severalReplicasArePutBehindHaproxyAndKeepTheirServicesNames() {
        Map<String, HasMetadata> objects = objects(intent(several(), RouterSettings.DEFAULT));

        for (String name : List.of("generator", "critic", "scepsy-router")) {
            assertThat(service(objects, name).getSpec().getSelector())
                    .as(name)
                    .containsExactly(Map.entry("scepsy.dev/role", "router"));
            assertThat(service(objects, name).getSpec().getPorts().get(0).getPort())
                    .isEqualTo(8000);
        }
        Service engines = service(objects, "generator-engines");
        assertThat(engines.getSpec().getClusterIP()).isEqualTo("None");
        assertThat(engines.getSpec().getSelector())
                .containsOnly(Map.entry("scepsy.dev/model", "generator"), Map.entry("scepsy.dev/serving", "true"));
        assertThat(engines.getSpec().getPorts().get(0).getName())
                .as("the record is _http._tcp.generator-engines")
                .isEqualTo("http");
        Deployment router = (Deployment) objects.get("Deployment scepsy-router");
        assertThat(router.getSpec().getReplicas()).isEqualTo(2);
        assertThat(router.getSpec()
                        .getStrategy()
                        .getRollingUpdate()
                        .getMaxUnavailable()
                        .getIntVal())
                .isZero();
        assertThat(objects).containsKey("PodDisruptionBudget scepsy-router");
        Container container =
                router.getSpec().getTemplate().getSpec().getContainers().get(0);
        assertThat(container.getImage()).matches("haproxy:\\d+\\.\\d+\\.\\d+");
        assertThat(container.getCommand())
                .containsExactly("haproxy", "-W", "-db", "-f", "/usr/local/etc/haproxy/haproxy.cfg");
        assertThat(container.getEnv().get(0).getValueFrom().getFieldRef().getFieldPath())
                .isEqualTo("status.podIP");
        assertThat(container.getSecurityContext().getReadOnlyRootFilesystem()).isTrue();
        String mounted = router.getSpec()
                .getTemplate()
                .getSpec()
                .getVolumes()
                .get(0)
                .getConfigMap()
                .getName();
        assertThat(objects).containsKey("ConfigMap " + mounted);
    }

    @Test
    void aMemoryLimitHoldsTwoBuffersForEveryConnection() {
        RouterSettings wide = new RouterSettings(
                Optional.of(RouterKind.HAPROXY),
                1,
                Optional.empty(),
                "cluster.local",
                1024,
                1000,
                30,
                Optional.empty());
        Deployment router = (Deployment) objects(intent(several(), wide)).get("Deployment scepsy-router");
        String limit = router.getSpec()
                .getTemplate()
                .getSpec()
                .getContainers()
                .get(0)
                .getResources()
                .getLimits()
                .get("memory")
                .toString();
        int mebibytes = Integer.parseInt(limit.replace("Mi", ""));
        assertThat(mebibytes).isBetween(2 * 1000, 2 * 1000 + 256);
        assertThat(objects(intent(several(), wide)))
                .as("a single pod must not keep its node from being drained")
                .doesNotContainKey("PodDisruptionBudget scepsy-router");
    }

    @Test
    void withoutARouterEveryByteIsAsBefore() {
        RouterSettings none = RouterSettings.DEFAULT.withKind(RouterKind.NONE);
        Map<String, HasMetadata> unrouted = objects(intent(several(), none));
        assertThat(unrouted.keySet()).noneMatch(name -> name.contains("router") || name.contains("-engines"));
        assertThat(service(unrouted, "generator").getSpec().getSelector())
                .containsOnly(Map.entry("scepsy.dev/model", "generator"), Map.entry("scepsy.dev/serving", "true"));

        Plans single = new Plans().with("critic", 1, 1, "node-1:2");
        assertThat(Manifests.of(intent(single, RouterSettings.DEFAULT)).yaml())
                .as("one replica of each model is nothing to choose from")
                .isEqualTo(Manifests.of(intent(single, none)).yaml());
        assertThat(IntentJson.write(intent(single, RouterSettings.DEFAULT)))
                .isEqualTo(IntentJson.write(intent(single, none)));
    }

    @Test
    void enginesAreTheSameWithAndWithoutARouter() {
        for (RouterKind kind : List.of(RouterKind.HAPROXY, RouterKind.ENVOY)) {
            Intent routed = intent(several(), RouterSettings.DEFAULT.withKind(kind));
            Intent unrouted = intent(several(), RouterSettings.DEFAULT.withKind(RouterKind.NONE));
            assertThat(Manifests.of(routed).deployments())
                    .isEqualTo(Manifests.of(unrouted).deployments());
        }
    }

    @Test
    void otherNamesOfModelsAreAnotherConfigurationAndOtherPods() {
        ServedModel renamed = Plans.model("critic").toBuilder()
                .aliases(List.of("judge"))
                .adapters(List.of(new Adapter("polite", "org/polite", 16)))
                .build();
        Plans plans = several();
        Intent first = intent(plans, RouterSettings.DEFAULT);
        Intent second = Intent.of(
                plans.plan(),
                List.of(Plans.model("generator"), renamed),
                Plans.cluster(1, 4, NONE),
                ServingOptions.DEFAULT);
        Deployment one = RouterManifests.of(first).deployment().orElseThrow();
        Deployment two = RouterManifests.of(second).deployment().orElseThrow();
        assertThat(RouterSteps.isSame(one, one)).isTrue();
        assertThat(RouterSteps.isSame(one, two)).isFalse();
        assertThat(RouterManifests.of(second)
                        .configMap()
                        .orElseThrow()
                        .getData()
                        .get("models.map"))
                .contains("judge critic", "polite critic");
        assertThat(IntentJson.read(IntentJson.write(second))).isEqualTo(second);
    }

    @Test
    void aRouterOnItsWayKnowsWhatServesNowToo() {
        Routing before = intent(several(), RouterSettings.DEFAULT).routing();
        Routing after = intent(
                        new Plans().with("generator", 1, 1, "node-1:0").with("embedder", 1, 1, "node-1:1", "node-1:2"),
                        RouterSettings.DEFAULT)
                .routing();
        Map<String, Integer> running = new HashMap<>(Map.of("critic", 1, "generator", 70));
        Routing during = after.during(before, running);
        assertThat(during.models())
                .extracting(model -> model.name() + " " + model.engines())
                .containsExactly("critic 1", "embedder 2", "generator 70");
        running.remove("critic");
        assertThat(after.during(before, running).models())
                .extracting(model -> model.name())
                .as("a model that serves no more needs no way")
                .containsExactly("embedder", "generator");
    }

    @Test
    void aModelCannotBeCalledAsTheRouterOrTheEnginesOfAnother() {
        Plans plans = new Plans()
                .with("scepsy-router", 1, 1, "node-1:0", "node-1:1")
                .with("a", 1, 1, "node-1:2")
                .with("a-engines", 1, 1, "node-1:3");
        assertThat(ServiceNames.collisions(intent(plans, RouterSettings.DEFAULT)))
                .hasSize(2)
                .hasEntrySatisfying("scepsy-router", why -> assertThat(why).contains("the Service of the router"))
                .hasEntrySatisfying("a-engines", why -> assertThat(why).contains("the engines of model (a)"));
        assertThat(ServiceNames.collisions(intent(plans, RouterSettings.DEFAULT.withKind(RouterKind.NONE))))
                .isEmpty();
    }

    @Test
    void longNamesStayDnsLabels() {
        String name = "a".repeat(80);
        assertThat(Names.enginesService(name)).hasSizeLessThanOrEqualTo(63).endsWith("-engines");
        assertThat(Names.enginesService("a".repeat(60))).isNotEqualTo(Names.enginesService("a".repeat(61)));
    }

    @Test
    void theVllmRouterSeesThePodsOfItsNamespaceAndNothingElse() {
        RouterSettings settings = new RouterSettings(
                Optional.of(RouterKind.VLLM_ROUTER),
                2,
                Optional.of("lmcache/lmstack-router:v1"),
                "cluster.local",
                512,
                2000,
                30,
                Optional.empty());
        Map<String, HasMetadata> objects = objects(intent(several(), settings));
        assertThat(objects).containsKeys("ServiceAccount scepsy-router", "RoleBinding scepsy-router");
        assertThat(Manifests.TEXT.asYaml(objects.get("Role scepsy-router")))
                .contains("pods", "watch")
                .doesNotContain("secrets", "delete", "*");
        assertThat(objects.keySet()).noneMatch(name -> name.startsWith("ConfigMap"));
    }

    @Test
    void theInferenceExtensionGetsAPoolAndARouteForEachModelAndServicesStay() {
        RouterSettings settings = new RouterSettings(
                Optional.of(RouterKind.INFERENCE_EXTENSION),
                2,
                Optional.empty(),
                "cluster.local",
                512,
                2000,
                30,
                Optional.of("edge/inference"));
        Map<String, HasMetadata> objects = objects(intent(several(), settings));
        assertThat(objects).containsKeys("InferencePool generator", "HTTPRoute critic");
        assertThat(objects).doesNotContainKey("Deployment scepsy-router");
        assertThat(Manifests.TEXT.asYaml(objects.get("HTTPRoute critic")))
                .contains("namespace: \"edge\"", "name: \"inference\"", "X-Gateway-Model-Name");
        assertThat(service(objects, "generator").getSpec().getSelector()).containsKey("scepsy.dev/serving");
    }
}
