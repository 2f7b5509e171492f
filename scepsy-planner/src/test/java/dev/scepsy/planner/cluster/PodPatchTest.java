package dev.scepsy.planner.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** What users may add to the pods of engines, and what they may not touch. */
class PodPatchTest {

    private static final PodTemplateSpec TEMPLATE = new PodTemplateSpecBuilder()
            .withNewMetadata()
            .addToLabels("scepsy.dev/model", "m")
            .endMetadata()
            .withNewSpec()
            .addToNodeSelector("kubernetes.io/hostname", "node-1")
            .addNewVolume()
            .withName("models")
            .withNewHostPath("/var/lib/scepsy/models", "DirectoryOrCreate")
            .endVolume()
            .addToContainers(new ContainerBuilder()
                    .withName("engine")
                    .withImage("vllm")
                    .withArgs("a")
                    .addNewEnv()
                    .withName("HF_HOME")
                    .withValue("/models")
                    .endEnv()
                    .build())
            .endSpec()
            .build();

    @SuppressWarnings("unchecked")
    private static PodPatch.Read read(String yaml) {
        return PodPatch.read(
                (Map<String, Object>) new Load(LoadSettings.builder().build()).loadFromString(yaml),
                "models[0].podTemplate");
    }

    private static PodTemplateSpec patched(String yaml) {
        PodPatch.Read read = read(yaml);
        assertThat(read.problems()).isEmpty();
        return read.patch().get(0).applyTo(TEMPLATE);
    }

    private static Container engine(PodTemplateSpec template) {
        return template.getSpec().getContainers().get(0);
    }

    @Test
    void whatRealClustersNeedIsAddedBesideWhatThePlanSays() {
        PodTemplateSpec pod = patched("""
                metadata:
                  labels: {team: search}
                  annotations: {prometheus.io/scrape: "true"}
                spec:
                  serviceAccountName: models
                  priorityClassName: serving
                  imagePullSecrets: [{name: registry}]
                  nodeSelector: {pool: gpu}
                  tolerations: [{key: nvidia.com/gpu, operator: Exists, effect: NoSchedule}]
                  securityContext: {runAsNonRoot: true, fsGroup: 2000}
                  volumes: [{name: models, hostPath: null, persistentVolumeClaim: {claimName: weights}}]
                  containers:
                    - name: engine
                      env:
                        - {name: HF_TOKEN, valueFrom: {secretKeyRef: {name: huggingface, key: token}}}
                        - {name: VLLM_LOGGING_LEVEL, value: WARNING}
                      resources: {limits: {memory: 64Gi}}
                      readinessProbe: {timeoutSeconds: 10}
                """);

        assertThat(pod.getMetadata().getLabels())
                .containsEntry("team", "search")
                .containsEntry("scepsy.dev/model", "m");
        assertThat(pod.getSpec().getServiceAccountName()).isEqualTo("models");
        assertThat(pod.getSpec().getTolerations()).hasSize(1);
        assertThat(pod.getSpec().getNodeSelector())
                .containsEntry("pool", "gpu")
                .containsEntry("kubernetes.io/hostname", "node-1");
        assertThat(pod.getSpec().getVolumes())
                .singleElement()
                .satisfies(
                        volume -> assertThat(volume.getPersistentVolumeClaim().getClaimName())
                                .isEqualTo("weights"))
                .satisfies(volume -> assertThat(volume.getHostPath()).isNull());
        assertThat(engine(pod).getEnv())
                .extracting(EnvVar::getName)
                .containsExactly("HF_HOME", "HF_TOKEN", "VLLM_LOGGING_LEVEL");
        assertThat(engine(pod).getImage()).isEqualTo("vllm");
        assertThat(engine(pod).getArgs()).containsExactly("a");
        assertThat(engine(pod).getReadinessProbe().getTimeoutSeconds()).isEqualTo(10);
    }

    @Test
    void sidecarsAreAddedAndItemsAreDeletedOrReplacedByName() {
        PodTemplateSpec pod = patched("""
                spec:
                  volumes: [{name: models, $patch: delete}]
                  containers:
                    - {name: exporter, image: "exporter:1.0", args: [--all]}
                    - name: engine
                      env: [{name: HF_HOME, value: /cache}]
                """);

        assertThat(pod.getSpec().getVolumes()).isNullOrEmpty();
        assertThat(pod.getSpec().getContainers()).extracting(Container::getName).containsExactly("engine", "exporter");
        assertThat(engine(pod).getEnv()).extracting(EnvVar::getValue).containsExactly("/cache");
    }

    @Test
    void whatThePlanOwnsIsRefusedEachWithItsPathAndWhatToUse() {
        assertThat(read("""
                        metadata: {labels: {scepsy.dev/model: other}}
                        spec:
                          nodeName: n
                          nodeSelector: {kubernetes.io/hostname: n}
                          affinity: {nodeAffinity: {}}
                          terminationGracePeriodSeconds: 5
                          containers:
                            - name: engine
                              image: mine
                              args: [--seed]
                              ports: [{containerPort: 9000}]
                              lifecycle: {preStop: {exec: {command: [sleep]}}}
                              env: [{name: CUDA_VISIBLE_DEVICES, value: "1"}]
                              resources: {requests: {cpu: 4}, limits: {nvidia.com/gpu: 2}}
                        """).problems())
                .allMatch(problem -> problem.startsWith("models[0].podTemplate."))
                .satisfiesExactlyInAnyOrder(
                        label -> assertThat(label).contains(".metadata.labels.scepsy.dev/model"),
                        node -> assertThat(node).contains(".spec.nodeName"),
                        host -> assertThat(host).contains(".spec.nodeSelector.kubernetes.io/hostname"),
                        affinity -> assertThat(affinity).contains("nodeAffinity", "gpus"),
                        grace -> assertThat(grace).contains("--drain-seconds"),
                        image -> assertThat(image).contains(".spec.containers[0].image", "use image"),
                        arguments -> assertThat(arguments).contains("args", "engineArguments"),
                        ports -> assertThat(ports).contains("ports"),
                        stop -> assertThat(stop).contains("preStop", "running requests finish"),
                        gpu -> assertThat(gpu).contains("env[0].CUDA_VISIBLE_DEVICES"),
                        cpu -> assertThat(cpu).contains("requests.cpu", "engineCpuCores"),
                        resource -> assertThat(resource).contains("limits.nvidia.com/gpu"));
    }

    @Test
    void unknownFieldsWrongTypesAndNamelessItemsAreAllSaidAtOnce() {
        assertThat(read("""
                        spec:
                          toleration: []
                          hostNetwork: often
                          containers:
                            - {env: [{value: x}], nam: engine}
                        """).problems())
                .anyMatch(problem ->
                        problem.contains("podTemplate.spec.toleration: ") && problem.contains("no such field"))
                .anyMatch(problem -> problem.contains("podTemplate.spec.hostNetwork"))
                .anyMatch(problem -> problem.contains("containers[0]: This item has no name"))
                .anyMatch(problem -> problem.contains("env[0]: This item has no name"))
                .noneMatch(problem -> problem.contains("fabric8") || problem.contains("java."));
    }

    @Test
    void secretsGoInByReferenceOnly() {
        assertThat(read("""
                        spec: {containers: [{name: engine, env: [{name: HF_TOKEN, value: hf_abc}]}]}
                        """).problems())
                .singleElement()
                .asString()
                .contains("env[0].value", "HF_TOKEN", "secretKeyRef")
                .doesNotContain("hf_abc");
    }

    @Test
    void equalPatchesAreEqualTextsWhateverTheirOrder() {
        assertThat(read("{spec: {priorityClassName: a, serviceAccountName: b}}").patch())
                .isEqualTo(read("{spec: {serviceAccountName: b, priorityClassName: a}}")
                        .patch())
                .isNotEqualTo(List.of());
        assertThat(PodPatch.read(Map.of(), "p").patch()).isEmpty();
    }
}
