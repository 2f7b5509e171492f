package dev.scepsy.planner.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.scepsy.planner.topology.Sharing;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Volume;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** What a pod has that nobody asked for, as somebody who runs clusters reads it: section C of the deployments that failed. */
class PodDefaultsTest {

    private static final Sharing NONE = new Sharing.Exclusive();

    private static Manifests render(Plans plans, Sharing sharing, ServingOptions options) {
        return Manifests.of(Intent.of(plans.plan(), plans.models(), Plans.cluster(1, 4, sharing), options));
    }

    private static PodSpec pod(Plans plans, Sharing sharing, ServingOptions options) {
        return render(plans, sharing, options)
                .deployments()
                .get(0)
                .getSpec()
                .getTemplate()
                .getSpec();
    }

    private static Plans whole(int tensorParallel) {
        return new Plans().with("generator", 1, tensorParallel, tensorParallel == 1 ? "node-1:0" : "node-1:0,1");
    }

    private static ServingOptions withCache(String place) {
        return ServingOptions.DEFAULT.withModelCache(place);
    }

    private static EngineSettings patched(PodPatch... patches) {
        return new EngineSettings(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                OptionalLong.empty(),
                Optional.empty(),
                OptionalDouble.of(1.5),
                OptionalDouble.of(6),
                List.of(patches));
    }

    @Test
    void anEngineAsksForProcessorsAndMemoryOfItsNode() {
        Container engine =
                pod(whole(2), NONE, ServingOptions.DEFAULT).getContainers().get(0);
        assertThat(engine.getResources().getRequests())
                .containsEntry("cpu", Quantity.parse("4000m"))
                .containsEntry("memory", Quantity.parse("12288Mi"));

        ServingOptions stated = ServingOptions.DEFAULT.withEngines(Map.of("generator", patched()));
        assertThat(pod(whole(1), NONE, stated)
                        .getContainers()
                        .get(0)
                        .getResources()
                        .getRequests())
                .containsEntry("cpu", Quantity.parse("1500m"))
                .containsEntry("memory", Quantity.parse("6144Mi"));
    }

    @Test
    void noServiceCanSetVariablesThatStopTheEngine() {
        assertThat(pod(whole(1), NONE, ServingOptions.DEFAULT).getEnableServiceLinks())
                .isFalse();
    }

    @Test
    void probesOutliveABusyEngine() {
        Container engine =
                pod(whole(1), NONE, ServingOptions.DEFAULT).getContainers().get(0);
        assertThat(engine.getReadinessProbe().getTimeoutSeconds()).isEqualTo(5);
        assertThat(engine.getReadinessProbe().getFailureThreshold()).isEqualTo(3);
        assertThat(engine.getStartupProbe().getTimeoutSeconds()).isEqualTo(5);
    }

    @Test
    void sharedMemoryIsLimitedAndUnderMpsTheHosts() {
        assertThat(pod(whole(2), NONE, ServingOptions.DEFAULT).getVolumes())
                .filteredOn(volume -> volume.getName().equals("shm"))
                .singleElement()
                .satisfies(volume ->
                        assertThat(volume.getEmptyDir().getSizeLimit()).isEqualTo(Quantity.parse("2Gi")));

        Plans shared = new Plans().with("generator", 0.5, 2, "node-1:0,1");
        PodSpec mps = pod(shared, Plans.MPS, ServingOptions.DEFAULT);
        assertThat(mps.getHostIPC()).isTrue();
        assertThat(mps.getVolumes()).extracting(Volume::getName).doesNotContain("shm");
    }

    @Test
    void weightsAreKeptWhereTheOptionSays() {
        PodSpec ofTheNode = pod(whole(1), NONE, ServingOptions.DEFAULT);
        assertThat(ofTheNode.getVolumes())
                .singleElement()
                .satisfies(volume -> assertThat(volume.getHostPath().getPath()).isEqualTo("/var/lib/scepsy/models"));
        assertThat(ofTheNode.getContainers().get(0).getEnv())
                .filteredOn(variable -> variable.getName().equals("HF_HOME"))
                .extracting(EnvVar::getValue)
                .containsExactly("/models");
        assertThat(pod(whole(1), NONE, withCache("claim:weights")).getVolumes())
                .singleElement()
                .satisfies(
                        volume -> assertThat(volume.getPersistentVolumeClaim().getClaimName())
                                .isEqualTo("weights"));
        assertThat(pod(whole(1), NONE, withCache("none")).getVolumes()).isEmpty();
        assertThat(List.of("node:/a", "claim:a-b.c", "none")).allMatch(ServingOptions::isModelCache);
        assertThat(List.of("node:a", "claim:", "claim:A", "", "hostpath:/a")).noneMatch(ServingOptions::isModelCache);
    }

    @Test
    void drainedNodesLeaveTheFloorOfAModelThatHasMoreAndAreNotHeldByOneThatHasNot() {
        Plans plans = new Plans()
                .with("critic", 1, 1, "node-1:0")
                .with("generator", 1, 1, "node-1:1", "node-1:2", "node-1:3");
        assertThat(render(plans, NONE, ServingOptions.DEFAULT).budgets())
                .singleElement()
                .satisfies(budget -> {
                    assertThat(budget.getMetadata().getName()).isEqualTo("generator");
                    assertThat(budget.getSpec().getMinAvailable().getIntVal()).isEqualTo(1);
                    assertThat(budget.getSpec().getSelector().getMatchLabels())
                            .containsOnly(
                                    Map.entry("scepsy.dev/model", "generator"),
                                    Map.entry("scepsy.dev/serving", "true"));
                });
        assertThat(render(plans, NONE, ServingOptions.DEFAULT).files())
                .containsKey("poddisruptionbudget-generator.yaml");
    }

    @Test
    void anotherPatchIsAnotherEngine() {
        PodPatch low = new PodPatch("{\"spec\":{\"priorityClassName\":\"low\"}}");
        PodPatch high = new PodPatch("{\"spec\":{\"priorityClassName\":\"high\"}}");
        assertThat(List.of(patched(), patched(low), patched(high), patched(low, high)))
                .map(settings -> ServingOptions.DEFAULT.withEngines(Map.of("generator", settings)))
                .map(options -> render(whole(1), NONE, options)
                        .deployments()
                        .get(0)
                        .getMetadata()
                        .getName())
                .doesNotHaveDuplicates();
        assertThat(pod(whole(1), NONE, ServingOptions.DEFAULT.withEngines(Map.of("generator", patched(low, high))))
                        .getPriorityClassName())
                .as("the model's own comes after the common one")
                .isEqualTo("high");
    }

    @Test
    void theRecordOfAnIntentKeepsHowItsEnginesAreStarted() {
        PodPatch low = new PodPatch("{\"spec\":{\"priorityClassName\":\"low\"}}");
        Plans plans = whole(2);
        Intent intent = Intent.of(
                plans.plan(),
                plans.models(),
                Plans.cluster(1, 4, NONE),
                withCache("claim:weights").withEngines(Map.of("generator", patched(low))));

        Intent again = IntentJson.read(IntentJson.write(intent));

        assertThat(Manifests.of(again).yaml()).isEqualTo(Manifests.of(intent).yaml());
    }

    @Test
    void anEngineOfAnotherKindIsNotStartedFromVllmsImage() {
        Plans plans = whole(1);
        assertThat(EngineKind.SGLANG.image())
                .hasValueSatisfying(image -> assertThat(image).matches(".+:v[0-9.]+"));
        assertThat(ServingOptions.DEFAULT_IMAGE).matches(".+:v[0-9.]+");
        var trtllm = plans.models().stream()
                .map(model -> model.toBuilder().engine("trtllm").build())
                .toList();
        assertThatThrownBy(() -> Intent.of(plans.plan(), trtllm, Plans.cluster(1, 4, NONE), ServingOptions.DEFAULT))
                .hasMessageContaining("trtllm")
                .hasMessageContaining("Give image, with a tag");
    }
}
