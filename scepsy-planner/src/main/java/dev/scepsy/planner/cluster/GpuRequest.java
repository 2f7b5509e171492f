package dev.scepsy.planner.cluster;

import dev.scepsy.planner.allocation.GpuFraction;
import dev.scepsy.planner.cluster.Enforcement.Level;
import dev.scepsy.planner.topology.Node;
import dev.scepsy.planner.topology.Sharing;
import dev.scepsy.planner.transition.Engine;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * How one engine asks for its GPUs under its node's sharing mechanism, and what that mechanism truly enforces. The names
 * are those of the NVIDIA device plugin, CUDA MPS, HAMi 2.10, KAI and the NVIDIA DRA driver.
 */
final class GpuRequest {

    private static final String MPS_PIPE = "/tmp/nvidia-mps";

    private final Engine engine;
    private final Node node;
    private final ServingOptions options;

    GpuRequest(Engine engine, Node node, ServingOptions options) {
        this.engine = engine;
        this.node = node;
        this.options = options;
    }

    private GpuFraction fraction() {
        return engine.shape().gpuFraction();
    }

    private String percent() {
        return BigDecimal.valueOf(100)
                .multiply(fraction().toDecimal())
                .setScale(0, RoundingMode.DOWN)
                .max(BigDecimal.ONE)
                .toPlainString();
    }

    private long memoryMiB() {
        return Math.round(engine.shape().memoryGiBPerGpu() * 1024);
    }

    Enforcement enforcement() {
        boolean whole = fraction().isWhole();
        if (node.sharing() instanceof Sharing.EqualParts parts) {
            return parts.mode() == Sharing.Mode.MPS
                    ? new Enforcement(Level.NODE, "MPS, equal parts by the device plugin", "MPS, equal parts")
                    : new Enforcement(Level.NODE, "none, equal time slices", "none, the engine's own limit");
        }
        return switch (node.sharing().mode()) {
            case NONE -> new Enforcement(Level.NODE, "whole GPUs", "whole GPUs");
            case MPS ->
                whole
                        ? new Enforcement(Level.GPU, "whole GPUs by pinned ids", "whole GPUs by pinned ids")
                        : new Enforcement(
                                Level.GPU,
                                "MPS percentage, a ceiling and no reservation, memory bandwidth is shared",
                                "MPS pinned memory limit");
            case TIME_SLICING -> new Enforcement(Level.GPU, "none, time slices", "none, the engine's own limit");
            case HAMI ->
                new Enforcement(
                        uuids().isEmpty() ? Level.NODE : Level.GPU,
                        "HAMi, soft, by interception",
                        "HAMi, by interception");
            case KAI -> new Enforcement(Level.NODE, "none, bookkeeping only", "none, the engine's own limit");
            case DRA ->
                new Enforcement(
                        Level.GPU, whole ? "whole GPUs" : "MPS percentage within the claim", "MPS limit of the claim");
        };
    }

    /** Adds to the pod and its only container what asks for the GPUs. */
    void addTo(PodTemplateSpecBuilder pod, ContainerBuilder container) {
        if (node.sharing() instanceof Sharing.EqualParts) {
            limit(container, options.sharedResource(), engine.shape().tensorParallel());
            return;
        }
        switch (node.sharing().mode()) {
            case NONE -> limit(container, "nvidia.com/gpu", engine.shape().tensorParallel());
            case MPS -> {
                pin(pod, container);
                if (!fraction().isWhole()) {
                    mps(pod, container);
                }
            }
            case TIME_SLICING -> pin(pod, container);
            case HAMI -> hami(pod, container);
            case KAI -> kai(pod, container);
            case DRA -> dra(pod, container);
        }
    }

    private static void limit(ContainerBuilder container, String resource, long amount) {
        container
                .editOrNewResources()
                .addToLimits(resource, new Quantity(Long.toString(amount)))
                .endResources();
    }

    /** All GPUs are mounted and CUDA is shown the pinned ones only, in the order of the bus, as the ids are counted. */
    private void pin(PodTemplateSpecBuilder pod, ContainerBuilder container) {
        if (!options.runtimeClass().isEmpty()) {
            pod.editSpec().withRuntimeClassName(options.runtimeClass()).endSpec();
        }
        container
                .addNewEnv()
                .withName("NVIDIA_VISIBLE_DEVICES")
                .withValue("all")
                .endEnv();
        container
                .addNewEnv()
                .withName("CUDA_DEVICE_ORDER")
                .withValue("PCI_BUS_ID")
                .endEnv();
        container
                .addNewEnv()
                .withName("CUDA_VISIBLE_DEVICES")
                .withValue(Names.gpus(engine, ","))
                .endEnv();
    }

    private void mps(PodTemplateSpecBuilder pod, ContainerBuilder container) {
        String limits = IntStream.range(0, engine.shape().tensorParallel())
                .mapToObj(shard -> shard + "=" + memoryMiB() + "M")
                .collect(Collectors.joining(","));
        container
                .addNewEnv()
                .withName("CUDA_MPS_PIPE_DIRECTORY")
                .withValue(MPS_PIPE)
                .endEnv();
        container
                .addNewEnv()
                .withName("CUDA_MPS_ACTIVE_THREAD_PERCENTAGE")
                .withValue(percent())
                .endEnv();
        container
                .addNewEnv()
                .withName("CUDA_MPS_PINNED_DEVICE_MEM_LIMIT")
                .withValue(limits)
                .endEnv();
        container.addNewVolumeMount().withName("mps").withMountPath(MPS_PIPE).endVolumeMount();
        pod.editSpec()
                .withHostIPC(true)
                .addNewVolume()
                .withName("mps")
                .withNewHostPath()
                .withPath(MPS_PIPE)
                .withType("Directory")
                .endHostPath()
                .endVolume()
                .endSpec();
    }

    private void hami(PodTemplateSpecBuilder pod, ContainerBuilder container) {
        limit(container, "nvidia.com/gpu", engine.shape().tensorParallel());
        limit(container, "nvidia.com/gpumem", memoryMiB());
        if (!fraction().isWhole()) {
            limit(container, "nvidia.com/gpucores", Long.parseLong(percent()));
        }
        if (!uuids().isEmpty()) {
            pod.editMetadata()
                    .addToAnnotations("nvidia.com/use-gpuuuid", String.join(",", uuids()))
                    .endMetadata();
        }
    }

    private void kai(PodTemplateSpecBuilder pod, ContainerBuilder container) {
        pod.editMetadata()
                .addToLabels("kai.scheduler/queue", options.kaiQueue())
                .endMetadata();
        pod.editSpec().withSchedulerName("kai-scheduler").endSpec();
        if (fraction().isWhole()) {
            limit(container, "nvidia.com/gpu", engine.shape().tensorParallel());
        } else {
            pod.editMetadata()
                    .addToAnnotations("gpu-fraction", fraction().toString())
                    .endMetadata();
        }
    }

    /** Pods that share a GPU name the same claim; each lowers the claim's thread percentage to its own share. */
    private void dra(PodTemplateSpecBuilder pod, ContainerBuilder container) {
        for (int gpu : engine.gpus()) {
            pod.editSpec()
                    .addNewResourceClaim()
                    .withName("gpu-" + gpu)
                    .withResourceClaimName(Names.claim(node.name(), gpu))
                    .endResourceClaim()
                    .endSpec();
            container.editOrNewResources().addNewClaim("gpu-" + gpu, null).endResources();
        }
        if (!fraction().isWhole()) {
            container
                    .addNewEnv()
                    .withName("CUDA_MPS_ACTIVE_THREAD_PERCENTAGE")
                    .withValue(percent())
                    .endEnv();
        }
    }

    private List<String> uuids() {
        List<String> all = options.gpuUuids().getOrDefault(node.name(), List.of());
        return engine.gpus().stream().allMatch(gpu -> gpu < all.size())
                ? engine.gpus().stream().map(all::get).toList()
                : List.of();
    }
}
