package dev.scepsy.planner.platform;

import static dev.scepsy.planner.platform.Capabilities.no;
import static dev.scepsy.planner.platform.Capabilities.partly;

import dev.scepsy.planner.cluster.EngineLaunch;
import dev.scepsy.planner.platform.Rendering.Obstacles;
import dev.scepsy.planner.topology.Sharing;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * KServe: one {@code LLMInferenceService} per model (fields as in {@code serving.kserve.io/v1alpha2} of KServe 0.20). It has one pod template
 * for all replicas, so replicas can be held to nodes where each has the same number of them, and to parts of GPUs where the device plugin
 * hands out equal ones.
 */
public final class KServePlatform extends RenderedOnly {

    private static final String API = "serving.kserve.io/v1alpha2";

    /** What KServe's own templates call the container of the engine. */
    private static final String CONTAINER = "main";

    private static final String MODEL_CACHE = "/models";
    private static final int PROBE_SECONDS = 5;

    @Override
    public String name() {
        return "kserve";
    }

    @Override
    String byHand() {
        return "Run kubectl apply -f on the files, and kubectl get llminferenceservices to see what runs.";
    }

    @Override
    public Capabilities capabilities() {
        return Capabilities.of(
                partly("node affinity and spread; refused where nodes have different numbers of a model's replicas"),
                no("the kubelet picks"),
                partly("equal parts of the device plugin; other parts are refused"),
                partly("MPS with equal parts; else the engine's own limit"),
                no("refused for engines on parts of GPUs that measure free memory at their start"));
    }

    @Override
    public Rendering render(PlacedPlan plan) {
        Obstacles obstacles = new Obstacles();
        plan.engines().forEach(engine -> checkShare(engine, obstacles));
        Map<String, String> files = new LinkedHashMap<>();
        List<String> notes = new ArrayList<>();
        plan.byModel().forEach((model, engines) -> {
            String name = PlacedPlan.label(model, 53);
            files.put(
                    "llminferenceservice-" + name + ".yaml",
                    "---\n" + YamlText.of(service(plan, name, engines, obstacles)));
            notes.add(model + " f=" + engines.get(0).gpuFraction() + ": placement=node; " + enforced(engines.get(0)));
        });
        if (obstacles.any()) {
            return obstacles.refused();
        }
        plan.byModel().forEach((model, engines) -> {
            if (engines.get(0).launch().patched()) {
                notes.add("The podTemplate of model (" + model
                        + ") is left out: merge it into spec.template, whose container" + " is called " + CONTAINER
                        + ".");
            }
        });
        return new Rendering.Files(files, notes);
    }

    private static String enforced(PlannedEngine engine) {
        if (engine.gpuFraction().isWhole()) {
            return "compute=whole GPUs; memory=whole GPUs";
        }
        return engine.node().sharing().mode() == Sharing.Mode.MPS
                ? "compute=MPS, equal parts by the device plugin; memory=MPS, equal parts"
                : "compute=none, equal time slices; memory=none, the engine's own limit";
    }

    private static void checkShare(PlannedEngine engine, Obstacles obstacles) {
        if (engine.gpuFraction().isWhole()) {
            return;
        }
        if (!(engine.node().sharing() instanceof Sharing.EqualParts)) {
            obstacles.add(
                    "Engine (" + engine.name() + ") takes " + engine.gpuFraction() + " of GPU " + engine.gpuList()
                            + " of node (" + engine.node().name()
                            + "), and an LLMInferenceService can ask for whole GPUs and equal parts of the device plugin"
                            + " only: its template is the same for all replicas.",
                    "Plan with gpuFractions: [1], or with replicas under the node's sharing, or render for kubernetes.");
        } else if (!engine.launch().arguments().contains("--kv-cache-memory-bytes")) {
            obstacles.add(
                    "Engines of model (" + engine.model()
                            + ") measure the free memory of their GPU when they start, and"
                            + " KServe keeps no order of starts on a GPU: two at a time end each other.",
                    "Plan the model with gpuFractions: [1], or render for kubernetes.");
        }
    }

    private static Map<String, Object> service(
            PlacedPlan plan, String name, List<PlannedEngine> engines, Obstacles obstacles) {
        PlannedEngine first = engines.get(0);
        EngineLaunch launch = first.launch();
        if (launch.source().startsWith("/") || launch.source().startsWith(".")) {
            obstacles.add(
                    "Model (" + first.model() + ") is loaded from the path (" + launch.source()
                            + "), and model.uri of an LLMInferenceService names a repository or a store.",
                    "Give servedFrom a Hugging Face id, or render for kubernetes.");
        }
        Map<String, Object> metadata = new LinkedHashMap<>();
        metadata.put("name", name);
        metadata.put("namespace", plan.options().namespace());
        Map<String, Object> labels = new LinkedHashMap<>();
        labels.put("app.kubernetes.io/managed-by", "scepsy");
        labels.put("scepsy.dev/plan", plan.planId());
        metadata.put("labels", labels);
        Map<String, Object> model = new LinkedHashMap<>();
        model.put("uri", "hf://" + launch.source());
        model.put("name", first.model());
        Map<String, Object> spec = new LinkedHashMap<>();
        spec.put("model", model);
        spec.put("storageInitializer", Map.of("enabled", false)); // the engine loads into the model cache itself
        spec.put("replicas", engines.size());
        spec.put("parallelism", Map.of("tensor", first.tensorParallel()));
        Map<String, Object> router = new LinkedHashMap<>();
        router.put("route", Map.of());
        router.put("gateway", Map.of());
        router.put("scheduler", Map.of());
        spec.put("router", router);
        spec.put("template", template(plan, name, engines, obstacles));
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("apiVersion", API);
        document.put("kind", "LLMInferenceService");
        document.put("metadata", metadata);
        document.put("spec", spec);
        return document;
    }

    private static Map<String, Object> template(
            PlacedPlan plan, String name, List<PlannedEngine> engines, Obstacles obstacles) {
        Map<String, Integer> perNode = new TreeMap<>();
        engines.forEach(engine -> perNode.merge(engine.node().name(), 1, Integer::sum));
        Set<Integer> counts = new LinkedHashSet<>(perNode.values());
        if (counts.size() > 1) {
            obstacles.add(
                    "Model (" + engines.get(0).model() + ") has " + perNode + " replicas on its nodes, and an"
                            + " LLMInferenceService spreads them evenly only.",
                    "Plan as many replicas on each node, or render for kubernetes.");
        }
        Map<String, Object> template = new LinkedHashMap<>();
        template.put("affinity", affinity(perNode));
        if (perNode.size() > 1) {
            template.put("topologySpreadConstraints", List.of(spread(name)));
        }
        template.put("enableServiceLinks", false);
        template.put("terminationGracePeriodSeconds", plan.options().drainSeconds() + 10);
        template.put("containers", List.of(container(plan, engines.get(0))));
        List<Map<String, Object>> volumes = volumes(plan);
        if (!volumes.isEmpty()) {
            template.put("volumes", volumes);
        }
        return template;
    }

    /** By the nodes' names. Terms are alternatives: a match of fields takes one value. */
    private static Map<String, Object> affinity(Map<String, Integer> nodes) {
        List<Object> terms = new ArrayList<>();
        for (String node : nodes.keySet()) {
            Map<String, Object> field = new LinkedHashMap<>();
            field.put("key", "metadata.name");
            field.put("operator", "In");
            field.put("values", List.of(node));
            terms.add(Map.of("matchFields", List.of(field)));
        }
        return Map.of(
                "nodeAffinity",
                Map.of("requiredDuringSchedulingIgnoredDuringExecution", Map.of("nodeSelectorTerms", terms)));
    }

    private static Map<String, Object> spread(String name) {
        Map<String, Object> constraint = new LinkedHashMap<>();
        constraint.put("maxSkew", 1);
        constraint.put("topologyKey", "kubernetes.io/hostname");
        constraint.put("whenUnsatisfiable", "DoNotSchedule");
        constraint.put("nodeAffinityPolicy", "Honor");
        constraint.put("matchLabelKeys", List.of("pod-template-hash"));
        constraint.put(
                "labelSelector",
                Map.of(
                        "matchLabels",
                        pair(
                                "app.kubernetes.io/name",
                                name,
                                "app.kubernetes.io/component",
                                "llminferenceservice-workload")));
        return constraint;
    }

    private static Map<String, Object> container(PlacedPlan plan, PlannedEngine engine) {
        EngineLaunch launch = engine.launch();
        int port = plan.options().port();
        Map<String, Object> requests = new LinkedHashMap<>();
        requests.put("cpu", thousandths(launch.cpuCores(), 1000) + "m");
        requests.put("memory", thousandths(launch.hostMemoryGiB(), 1024) + "Mi");
        Map<String, Object> resources = new LinkedHashMap<>();
        resources.put("requests", requests);
        String resource = engine.node().sharing() instanceof Sharing.EqualParts
                ? plan.options().sharedResource()
                : "nvidia.com/gpu";
        resources.put("limits", Map.of(resource, Integer.toString(engine.tensorParallel())));
        Map<String, Object> container = new LinkedHashMap<>();
        container.put("name", CONTAINER);
        container.put("image", launch.image());
        container.put("command", launch.command());
        container.put("args", launch.arguments());
        if (!plan.options().modelCache().equals("none")) {
            container.put("env", List.of(pair("name", "HF_HOME", "value", MODEL_CACHE)));
        }
        container.put("ports", List.of(pair("containerPort", port, "protocol", "TCP")));
        container.put("resources", resources);
        int attempts = Math.max(1, launch.readySeconds() / PROBE_SECONDS);
        container.put("startupProbe", probe(port, PROBE_SECONDS, attempts));
        container.put("readinessProbe", probe(port, PROBE_SECONDS, 3));
        container.put("livenessProbe", probe(port, 2 * PROBE_SECONDS, 6));
        container.put(
                "lifecycle",
                Map.of(
                        "preStop",
                        Map.of("exec", Map.of("command", List.of("python3", "-c", EngineLaunch.drainProgram(port))))));
        if (!mounts(plan).isEmpty()) {
            container.put("volumeMounts", mounts(plan));
        }
        return container;
    }

    /** Shared memory comes with KServe's own template ({@code dshm}). */
    private static List<Map<String, Object>> mounts(PlacedPlan plan) {
        return plan.options().modelCache().equals("none")
                ? List.of()
                : List.of(pair("name", "scepsy-models", "mountPath", MODEL_CACHE));
    }

    private static List<Map<String, Object>> volumes(PlacedPlan plan) {
        String cache = plan.options().modelCache();
        if (cache.equals("none")) {
            return List.of();
        }
        String place = cache.substring(cache.indexOf(':') + 1);
        return List.of(
                cache.startsWith("node:")
                        ? pair("name", "scepsy-models", "hostPath", pair("path", place, "type", "DirectoryOrCreate"))
                        : pair("name", "scepsy-models", "persistentVolumeClaim", Map.of("claimName", place)));
    }

    private static Map<String, Object> probe(int port, int period, int failures) {
        Map<String, Object> get = new LinkedHashMap<>();
        get.put("path", "/health");
        get.put("port", port);
        get.put("scheme", "HTTP");
        Map<String, Object> probe = new LinkedHashMap<>();
        probe.put("httpGet", get);
        probe.put("periodSeconds", period);
        probe.put("timeoutSeconds", 5);
        probe.put("failureThreshold", failures);
        return probe;
    }

    private static long thousandths(double amount, int parts) {
        return BigDecimal.valueOf(amount).multiply(BigDecimal.valueOf(parts)).longValue();
    }

    private static Map<String, Object> pair(String key, Object value, String other, Object otherValue) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put(key, value);
        map.put(other, otherValue);
        return map;
    }
}
