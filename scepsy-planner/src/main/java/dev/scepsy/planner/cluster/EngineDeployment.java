package dev.scepsy.planner.cluster;

import dev.scepsy.planner.topology.Node;
import dev.scepsy.planner.transition.Engine;
import io.fabric8.kubernetes.api.model.Affinity;
import io.fabric8.kubernetes.api.model.AffinityBuilder;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.LinkedHashMap;
import java.util.Map;

/** Writes the Deployment of the engines of one kind: same model, shape and place. */
final class EngineDeployment {

    private static final int PROBE_SECONDS = 2;

    /** {@code /health} shares the event loop of a busy API server: one that answers late is not lost. */
    private static final int ANSWER_SECONDS = 5;

    /** NCCL's and the workers' buffers, the size of vLLM's own Kubernetes example. */
    private static final String SHARED_MEMORY = "2Gi";

    /** Where the container keeps what it downloaded. */
    private static final String MODEL_CACHE = "/models";

    private EngineDeployment() {}

    static Deployment of(
            Engine engine, EngineSpec spec, Node node, int replicas, String planId, ServingOptions options) {
        GpuRequest gpus = new GpuRequest(engine, node, options);
        String name = Names.deployment(engine);
        PodTemplateSpec template = template(engine, spec, gpus, name, options);
        Map<String, String> labels = labels(engine);
        labels.put(Names.PLAN, planId);
        labels.put(
                Names.SHAPE,
                "t" + engine.shape().tensorParallel() + "-f"
                        + Names.label(engine.shape().gpuFraction().toString()));
        labels.put(Names.COMPONENT, "engine");
        labels.put(Names.PART_OF, Names.FIELD_MANAGER);
        labels.put(Names.MANAGED_BY, Names.FIELD_MANAGER);
        return new DeploymentBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(options.namespace())
                .withLabels(labels)
                .withAnnotations(annotations(engine, template, gpus.enforcement()))
                .endMetadata()
                .withNewSpec()
                .withReplicas(replicas)
                .withProgressDeadlineSeconds(StartEstimate.probeSeconds(spec, options.loadSeconds()))
                .withNewStrategy()
                .withType("Recreate") // the name is a digest of all settings, so the template never changes
                .endStrategy()
                .withNewSelector()
                .addToMatchLabels(Names.ENGINE, name)
                .endSelector()
                .withTemplate(template)
                .endSpec()
                .build();
    }

    private static PodTemplateSpec template(
            Engine engine, EngineSpec spec, GpuRequest gpus, String name, ServingOptions options) {
        Map<String, String> labels = labels(engine);
        labels.put(Names.ENGINE, name);
        labels.put(Names.SERVING, "true");
        PodTemplateSpecBuilder pod = new PodTemplateSpecBuilder()
                .withNewMetadata()
                .withLabels(labels)
                .withAnnotations(share(engine))
                .endMetadata()
                .withNewSpec()
                .withAffinity(onNode(engine.node()))
                .withTerminationGracePeriodSeconds((long) options.drainSeconds() + 10)
                // a service called vllm would set VLLM_PORT, on which vLLM stops
                .withEnableServiceLinks(false)
                .withNewSecurityContext()
                .withNewSeccompProfile()
                .withType("RuntimeDefault")
                .endSeccompProfile()
                .endSecurityContext()
                .endSpec();
        ContainerBuilder container = container(spec, options);
        gpus.addTo(pod, container);
        container
                .editOrNewResources()
                .addToRequests("cpu", Quantity.parse(wholeParts(spec.cpuCores(), 1000) + "m"))
                .addToRequests("memory", Quantity.parse(wholeParts(spec.hostMemoryGiB(), 1024) + "Mi"))
                .endResources();
        // clients of MPS need the host's, which hostIPC gives them
        boolean ofTheHost = Boolean.TRUE.equals(pod.buildSpec().getHostIPC());
        if (engine.shape().tensorParallel() > 1 && !ofTheHost) {
            sharedMemory(pod, container);
        }
        modelCache(pod, container, options.modelCache());
        PodTemplateSpec template =
                pod.editSpec().addToContainers(container.build()).endSpec().build();
        for (PodPatch patch : spec.podPatches()) {
            template = patch.applyTo(template);
        }
        return template;
    }

    /** Rounded down, so that engines that fill their node in the plan's decimals do so as the scheduler adds them up. */
    private static long wholeParts(double amount, int parts) {
        return BigDecimal.valueOf(amount)
                .multiply(BigDecimal.valueOf(parts))
                .setScale(0, RoundingMode.FLOOR)
                .longValueExact();
    }

    private static void sharedMemory(PodTemplateSpecBuilder pod, ContainerBuilder container) {
        container.addNewVolumeMount().withName("shm").withMountPath("/dev/shm").endVolumeMount();
        pod.editSpec()
                .addNewVolume()
                .withName("shm")
                .withNewEmptyDir()
                .withMedium("Memory")
                .withSizeLimit(Quantity.parse(SHARED_MEMORY))
                .endEmptyDir()
                .endVolume()
                .endSpec();
    }

    private static void modelCache(PodTemplateSpecBuilder pod, ContainerBuilder container, String place) {
        String[] parts = place.split(":", 2);
        if (parts.length < 2) {
            return;
        }
        var volume = pod.editSpec().addNewVolume().withName("models");
        if (parts[0].equals("node")) {
            volume.withNewHostPath()
                    .withPath(parts[1])
                    .withType("DirectoryOrCreate")
                    .endHostPath();
        } else {
            volume.withNewPersistentVolumeClaim().withClaimName(parts[1]).endPersistentVolumeClaim();
        }
        volume.endVolume().endSpec();
        container
                .addNewVolumeMount()
                .withName("models")
                .withMountPath(MODEL_CACHE)
                .endVolumeMount();
        container.addNewEnv().withName("HF_HOME").withValue(MODEL_CACHE).endEnv();
    }

    /** By the node's name: its hostname label may say something else. */
    private static Affinity onNode(String node) {
        return new AffinityBuilder()
                .withNewNodeAffinity()
                .withNewRequiredDuringSchedulingIgnoredDuringExecution()
                .addNewNodeSelectorTerm()
                .addNewMatchField()
                .withKey("metadata.name")
                .withOperator("In")
                .withValues(node)
                .endMatchField()
                .endNodeSelectorTerm()
                .endRequiredDuringSchedulingIgnoredDuringExecution()
                .endNodeAffinity()
                .build();
    }

    private static ContainerBuilder container(EngineSpec spec, ServingOptions options) {
        return new ContainerBuilder()
                .withName(PodPatchRules.CONTAINER)
                .withImage(spec.image())
                .withCommand(spec.command())
                .withArgs(spec.arguments())
                .withNewSecurityContext()
                .withAllowPrivilegeEscalation(false)
                .endSecurityContext()
                .addNewPort()
                .withName("http")
                .withContainerPort(options.port())
                .endPort()
                .withNewStartupProbe()
                .withNewHttpGet()
                .withPath("/health")
                .withNewPort("http")
                .endHttpGet()
                .withPeriodSeconds(PROBE_SECONDS)
                .withTimeoutSeconds(ANSWER_SECONDS)
                .withFailureThreshold(
                        Math.max(1, StartEstimate.probeSeconds(spec, options.loadSeconds()) / PROBE_SECONDS))
                .endStartupProbe()
                .withNewReadinessProbe()
                .withNewHttpGet()
                .withPath("/health")
                .withNewPort("http")
                .endHttpGet()
                .withPeriodSeconds(ANSWER_SECONDS)
                .withTimeoutSeconds(ANSWER_SECONDS)
                .withFailureThreshold(3)
                .endReadinessProbe()
                .withNewLivenessProbe()
                .withNewHttpGet()
                .withPath("/health")
                .withNewPort("http")
                .endHttpGet()
                .withPeriodSeconds(10)
                .withTimeoutSeconds(ANSWER_SECONDS)
                .withFailureThreshold(6)
                .endLivenessProbe()
                .withNewLifecycle()
                .withNewPreStop()
                .withNewExec()
                .withCommand("python3", "-c", DrainScript.of(options.port()))
                .endExec()
                .endPreStop()
                .endLifecycle();
    }

    private static Map<String, String> labels(Engine engine) {
        Map<String, String> labels = new LinkedHashMap<>();
        labels.put(Names.MODEL, Names.label(engine.model()));
        labels.put(Names.SLOT, Names.slot(engine));
        return labels;
    }

    /** What the pod may use; GPU ids only where they are more than advice. */
    private static Map<String, String> share(Engine engine) {
        Map<String, String> annotations = new LinkedHashMap<>();
        annotations.put(Names.FRACTION, engine.shape().gpuFraction().toString());
        annotations.put(Names.MEMORY, Double.toString(engine.shape().memoryGiBPerGpu()));
        if (!engine.gpus().isEmpty()) {
            annotations.put(Names.GPUS, Names.gpus(engine, ","));
        }
        return annotations;
    }

    /** All that {@link EngineIdentity} needs to read the engine back. */
    private static Map<String, String> annotations(Engine engine, PodTemplateSpec template, Enforcement enforcement) {
        Map<String, String> annotations = share(engine);
        annotations.put(Names.MODEL_NAME, engine.model());
        annotations.put(Names.NODE, engine.node());
        annotations.put(
                Names.EXACT_FRACTION,
                engine.shape().gpuFraction().numerator() + "/"
                        + engine.shape().gpuFraction().denominator());
        annotations.put(Names.TENSOR_PARALLEL, Integer.toString(engine.shape().tensorParallel()));
        annotations.put(Names.REVISION, engine.shape().revision());
        annotations.put(Names.ENFORCED, enforcement.toString());
        annotations.put(
                Names.TEMPLATE, Names.digest(Manifests.TEXT.asJson(template)).substring(0, 16));
        return annotations;
    }
}
