package dev.scepsy.planner.cluster;

import dev.scepsy.planner.router.RouterSettings;
import java.util.List;
import java.util.Map;

/**
 * How plans are put on Kubernetes. Immutable.
 *
 * @param namespace where all objects live
 * @param image container image of the engines
 * @param port port of engines and services
 * @param loadSeconds how long an engine may take to become ready, s; 0: a multiple of what it is expected to take ({@link StartEstimate})
 * @param drainSeconds how long an engine that is stopped may take to finish its requests, s
 * @param sharedResource extended resource that the device plugin names one of its equal parts
 * @param runtimeClass runtime class of pods with pinned GPU ids; empty: the node's default
 * @param kaiQueue queue of the KAI scheduler
 * @param modelCache where engines keep the weights they loaded: {@code node:/path}, {@code claim:NAME} or {@code none}
 * @param engines settings per model name; absent: {@link EngineSettings#DEFAULT}
 * @param gpuUuids per node the UUIDs of its GPUs in order, where known: HAMi and DRA pin by them
 * @param router how requests find their engines
 */
public record ServingOptions(
        String namespace,
        String image,
        int port,
        int loadSeconds,
        int drainSeconds,
        String sharedResource,
        String runtimeClass,
        String kaiQueue,
        String modelCache,
        Map<String, EngineSettings> engines,
        Map<String, List<String>> gpuUuids,
        RouterSettings router) {

    /** The image that is used unless another is named. */
    public static final String DEFAULT_IMAGE = "vllm/vllm-openai:v0.32.0";

    /** A folder of the node, so that an engine that is started again there does not load its weights over the network again. */
    public static final String DEFAULT_MODEL_CACHE = "node:/var/lib/scepsy/models";

    /** Namespace {@code default}, port 8000, as long as expected to load, 120 s to drain. */
    public static final ServingOptions DEFAULT = new ServingOptions(
            "default",
            DEFAULT_IMAGE,
            8000,
            0,
            120,
            "nvidia.com/gpu.shared",
            "nvidia",
            "default",
            DEFAULT_MODEL_CACHE,
            Map.of(),
            Map.of(),
            RouterSettings.DEFAULT);

    public ServingOptions {
        engines = Map.copyOf(engines);
        gpuUuids = Map.copyOf(gpuUuids);
    }

    /** Whether {@code text} is a place for weights. */
    public static boolean isModelCache(String text) {
        return text.equals("none") || text.matches("node:/.+") || text.matches("claim:[a-z0-9]([-a-z0-9.]*[a-z0-9])?");
    }

    EngineSettings engine(String model) {
        return engines.getOrDefault(model, EngineSettings.DEFAULT);
    }

    public ServingOptions withNamespace(String other) {
        return new ServingOptions(
                other,
                image,
                port,
                loadSeconds,
                drainSeconds,
                sharedResource,
                runtimeClass,
                kaiQueue,
                modelCache,
                engines,
                gpuUuids,
                router);
    }

    public ServingOptions withImage(String other) {
        return new ServingOptions(
                namespace,
                other,
                port,
                loadSeconds,
                drainSeconds,
                sharedResource,
                runtimeClass,
                kaiQueue,
                modelCache,
                engines,
                gpuUuids,
                router);
    }

    public ServingOptions withDeadlines(int loadSecondsMost, int drainSecondsMost) {
        return new ServingOptions(
                namespace,
                image,
                port,
                loadSecondsMost,
                drainSecondsMost,
                sharedResource,
                runtimeClass,
                kaiQueue,
                modelCache,
                engines,
                gpuUuids,
                router);
    }

    /** @param place as {@link #isModelCache} takes it */
    public ServingOptions withModelCache(String place) {
        return new ServingOptions(
                namespace,
                image,
                port,
                loadSeconds,
                drainSeconds,
                sharedResource,
                runtimeClass,
                kaiQueue,
                place,
                engines,
                gpuUuids,
                router);
    }

    public ServingOptions withEngines(Map<String, EngineSettings> others) {
        return new ServingOptions(
                namespace,
                image,
                port,
                loadSeconds,
                drainSeconds,
                sharedResource,
                runtimeClass,
                kaiQueue,
                modelCache,
                others,
                gpuUuids,
                router);
    }

    public ServingOptions withGpuUuids(Map<String, List<String>> others) {
        return new ServingOptions(
                namespace,
                image,
                port,
                loadSeconds,
                drainSeconds,
                sharedResource,
                runtimeClass,
                kaiQueue,
                modelCache,
                engines,
                others,
                router);
    }

    public ServingOptions withRouter(RouterSettings other) {
        return new ServingOptions(
                namespace,
                image,
                port,
                loadSeconds,
                drainSeconds,
                sharedResource,
                runtimeClass,
                kaiQueue,
                modelCache,
                engines,
                gpuUuids,
                other);
    }
}
