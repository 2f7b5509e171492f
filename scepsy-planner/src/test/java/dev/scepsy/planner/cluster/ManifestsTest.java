package dev.scepsy.planner.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.scepsy.planner.allocation.GpuFraction;
import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.profile.ServedModel;
import dev.scepsy.planner.topology.Cluster;
import dev.scepsy.planner.topology.Sharing;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ManifestsTest {

    private static final Sharing NONE = new Sharing.Exclusive();

    private static Manifests render(Plans plans, Cluster cluster) {
        return render(plans, cluster, ServingOptions.DEFAULT);
    }

    private static Manifests render(Plans plans, Cluster cluster, ServingOptions options) {
        return Manifests.of(Intent.of(plans.plan(), plans.models(), cluster, options));
    }

    private static Map<String, String> environment(Deployment deployment) {
        return container(deployment).getEnv().stream().collect(Collectors.toMap(EnvVar::getName, EnvVar::getValue));
    }

    private static Container container(Deployment deployment) {
        return pod(deployment).getContainers().get(0);
    }

    private static PodSpec pod(Deployment deployment) {
        return deployment.getSpec().getTemplate().getSpec();
    }

    private static EngineSettings settings(
            Optional<String> servedFrom, Optional<String> image, List<String> arguments, OptionalLong cacheBytes) {
        return new EngineSettings(
                servedFrom,
                image,
                Optional.empty(),
                arguments,
                cacheBytes,
                Optional.empty(),
                OptionalDouble.empty(),
                OptionalDouble.empty(),
                List.of());
    }

    @Test
    void wholeGpusShareOneDeploymentPerNodeAndTheKubeletPicksThem() {
        Plans plans = new Plans().with("generator", 1, 2, "node-1:0,1", "node-1:2,3", "node-2:0,1");
        Manifests manifests = render(plans, Plans.cluster(2, 4, NONE));

        assertThat(manifests.deployments()).hasSize(2);
        Deployment first = manifests.deployments().get(0);
        assertThat(first.getMetadata().getName()).startsWith("generator-node-1-");
        assertThat(first.getSpec().getReplicas()).isEqualTo(2);
        assertThat(first.getMetadata().getLabels())
                .containsEntry("scepsy.dev/model", "generator")
                .containsEntry("scepsy.dev/slot", "node-1")
                .containsKey("scepsy.dev/plan");
        assertThat(pod(first)
                        .getAffinity()
                        .getNodeAffinity()
                        .getRequiredDuringSchedulingIgnoredDuringExecution()
                        .getNodeSelectorTerms())
                .as("by the node's name: its hostname label may say something else")
                .singleElement()
                .satisfies(term -> assertThat(term.getMatchFields())
                        .singleElement()
                        .satisfies(field -> {
                            assertThat(field.getKey()).isEqualTo("metadata.name");
                            assertThat(field.getValues()).containsExactly("node-1");
                        }));
        assertThat(container(first)
                        .getResources()
                        .getLimits()
                        .get("nvidia.com/gpu")
                        .getAmount())
                .isEqualTo("2");
        assertThat(environment(first)).containsOnlyKeys("HF_HOME");
        assertThat(container(first).getArgs())
                .containsSequence("--served-model-name", "generator")
                .containsSequence("--tensor-parallel-size", "2")
                .containsSequence("--gpu-memory-utilization", "0.92")
                // 80 GiB - 2 % - 16.38e9 / 2 of weights - 3.5e9 - 0.39e9
                .containsSequence("--kv-cache-memory-bytes", "72100623641")
                .containsSequence("--max-model-len", "8192");
    }

    @Test
    void mpsFractionsArePinnedOneDeploymentPerSlot() {
        Plans plans = new Plans().with("critic", 0.3, 1, "node-1:0", "node-1:1", "node-1:1");
        Manifests manifests = render(plans, Plans.cluster(1, 2, Plans.MPS));

        assertThat(manifests.deployments())
                .extracting(d -> d.getSpec().getReplicas())
                .containsExactly(1, 2);
        Deployment second = manifests.deployments().get(1);
        assertThat(second.getMetadata().getLabels()).containsEntry("scepsy.dev/slot", "node-1.gpu1");
        assertThat(environment(second))
                .containsEntry("CUDA_VISIBLE_DEVICES", "1")
                .containsEntry("CUDA_MPS_ACTIVE_THREAD_PERCENTAGE", "30")
                .containsEntry("CUDA_MPS_PINNED_DEVICE_MEM_LIMIT", "0=24576M");
        assertThat(second.getSpec().getTemplate().getMetadata().getAnnotations())
                .containsEntry("scepsy.dev/gpus", "1")
                .containsEntry("scepsy.dev/gpu-fraction", "0.3")
                .containsEntry("scepsy.dev/memory-gib-per-gpu", "24.0");
        assertThat(manifests.enforcement().get("node-1 f=0.3").placement()).isEqualTo(Enforcement.Level.GPU);
    }

    @Test
    void equalPartsAskForTheSharedResource() {
        Sharing parts = new Sharing.EqualParts(Sharing.Mode.TIME_SLICING, 4, false);
        Manifests manifests =
                render(new Plans().with("critic", 0.25, 1, "node-1:0", "node-1:0"), Plans.cluster(1, 1, parts));

        Deployment deployment = manifests.deployments().get(0);
        assertThat(deployment.getSpec().getReplicas()).isEqualTo(2);
        assertThat(container(deployment).getResources().getLimits()).containsOnlyKeys("nvidia.com/gpu.shared");
        assertThat(manifests.enforcement().get("node-1 f=0.25").compute()).startsWith("none");
    }

    @Test
    void hamiPinsByUuidOnlyWhereUuidsAreKnown() {
        Sharing hami = new Sharing.Grid(Sharing.Mode.HAMI, GpuFraction.of(0.1), false);
        Plans plans = new Plans().with("critic", 0.4, 1, "node-1:1");
        Cluster cluster = Plans.cluster(1, 2, hami);

        Deployment blind = render(plans, cluster).deployments().get(0);
        assertThat(container(blind).getResources().getLimits())
                .containsOnlyKeys("nvidia.com/gpu", "nvidia.com/gpumem", "nvidia.com/gpucores");
        assertThat(blind.getMetadata().getAnnotations().get("scepsy.dev/enforced"))
                .contains("placement=node");

        ServingOptions knowing = ServingOptions.DEFAULT.withGpuUuids(Map.of("node-1", List.of("GPU-a", "GPU-b")));
        Deployment pinned = render(plans, cluster, knowing).deployments().get(0);
        assertThat(pinned.getSpec().getTemplate().getMetadata().getAnnotations())
                .containsEntry("nvidia.com/use-gpuuuid", "GPU-b");
        assertThat(pinned.getMetadata().getAnnotations().get("scepsy.dev/enforced"))
                .contains("placement=gpu");
    }

    @Test
    void kaiAsksForAFractionAndClaimsToEnforceNothing() {
        Sharing kai = new Sharing.Grid(Sharing.Mode.KAI, GpuFraction.of(0.1), false);
        Manifests manifests = render(new Plans().with("critic", 0.5, 1, "node-1:0"), Plans.cluster(1, 1, kai));

        PodTemplateSpec pod = manifests.deployments().get(0).getSpec().getTemplate();
        assertThat(pod.getSpec().getSchedulerName()).isEqualTo("kai-scheduler");
        assertThat(pod.getMetadata().getAnnotations()).containsEntry("gpu-fraction", "0.5");
        assertThat(manifests.enforcement().get("node-1 f=0.5").memory()).startsWith("none");
    }

    @Test
    void podsThatShareAGpuUnderDraNameTheSameClaim() {
        Sharing dra = new Sharing.Grid(Sharing.Mode.DRA, GpuFraction.of(0.1), false);
        Plans plans = new Plans().with("critic", 0.5, 1, "node-1:0").with("planner", 0.5, 1, "node-1:0");
        Manifests manifests = render(plans, Plans.cluster(1, 1, dra));

        assertThat(manifests.claims()).hasSize(1);
        String claim = manifests.claims().get(0).getMetadata().getName();
        assertThat(manifests.deployments())
                .allSatisfy(deployment -> assertThat(pod(deployment).getResourceClaims())
                        .extracting(reference -> reference.getResourceClaimName())
                        .containsExactly(claim));
        assertThat(manifests.yaml()).contains("strategy: \"MPS\"");
    }

    @Test
    void servicesRouteToServingPodsOfTheModelOnly() {
        Manifests manifests = render(new Plans().with("generator", 1, 1, "node-1:0"), Plans.cluster(1, 1, NONE));

        assertThat(manifests.services().get(0).getMetadata().getName()).isEqualTo("generator");
        assertThat(manifests.services().get(0).getSpec().getSelector())
                .containsOnly(Map.entry("scepsy.dev/model", "generator"), Map.entry("scepsy.dev/serving", "true"));
    }

    @Test
    void embeddersAndRerankersArePooling() {
        Manifests manifests = render(
                new Plans().with("embedder", 1, 1, "node-1:0").with("reranker", 1, 1, "node-1:1"),
                Plans.cluster(1, 2, NONE));

        assertThat(container(manifests.deployments().get(0)).getArgs()).containsSequence("--convert", "embed");
        assertThat(container(manifests.deployments().get(1)).getArgs()).containsSequence("--convert", "classify");
    }

    @Test
    void aKnownKvCacheGoesBesideTheShareThatMustBeFree() {
        EngineSettings settings = settings(
                Optional.of("Qwen/Qwen3-8B"), Optional.empty(), List.of("--enable-sleep-mode"), OptionalLong.of(7));
        Manifests manifests = render(
                new Plans().with("generator", 1, 1, "node-1:0"),
                Plans.cluster(1, 1, NONE),
                ServingOptions.DEFAULT.withEngines(Map.of("generator", settings)));

        assertThat(container(manifests.deployments().get(0)).getArgs())
                .startsWith("Qwen/Qwen3-8B")
                .containsSequence("--kv-cache-memory-bytes", "7")
                .containsSequence("--gpu-memory-utilization", "0.92")
                .endsWith("--enable-sleep-mode");
    }

    @Test
    void equalPlansGiveEqualBytesAndAnyChangeOfAnEngineGivesAnotherName() {
        Cluster cluster = Plans.cluster(1, 2, Plans.MPS);
        Manifests once = render(new Plans().with("critic", 0.3, 1, "node-1:0"), cluster);
        Manifests again = render(new Plans().with("critic", 0.3, 1, "node-1:0"), cluster);
        Manifests larger = render(new Plans().with("critic", 0.4, 1, "node-1:0"), cluster);
        Manifests otherImage = render(
                new Plans().with("critic", 0.3, 1, "node-1:0"), cluster, ServingOptions.DEFAULT.withImage("vllm:next"));

        assertThat(once.yaml()).isEqualTo(again.yaml()).startsWith("---\n");
        assertThat(List.of(once, larger, otherImage))
                .extracting(manifests ->
                        manifests.deployments().get(0).getMetadata().getName())
                .doesNotHaveDuplicates();
    }

    @Test
    void awkwardModelNamesBecomeLegalObjectNamesWithoutCollision() {
        String deep = "org/Very-Long_Model.Name-" + "x".repeat(80);
        Manifests manifests = render(
                new Plans()
                        .with(deep, 1, 1, "node-1:0")
                        .with("7b", 1, 1, "node-1:1")
                        .with("org-7b", 1, 1, "node-1:2")
                        .with("org/7b", 1, 1, "node-1:3"),
                Plans.cluster(1, 4, NONE));

        assertThat(manifests.objects())
                .extracting(object -> object.getMetadata().getName())
                .allSatisfy(name ->
                        assertThat(name).matches("[a-z]([-a-z0-9]*[a-z0-9])?").hasSizeLessThanOrEqualTo(63));
        assertThat(manifests.services())
                .extracting(object -> object.getMetadata().getName())
                .doesNotHaveDuplicates();
        assertThat(manifests.services())
                .flatExtracting(service -> service.getMetadata().getLabels().values())
                .allSatisfy(value -> assertThat(value).matches("[A-Za-z0-9]([-A-Za-z0-9._]{0,61}[A-Za-z0-9])?"));
    }

    @Test
    void anEngineIsReadBackFromItsDeployment() {
        Plans plans = new Plans().with("critic", 0.3, 1, "node-1:1");
        Cluster cluster = Plans.cluster(1, 2, Plans.MPS);
        Intent intent = Intent.of(plans.plan(), plans.models(), cluster, ServingOptions.DEFAULT);

        assertThat(EngineIdentity.of(Manifests.of(intent).deployments().get(0)))
                .contains(intent.engines().get(0));
    }

    @Test
    void aPlanThatDoesNotMatchItsFilesIsRefusedByName() {
        Plans plans = new Plans().with("critic", 0.3, 1, "node-9:1");
        assertThatThrownBy(() -> render(plans, Plans.cluster(1, 2, Plans.MPS)))
                .hasMessageContaining("node-9")
                .hasMessageContaining("cluster file lacks the node");
    }

    @Test
    void aPlanWithoutItsPlacementsIsRefusedInsteadOfStoppingEverything() {
        Plan placed = new Plans().with("critic", 0.3, 1, "node-1:1").plan();
        Plan unplaced = new Plan(1, 1, 0, placed.allocations(), List.of(), List.of(), 0.3, 0);
        Plan empty = new Plan(0, 0, 0, List.of(), List.of(), List.of(), 0, 0);
        Cluster cluster = Plans.cluster(1, 2, Plans.MPS);
        List<ServedModel> models = List.of(Plans.model("critic"));

        assertThatThrownBy(() -> Intent.of(unplaced, models, cluster, ServingOptions.DEFAULT))
                .hasMessageContaining("critic")
                .hasMessageContaining("placements");
        assertThatThrownBy(() -> Intent.of(empty, models, cluster, ServingOptions.DEFAULT))
                .hasMessageContaining("serves nothing");
    }
}
