package dev.scepsy.planner.platform;

import dev.scepsy.planner.platform.Rendering.Obstacles;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The applications that a plan becomes on Ray Serve, one per model: {@code ray.serve.llm}'s builder with one {@code LLMConfig} (fields as
 * in Ray 2.60). A replica's placement group has a bundle per shard; {@code STRICT_PACK} keeps them on one node.
 *
 * <p>Ray counts one number per GPU, a plan has two. What a bundle asks of a GPU is therefore the larger of the share of compute and the
 * share of memory; a plan in which that is more than one GPU somewhere cannot be counted so, and is refused.
 */
final class RayApplications {

    /** What {@code ray start} detects, by the first word of the names that plans use; others have no name in Ray. */
    private static final List<String> TYPES = List.of(
            "V100", "P100", "T4", "A10G", "L40S", "L4", "A100", "H100", "H200", "H20", "B200", "B300", "GB200",
            "GB300");

    /** Marks an application as Scepsy's, in the environment of its processes. */
    static final String MARK = "SCEPSY_MODEL";

    static final String PREFIX = "scepsy-";

    private static final int GPU_DIGITS = 4;
    private static final long BYTES_PER_MIB = 1L << 20;

    private final PlacedPlan plan;
    private final String importPath;
    private final Obstacles obstacles;

    private RayApplications(PlacedPlan plan, String importPath, Obstacles obstacles) {
        this.plan = plan;
        this.importPath = importPath;
        this.obstacles = obstacles;
    }

    /**
     * By application name; what cannot be expressed is added to {@code obstacles}.
     *
     * @param importPath of the builder
     */
    static Map<String, Map<String, Object>> of(PlacedPlan plan, String importPath, Obstacles obstacles) {
        RayApplications applications = new RayApplications(plan, importPath, obstacles);
        HostSharing.check(plan, "ray-serve", obstacles);
        applications.checkCounting();
        Map<String, Map<String, Object>> byName = new TreeMap<>();
        plan.byModel().forEach((model, engines) -> byName.put(name(model), applications.application(engines)));
        return byName;
    }

    static String name(String model) {
        return PREFIX + PlacedPlan.label(model, 50);
    }

    static String route(String model) {
        return "/" + PlacedPlan.label(model, 50);
    }

    /** What Ray shall count for a shard, in GPUs. */
    private static BigDecimal gpus(PlannedEngine engine) {
        BigDecimal compute = engine.gpuFraction().toDecimal();
        BigDecimal memory = engine.gpuFraction().isWhole()
                ? BigDecimal.ONE
                : BigDecimal.valueOf(
                        engine.memoryGiBPerGpu() / engine.node().gpu().memoryGiB());
        return compute.max(memory)
                .min(BigDecimal.ONE)
                .setScale(GPU_DIGITS, RoundingMode.DOWN)
                .stripTrailingZeros();
    }

    private void checkCounting() {
        Map<String, BigDecimal> perGpu = new TreeMap<>();
        for (PlannedEngine engine : plan.engines()) {
            if (!engine.gpuFraction().isWhole() && engine.tensorParallel() > 1) {
                obstacles.add(
                        "Model (" + engine.model() + ") takes " + engine.gpuFraction() + " of "
                                + engine.tensorParallel() + " GPUs each, and Ray may put two such shares on one GPU.",
                        "Plan it with tensorParallelDegrees: [1] or gpuFractions: [1].");
            }
            boolean sized = engine.launch().arguments().contains("--kv-cache-memory-bytes");
            if (!engine.gpuFraction().isWhole() && !sized) {
                obstacles.add(
                        "Engines of model (" + engine.model()
                                + ") measure the free memory of their GPU when they start,"
                                + " and Ray keeps no order of starts on a GPU: two at a time end each other.",
                        "Plan it with gpuFractions: [1], or render for a platform that starts one after the other:"
                                + " kubernetes, shell, systemd, compose.");
            }
            for (int gpu : engine.gpus()) {
                perGpu.merge(engine.node().name() + " GPU " + gpu, gpus(engine), BigDecimal::add);
            }
        }
        perGpu.forEach((place, sum) -> {
            if (sum.compareTo(BigDecimal.ONE) > 0) {
                obstacles.add(
                        "The engines on " + place + " take " + sum.toPlainString()
                                + " of it where the larger of each one's compute and memory share counts, and Ray counts one"
                                + " number per GPU.",
                        "Plan with gpuFractions that are closer to the models' shares of memory, or render for another"
                                + " platform.");
            }
        });
    }

    private Map<String, Object> application(List<PlannedEngine> engines) {
        PlannedEngine first = engines.get(0);
        Map<String, Object> config = new LinkedHashMap<>();
        config.put(
                "model_loading_config",
                ordered(
                        "model_id",
                        first.model(),
                        "model_source",
                        first.launch().source()));
        acceleratorType(first).ifPresent(type -> config.put("accelerator_type", type));
        config.put("engine_kwargs", RayArguments.keywords(first.launch(), obstacles));
        Map<String, Object> bundle = new LinkedHashMap<>();
        bundle.put("GPU", gpus(first));
        bundle.put("CPU", 1);
        config.put("placement_group_config", ordered("bundle_per_worker", bundle, "strategy", "STRICT_PACK"));
        config.put("deployment_config", deployment(first, engines.size()));
        Map<String, Object> variables = variables(engines);
        if (!variables.isEmpty()) {
            config.put("runtime_env", Map.of("env_vars", variables));
        }
        Map<String, Object> application = new LinkedHashMap<>();
        application.put("name", name(first.model()));
        application.put("route_prefix", route(first.model()));
        application.put("import_path", importPath);
        application.put("runtime_env", Map.of("env_vars", Map.of(MARK, first.model())));
        application.put("args", Map.of("llm_configs", List.of(config)));
        return application;
    }

    private Map<String, Object> deployment(PlannedEngine engine, int replicas) {
        Map<String, Object> actor = new LinkedHashMap<>();
        // the rest of the engine's processors are those of its bundles
        actor.put("num_cpus", Math.max(0, (long) Math.ceil(engine.launch().cpuCores()) - engine.tensorParallel()));
        if (engine.launch().hostMemoryGiB() > 0) {
            actor.put("memory", (long) (engine.launch().hostMemoryGiB() * 1024) * BYTES_PER_MIB);
        }
        Map<String, Object> deployment = new LinkedHashMap<>();
        deployment.put("num_replicas", replicas);
        deployment.put("graceful_shutdown_timeout_s", plan.options().drainSeconds());
        deployment.put("ray_actor_options", actor);
        return deployment;
    }

    /** The host's MPS daemon takes them, where one runs. */
    private Map<String, Object> variables(List<PlannedEngine> engines) {
        Map<String, Object> variables = new LinkedHashMap<>();
        PlannedEngine first = engines.get(0);
        boolean mps = engines.stream().allMatch(engine -> HostSharing.of(engine) == HostSharing.MPS);
        if (mps) {
            variables.put("CUDA_MPS_PIPE_DIRECTORY", ShellPlatform.MPS_PIPE);
            variables.put("CUDA_MPS_ACTIVE_THREAD_PERCENTAGE", first.threadPercentage());
            variables.put("CUDA_MPS_PINNED_DEVICE_MEM_LIMIT", first.pinnedMemoryLimit());
        }
        String folder = HostSharing.modelFolder(plan);
        if (!folder.isEmpty()) {
            variables.put("HF_HOME", folder);
        }
        return variables;
    }

    private Optional<String> acceleratorType(PlannedEngine engine) {
        String gpu = engine.node().gpu().name();
        Optional<String> type = TYPES.stream()
                .filter(known -> gpu.equals(known) || gpu.startsWith(known + "-"))
                .findFirst();
        long kinds = plan.intent().cluster().nodes().stream()
                .map(node -> node.gpu().name())
                .distinct()
                .count();
        if (type.isEmpty() && kinds > 1) {
            obstacles.add(
                    "Ray has no name for GPU type (" + gpu + ") of model (" + engine.model()
                            + "), and the cluster has other types that Ray could take instead.",
                    "Plan for the nodes of one type.");
        }
        List<String> alike = new ArrayList<>();
        plan.intent().cluster().nodes().forEach(node -> {
            String other = node.gpu().name();
            if (!other.equals(gpu)
                    && type.isPresent()
                    && other.startsWith(type.get() + "-")
                    && !alike.contains(other)) {
                alike.add(other);
            }
        });
        alike.forEach(other -> obstacles.add(
                "Ray calls GPU types (" + gpu + ") and (" + other + ") both " + type.orElse("") + ".",
                "Plan for the nodes of one type."));
        return type;
    }

    private static Map<String, Object> ordered(String key, Object value, String other, Object otherValue) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put(key, value);
        map.put(other, otherValue);
        return map;
    }
}
