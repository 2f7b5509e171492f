package dev.scepsy.samples.cluster.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.scepsy.samples.cluster.EmulatedCluster;
import dev.scepsy.samples.cluster.TestClusters;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.DeletionPropagation;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The real fabric8 client against the emulated API. */
class KubernetesApiTest {
    private static EmulatedCluster cluster;
    private static KubernetesClient client;

    @BeforeAll
    static void start() {
        cluster = TestClusters.start();
        client = new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder()
                        .withMasterUrl(cluster.apiServerUrl())
                        .withNamespace("default")
                        .build())
                .build();
    }

    @AfterAll
    static void stop() {
        client.close();
        cluster.close();
    }

    @Test
    void discoveryNamesTheServerAndItsKinds() {
        assertThat(client.getKubernetesVersion().getMajor()).isEqualTo("1");
        assertThat(client.supports("apps/v1", "Deployment")).isTrue();
        assertThat(client.supports("apps/v1", "StatefulSet")).isFalse();
        assertThat(client.getApiGroup("coordination.k8s.io").getVersions()).hasSize(1);
    }

    @Test
    void anObjectIsCreatedReadReplacedAndDeleted() {
        ConfigMap created = client.resource(configMap("crud", Map.of("a", "1"))).create();
        assertThat(created.getMetadata().getUid()).isNotEmpty();
        assertThat(client.configMaps().withName("crud").get().getData()).containsEntry("a", "1");

        created.getData().put("a", "2");
        ConfigMap replaced = client.resource(created).update();
        assertThat(replaced.getMetadata().getResourceVersion())
                .isNotEqualTo(created.getMetadata().getResourceVersion());

        assertThat(client.configMaps().withName("crud").delete()).hasSize(1);
        assertThat(client.configMaps().withName("crud").get()).isNull();
        assertThat(client.configMaps().withName("crud").delete()).isEmpty();
    }

    @Test
    void aSecondCreateOfTheSameNameIsRefused() {
        client.resource(configMap("twice", Map.of())).create();

        assertThatThrownBy(() -> client.resource(configMap("twice", Map.of())).create())
                .isInstanceOfSatisfying(KubernetesClientException.class, e -> {
                    assertThat(e.getCode()).isEqualTo(409);
                    assertThat(e.getStatus().getReason()).isEqualTo("AlreadyExists");
                });
    }

    @Test
    void replacingAnOlderVersionIsRefused() {
        ConfigMap first = client.resource(configMap("stale", Map.of("a", "1"))).create();
        client.configMaps()
                .withName("stale")
                .edit(map -> new ConfigMapBuilder(map).addToData("a", "2").build());
        first.getData().put("a", "3");

        assertThatThrownBy(() -> client.resource(first)
                        .lockResourceVersion(first.getMetadata().getResourceVersion())
                        .update())
                .isInstanceOfSatisfying(KubernetesClientException.class, e -> {
                    assertThat(e.getCode()).isEqualTo(409);
                    assertThat(e.getStatus().getReason()).isEqualTo("Conflict");
                });
    }

    @Test
    void listsSelectByLabelAndField() {
        client.resource(new ConfigMapBuilder(configMap("red", Map.of()))
                        .editMetadata()
                        .addToLabels("colour", "red")
                        .endMetadata()
                        .build())
                .create();
        client.resource(new ConfigMapBuilder(configMap("blue", Map.of()))
                        .editMetadata()
                        .addToLabels("colour", "blue")
                        .endMetadata()
                        .build())
                .create();

        assertThat(client.configMaps().withLabel("colour", "red").list().getItems())
                .extracting(HasMetadata::getFullResourceName)
                .hasSize(1);
        assertThat(client.configMaps()
                        .withLabelIn("colour", "red", "blue")
                        .list()
                        .getItems())
                .hasSize(2);
        assertThat(client.configMaps()
                        .withLabel("colour")
                        .withoutLabel("colour", "red")
                        .list()
                        .getItems())
                .hasSize(1);
        assertThat(client.configMaps().withField("metadata.name", "blue").list().getItems())
                .hasSize(1);
    }

    @Test
    void patchesOfEveryFormatApply() {
        client.resource(configMap("patched", Map.of("a", "1", "b", "1"))).create();
        var resource = client.configMaps().withName("patched");

        resource.patch(PatchContext.of(PatchType.JSON_MERGE), "{\"data\":{\"a\":null,\"c\":\"3\"}}");
        assertThat(resource.get().getData()).containsOnly(Map.entry("b", "1"), Map.entry("c", "3"));

        resource.patch(PatchContext.of(PatchType.JSON), "[{\"op\":\"replace\",\"path\":\"/data/b\",\"value\":\"2\"}]");
        assertThat(resource.get().getData()).containsEntry("b", "2");

        client.resource(deployment("patched", 1, "image-1")).create();
        client.apps()
                .deployments()
                .withName("patched")
                .patch(
                        PatchContext.of(PatchType.STRATEGIC_MERGE),
                        "{\"spec\":{\"template\":{\"spec\":{\"containers\":[{\"name\":\"engine\",\"image\":\"image-2\"}]}}}}");
        Deployment patched = client.apps().deployments().withName("patched").get();
        assertThat(patched.getSpec().getTemplate().getSpec().getContainers())
                .singleElement()
                .satisfies(container -> {
                    assertThat(container.getImage()).isEqualTo("image-2");
                    assertThat(container.getEnv()).isNotEmpty();
                });
        assertThat(patched.getMetadata().getGeneration()).isEqualTo(2);
    }

    @Test
    void invalidObjectsAreRefusedWithEveryReason() {
        Deployment wrong = new DeploymentBuilder(deployment("wrong", 1, ""))
                .editSpec()
                .editSelector()
                .withMatchLabels(Map.of("app", "other"))
                .endSelector()
                .endSpec()
                .build();

        assertThatThrownBy(() -> client.resource(wrong).create())
                .isInstanceOfSatisfying(KubernetesClientException.class, e -> {
                    assertThat(e.getCode()).isEqualTo(422);
                    assertThat(e.getStatus().getDetails().getCauses())
                            .extracting(cause -> cause.getField())
                            .contains("spec.template.metadata.labels", "spec.template.spec.containers[0].image");
                });
    }

    @Test
    void applyCreatesThenChangesOnlyWhatItNames() {
        applyAs("scepsy", deployment("applied", 2, "image-1"));
        client.apps()
                .deployments()
                .withName("applied")
                .edit(live -> new DeploymentBuilder(live)
                        .editMetadata()
                        .addToAnnotations("note", "kept")
                        .endMetadata()
                        .build());

        Deployment again = applyAs("scepsy", deployment("applied", 3, "image-1"));

        assertThat(again.getSpec().getReplicas()).isEqualTo(3);
        assertThat(again.getMetadata().getAnnotations()).containsEntry("note", "kept");
        assertThat(again.getMetadata().getManagedFields()).anySatisfy(entry -> {
            assertThat(entry.getManager()).isEqualTo("scepsy");
            assertThat(entry.getOperation()).isEqualTo("Apply");
        });
    }

    @Test
    void applyingTheSameTwiceChangesNothing() {
        ConfigMap first = applyAs("scepsy", configMap("idempotent", Map.of("a", "1")));
        ConfigMap second = applyAs("scepsy", configMap("idempotent", Map.of("a", "1")));
        Deployment once = applyAs("scepsy", deployment("idempotent", 0, "image-1"));
        Deployment twice = applyAs("scepsy", deployment("idempotent", 0, "image-1"));

        assertThat(second.getMetadata().getResourceVersion())
                .isEqualTo(first.getMetadata().getResourceVersion());
        assertThat(twice.getMetadata().getGeneration())
                .isEqualTo(once.getMetadata().getGeneration());
    }

    @Test
    void fieldsThatTheManagerDropsAreRemoved() {
        applyAs(
                "scepsy",
                new DeploymentBuilder(deployment("dropped", 1, "image-1"))
                        .editMetadata()
                        .addToLabels("extra", "yes")
                        .endMetadata()
                        .editSpec()
                        .editTemplate()
                        .editSpec()
                        .editContainer(0)
                        .addNewEnv()
                        .withName("GONE")
                        .withValue("1")
                        .endEnv()
                        .endContainer()
                        .endSpec()
                        .endTemplate()
                        .endSpec()
                        .build());

        Deployment after = applyAs("scepsy", deployment("dropped", 1, "image-1"));

        assertThat(after.getMetadata().getLabels()).doesNotContainKey("extra");
        assertThat(after.getSpec()
                        .getTemplate()
                        .getSpec()
                        .getContainers()
                        .get(0)
                        .getEnv())
                .extracting(env -> env.getName())
                .containsExactly("MODE");
    }

    @Test
    void anotherManagersFieldIsAConflictUntilForced() {
        applyAs("scepsy", deployment("contested", 1, "image-1"));

        assertThatThrownBy(() -> applyAs("autoscaler", replicasOnly("contested", 5)))
                .isInstanceOfSatisfying(KubernetesClientException.class, e -> {
                    assertThat(e.getCode()).isEqualTo(409);
                    assertThat(e.getStatus().getMessage())
                            .isEqualTo("Apply failed with 1 conflict: conflict with \"scepsy\": .spec.replicas");
                    assertThat(e.getStatus().getDetails().getCauses())
                            .singleElement()
                            .satisfies(cause -> {
                                assertThat(cause.getReason()).isEqualTo("FieldManagerConflict");
                                assertThat(cause.getField()).isEqualTo(".spec.replicas");
                            });
                });

        Deployment taken = client.resource(replicasOnly("contested", 5))
                .fieldManager("autoscaler")
                .forceConflicts()
                .serverSideApply();
        assertThat(taken.getSpec().getReplicas()).isEqualTo(5);
        assertThatThrownBy(() -> applyAs("scepsy", deployment("contested", 1, "image-1")))
                .isInstanceOf(KubernetesClientException.class);
        // Same value: shared ownership, no conflict.
        assertThat(applyAs("scepsy", deployment("contested", 5, "image-2"))
                        .getSpec()
                        .getReplicas())
                .isEqualTo(5);
    }

    @Test
    void listsMergeByKeyAcrossManagers() {
        applyAs(
                "scepsy",
                new ServiceBuilder()
                        .withNewMetadata()
                        .withName("merged")
                        .endMetadata()
                        .withNewSpec()
                        .addNewPort()
                        .withName("http")
                        .withPort(80)
                        .endPort()
                        .endSpec()
                        .build());
        var merged = applyAs(
                "other",
                new ServiceBuilder()
                        .withNewMetadata()
                        .withName("merged")
                        .endMetadata()
                        .withNewSpec()
                        .addNewPort()
                        .withName("metrics")
                        .withPort(90)
                        .endPort()
                        .endSpec()
                        .build());

        assertThat(merged.getSpec().getPorts())
                .extracting(port -> port.getPort())
                .containsExactly(80, 90);
    }

    @Test
    void aWatchSeesEveryChangeInOrder() throws InterruptedException {
        BlockingQueue<String> seen = new LinkedBlockingQueue<>();
        Watcher<ConfigMap> watcher = new Watcher<>() {
            @Override
            public void eventReceived(Action action, ConfigMap map) {
                seen.add(action + " " + map.getData());
            }

            @Override
            public void onClose(WatcherException cause) {
                seen.add("CLOSED");
            }
        };
        try (Watch ignored = client.configMaps().withName("watched").watch(watcher)) {
            client.resource(configMap("unrelated", Map.of())).create();
            client.resource(configMap("watched", Map.of("a", "1"))).create();
            client.configMaps()
                    .withName("watched")
                    .edit(map -> new ConfigMapBuilder(map).addToData("a", "2").build());
            client.configMaps().withName("watched").delete();

            assertThat(List.of(take(seen), take(seen), take(seen)))
                    .containsExactly("ADDED {a=1}", "MODIFIED {a=2}", "DELETED {a=2}");
        }
    }

    @Test
    void anInformerFollowsTheStore() throws InterruptedException {
        BlockingQueue<String> seen = new LinkedBlockingQueue<>();
        try (SharedIndexInformer<ConfigMap> informer = client.configMaps()
                .withLabel("informed")
                .inform(new ResourceEventHandler<>() {
                    @Override
                    public void onAdd(ConfigMap map) {
                        seen.add("add " + map.getMetadata().getName());
                    }

                    @Override
                    public void onUpdate(ConfigMap old, ConfigMap map) {
                        seen.add("update");
                    }

                    @Override
                    public void onDelete(ConfigMap map, boolean unknown) {
                        seen.add("delete");
                    }
                })) {
            client.resource(new ConfigMapBuilder(configMap("informed", Map.of()))
                            .editMetadata()
                            .addToLabels("informed", "yes")
                            .endMetadata()
                            .build())
                    .create();
            assertThat(take(seen)).isEqualTo("add informed");
            assertThat(informer.getStore().list()).hasSize(1);
        }
    }

    @Test
    void statusAndScaleAreWrittenThroughTheirOwnDoors() {
        client.resource(deployment("doors", 0, "image-1")).create();
        client.apps().deployments().withName("doors").scale(4);
        assertThat(client.apps().deployments().withName("doors").get().getSpec().getReplicas())
                .isEqualTo(4);
        client.apps().deployments().withName("doors").delete();

        client.resource(namespace("doors")).create();
        client.resource(new NamespaceBuilder(namespace("doors"))
                        .editMetadata()
                        .addToLabels("ignored", "here")
                        .endMetadata()
                        .withNewStatus()
                        .withPhase("Terminating")
                        .endStatus()
                        .build())
                .updateStatus();
        Namespace after = client.namespaces().withName("doors").get();
        assertThat(after.getStatus().getPhase()).isEqualTo("Terminating");

        client.resource(new NamespaceBuilder(after)
                        .editMetadata()
                        .addToLabels("set", "yes")
                        .endMetadata()
                        .withNewStatus()
                        .withPhase("Active")
                        .endStatus()
                        .build())
                .update();
        assertThat(client.namespaces().withName("doors").get().getStatus().getPhase())
                .isEqualTo("Terminating");
    }

    private static Namespace namespace(String name) {
        return new NamespaceBuilder()
                .withNewMetadata()
                .withName(name)
                .endMetadata()
                .build();
    }

    @Test
    void aDryRunStoresNothing() {
        client.resource(configMap("dry", Map.of())).dryRun(true).create();
        assertThat(client.configMaps().withName("dry").get()).isNull();
    }

    @Test
    void aForegroundDeletionReturnsOnceDependentsAreGone() {
        client.resource(deployment("foreground", 0, "image-1")).create();
        client.apps()
                .deployments()
                .withName("foreground")
                .withPropagationPolicy(DeletionPropagation.BACKGROUND)
                .withTimeout(5, TimeUnit.SECONDS)
                .delete();
        assertThat(client.apps().deployments().withName("foreground").get()).isNull();
    }

    private static <T extends HasMetadata> T applyAs(String manager, T object) {
        return client.resource(object).fieldManager(manager).serverSideApply();
    }

    private static String take(BlockingQueue<String> queue) throws InterruptedException {
        return queue.poll(10, TimeUnit.SECONDS);
    }

    private static ConfigMap configMap(String name, Map<String, String> data) {
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withName(name)
                .endMetadata()
                .withData(data)
                .build();
    }

    private static Deployment replicasOnly(String name, int replicas) {
        return new DeploymentBuilder()
                .withNewMetadata()
                .withName(name)
                .endMetadata()
                .withNewSpec()
                .withReplicas(replicas)
                .endSpec()
                .build();
    }

    private static Deployment deployment(String name, int replicas, String image) {
        return new DeploymentBuilder()
                .withNewMetadata()
                .withName(name)
                .endMetadata()
                .withNewSpec()
                .withReplicas(replicas)
                .withNewSelector()
                .addToMatchLabels("app", name)
                .endSelector()
                .withNewTemplate()
                .withNewMetadata()
                .addToLabels("app", name)
                .endMetadata()
                .withNewSpec()
                .addNewContainer()
                .withName("engine")
                .withImage(image)
                .addNewEnv()
                .withName("MODE")
                .withValue("test")
                .endEnv()
                .endContainer()
                .endSpec()
                .endTemplate()
                .endSpec()
                .build();
    }
}
