package dev.scepsy.planner.cluster;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.scepsy.planner.topology.Node;
import dev.scepsy.planner.topology.Sharing;
import dev.scepsy.planner.transition.Engine;
import dev.scepsy.planner.transition.Step;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetBuilder;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceClaim;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceClaimBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The Kubernetes objects of an intent: one Service per model, one Deployment per model and place, under DRA one claim per GPU,
 * and what stands before the engines. Equal intents give equal bytes. Thread-safe.
 */
public final class Manifests {

    /** Kinds are known from the code; no class loader is searched for more. */
    static final KubernetesSerialization TEXT = new KubernetesSerialization(new ObjectMapper(), false);

    private final Intent intent;
    private @Nullable List<Deployment> deployments;

    private Manifests(Intent intent) {
        this.intent = intent;
    }

    public static Manifests of(Intent intent) {
        return new Manifests(intent);
    }

    /** All objects: services, disruption budgets, claims, deployments, each in name order; then those of the router. */
    public List<HasMetadata> objects() {
        List<HasMetadata> objects = new ArrayList<>(services());
        objects.addAll(budgets());
        objects.addAll(claims());
        objects.addAll(deployments());
        objects.addAll(router().objects());
        return List.copyOf(objects);
    }

    /** File name to YAML text, one object each, in the order of {@link #objects}. */
    public Map<String, String> files() {
        List<HasMetadata> objects = objects();
        List<String> texts = objects.parallelStream().map(Manifests::yaml).toList();
        Map<String, String> files = new LinkedHashMap<>();
        for (int i = 0; i < objects.size(); i++) {
            files.put(fileName(objects.get(i)), texts.get(i));
        }
        return files;
    }

    /** All objects as one YAML stream. */
    public String yaml() {
        return String.join("", files().values());
    }

    static String fileName(HasMetadata object) {
        return object.getKind().toLowerCase(Locale.ROOT) + "-"
                + object.getMetadata().getName() + ".yaml";
    }

    static String yaml(HasMetadata object) {
        String text = TEXT.asYaml(object);
        return text.startsWith("---") ? text : "---\n" + text;
    }

    /** What is enforced on each node that the intent uses, in name order. */
    public Map<String, Enforcement> enforcement() {
        Map<String, Enforcement> byNode = new TreeMap<>();
        for (Engine engine : intent.engines()) {
            Enforcement found = new GpuRequest(engine, node(engine.node()), intent.options()).enforcement();
            byNode.merge(engine.node() + " f=" + engine.shape().gpuFraction(), found, (first, second) -> first);
        }
        return byNode;
    }

    /** What stands before the engines. */
    RouterManifests router() {
        return RouterManifests.of(intent);
    }

    /** Those of the models. */
    List<Service> services() {
        return intent.models().stream().map(this::service).toList();
    }

    private Service service(String model) {
        return new ServiceBuilder()
                .withNewMetadata()
                .withName(Names.service(model))
                .withNamespace(intent.options().namespace())
                .addToLabels(Names.MODEL, Names.label(model))
                .addToLabels(Names.PLAN, intent.planId())
                .addToLabels(Names.MANAGED_BY, Names.FIELD_MANAGER)
                .addToAnnotations(Names.MODEL_NAME, model)
                .endMetadata()
                .withNewSpec()
                .withSelector(selector(model))
                .addNewPort()
                .withName("http")
                .withPort(intent.options().port())
                .withNewTargetPort("http")
                .endPort()
                .endSpec()
                .build();
    }

    private Map<String, String> selector(String model) {
        Map<String, String> labels = new LinkedHashMap<>();
        if (intent.routing().kind().hasPods()) {
            labels.put(Names.ROLE, Names.ROUTER);
        } else {
            labels.put(Names.MODEL, Names.label(model));
            labels.put(Names.SERVING, "true");
        }
        return labels;
    }

    /**
     * What keeps a drained node from taking a model below its floor: one for each model that has more replicas than that. Where it
     * has no more, a budget would keep every node from being drained for ever.
     */
    List<PodDisruptionBudget> budgets() {
        List<PodDisruptionBudget> budgets = new ArrayList<>();
        for (String model : intent.models()) {
            long replicas = intent.engines().stream()
                    .filter(engine -> engine.model().equals(model))
                    .count();
            int floor = Math.max(1, intent.minReplicas().getOrDefault(model, 1));
            if (replicas > floor) {
                budgets.add(budget(model, floor));
            }
        }
        return budgets;
    }

    private PodDisruptionBudget budget(String model, int floor) {
        return new PodDisruptionBudgetBuilder()
                .withNewMetadata()
                .withName(Names.service(model))
                .withNamespace(intent.options().namespace())
                .addToLabels(Names.MODEL, Names.label(model))
                .addToLabels(Names.PLAN, intent.planId())
                .addToLabels(Names.MANAGED_BY, Names.FIELD_MANAGER)
                .endMetadata()
                .withNewSpec()
                .withMinAvailable(new IntOrString(floor))
                .withNewSelector()
                .addToMatchLabels(Names.MODEL, Names.label(model))
                .addToMatchLabels(Names.SERVING, "true")
                .endSelector()
                .endSpec()
                .build();
    }

    /** Written once, on all processors: each costs a millisecond, and large plans have more than a thousand. */
    synchronized List<Deployment> deployments() {
        if (deployments == null) {
            Map<String, Deployment> byName = new TreeMap<>();
            counts().entrySet().parallelStream()
                    .map(count -> deployment(count.getKey(), count.getValue()))
                    .toList()
                    .forEach(deployment -> byName.put(deployment.getMetadata().getName(), deployment));
            deployments = List.copyOf(byName.values());
        }
        return deployments;
    }

    /** The Deployment of {@code replicas} engines like {@code engine}, wherever it stands. */
    Deployment deployment(Engine engine, int replicas) {
        EngineSpec spec =
                intent.spec(engine).orElseThrow(() -> new IllegalStateException("No specification of " + engine + "."));
        return EngineDeployment.of(engine, spec, node(engine.node()), replicas, intent.planId(), intent.options());
    }

    private Map<Engine, Integer> counts() {
        Map<Engine, Integer> counts = new LinkedHashMap<>();
        intent.engines().forEach(engine -> counts.merge(engine, 1, Integer::sum));
        return counts;
    }

    private Node node(String name) {
        return intent.cluster().nodes().stream()
                .filter(node -> node.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("No node (" + name + ") in the cluster."));
    }

    /** Services, disruption budgets, and the claims of all GPUs that engines use on the way through {@code waves} and at its end. */
    List<HasMetadata> routes(List<List<Step>> waves) {
        Set<Engine> engines = new LinkedHashSet<>(intent.engines());
        waves.forEach(wave -> wave.forEach(step -> engines.add(step.engine())));
        List<HasMetadata> objects = new ArrayList<>(services());
        objects.addAll(budgets());
        objects.addAll(claims(engines));
        return objects;
    }

    /** The claims of all GPUs that the intent's engines use. */
    List<ResourceClaim> claims() {
        return claims(intent.engines());
    }

    /** One claim for every GPU of a DRA node that one of {@code engines} uses: pods that share a GPU share its claim. */
    List<ResourceClaim> claims(Collection<Engine> engines) {
        List<ResourceClaim> claims = new ArrayList<>();
        for (Node node : intent.cluster().nodes()) {
            if (node.sharing().mode() == Sharing.Mode.DRA) {
                engines.stream()
                        .filter(engine -> engine.node().equals(node.name()))
                        .flatMap(engine -> engine.gpus().stream())
                        .distinct()
                        .sorted()
                        .map(gpu -> claim(node, gpu))
                        .forEach(claims::add);
            }
        }
        return claims;
    }

    /** Whether any node of the cluster gives GPUs out by claims. */
    boolean claimsGpus() {
        return intent.cluster().nodes().stream().anyMatch(node -> node.sharing().mode() == Sharing.Mode.DRA);
    }

    private ResourceClaim claim(Node node, int gpu) {
        List<String> uuids = intent.options().gpuUuids().getOrDefault(node.name(), List.of());
        String device = "device.driver == \"gpu.nvidia.com\""
                + (gpu < uuids.size()
                        ? " && device.attributes[\"gpu.nvidia.com\"].uuid == \"" + uuids.get(gpu) + "\""
                        : "");
        Map<String, Object> sharing = Map.of(
                "apiVersion", "resource.nvidia.com/v1beta1",
                "kind", "GpuConfig",
                "sharing",
                        new TreeMap<>(
                                Map.of("strategy", "MPS", "mpsConfig", Map.of("defaultActiveThreadPercentage", 100))));
        return new ResourceClaimBuilder()
                .withNewMetadata()
                .withName(Names.claim(node.name(), gpu))
                .withNamespace(intent.options().namespace())
                .addToLabels(Names.MANAGED_BY, Names.FIELD_MANAGER)
                .endMetadata()
                .withNewSpec()
                .withNewDevices()
                .addNewRequest()
                .withName("gpu")
                .withNewExactly()
                .withDeviceClassName("gpu.nvidia.com")
                .addNewSelector()
                .withNewCel(device)
                .endSelector()
                .endExactly()
                .endRequest()
                .addNewConfig()
                .addToRequests("gpu")
                .withNewOpaque("gpu.nvidia.com", new TreeMap<>(sharing))
                .endConfig()
                .endDevices()
                .endSpec()
                .build();
    }
}
