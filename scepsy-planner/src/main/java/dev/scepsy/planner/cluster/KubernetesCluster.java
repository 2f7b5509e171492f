package dev.scepsy.planner.cluster;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.scepsy.planner.transition.Engine;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.DeletionPropagation;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.KubernetesResourceList;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentCondition;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceClaim;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.CancellationException;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * The calls to the Kubernetes API, in one namespace; docs/reference/kubernetes-calls.md lists them. Longer than other files so
 * that the list and what answers may be stay in one place. Thread-safe.
 */
final class KubernetesCluster {

    private static final String NO_API =
            "what answers there is no Kubernetes API; is it the right address, and no proxy or login before it?";

    private static final int FORBIDDEN = 403;
    private static final int NOT_FOUND = 404;
    private static final int LONGEST_REFUSAL = 500;
    private static final Pattern CREDENTIALS = Pattern.compile("(?i)\\b(bearer|basic)\\s+[^\\s\"',;]+");

    private final KubernetesClient client;
    private final String namespace;
    private final ServerWarnings warnings;

    KubernetesCluster(KubernetesClient client, String namespace, ServerWarnings warnings) {
        this.client = client;
        this.warnings = warnings;
        this.namespace = namespace;
    }

    KubernetesClient client() {
        return client;
    }

    /**
     * What a call brings. Answers that no Kubernetes API gives, and those that were cut off because they took too long, are
     * failures of the server like any other.
     */
    static <T extends @Nullable Object> T asked(Supplier<T> call) {
        try {
            return call.get();
        } catch (CancellationException late) {
            throw noAnswer(AnswerLimit.sentence());
        } catch (KubernetesClientException failure) {
            for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
                if (cause instanceof JsonProcessingException) {
                    // its message names classes and repeats what was sent
                    throw noAnswer(NO_API);
                }
            }
            throw failure;
        }
    }

    /** What the server said, without what the library adds; its message may be a page of HTML. */
    static String refusal(KubernetesClientException failure) {
        String said = failure.getStatus() == null
                ? failure.getCode() > 0 ? null : failure.getMessage()
                : failure.getStatus().getMessage();
        // servers and proxies repeat what they were sent
        String why = said == null || said.isBlank()
                ? "it gives no reason"
                : CREDENTIALS.matcher(said.strip()).replaceAll("$1 ...");
        String code = failure.getCode() > 0 ? " (HTTP " + failure.getCode() + ")" : "";
        return (why.length() > LONGEST_REFUSAL ? why.substring(0, LONGEST_REFUSAL) + "..." : why) + code;
    }

    private static KubernetesClientException noAnswer(String why) {
        return new KubernetesClientException(why, new IOException(why));
    }

    /** The objects of a list; what has none, such as an empty answer or {@code null}, is no answer of a Kubernetes API. */
    private static <T extends HasMetadata> List<T> listed(
            Supplier<? extends @Nullable KubernetesResourceList<T>> call) {
        KubernetesResourceList<T> list = asked(call);
        if (list == null || list.getItems() == null || !list.getItems().stream().allMatch(KubernetesCluster::isWhole)) {
            throw noAnswer(NO_API);
        }
        return list.getItems();
    }

    /** What every object of a Kubernetes API has: a name, and what it shall be. */
    private static boolean isWhole(@Nullable HasMetadata object) {
        return object != null
                && object.getMetadata() != null
                && object.getMetadata().getName() != null
                && !(object instanceof Pod pod && pod.getSpec() == null)
                && !(object instanceof Deployment deployment && deployment.getSpec() == null);
    }

    String namespace() {
        return namespace;
    }

    /** What the server warned of since the last call. */
    List<String> takeWarnings() {
        return warnings.take();
    }

    List<Node> nodes() {
        return listed(() -> client.nodes().list());
    }

    /** The nodes with GPUs, and what of them pods hold that are no engines of this namespace. */
    ClusterHardware hardware() {
        return hardware(nodes());
    }

    LiveNodes liveNodes() {
        List<Node> nodes = nodes();
        return new LiveNodes(nodes, hardware(nodes));
    }

    private ClusterHardware hardware(List<Node> nodes) {
        List<Pod> foreign;
        List<String> notes = new ArrayList<>();
        try {
            foreign = foreign(listed(() -> client.pods().inAnyNamespace().list()));
        } catch (KubernetesClientException refused) {
            if (refused.getCode() != FORBIDDEN) {
                throw refused;
            }
            foreign = foreign(listed(() -> client.pods().inNamespace(namespace).list()));
            notes.add("GPUs, processors and memory that pods of other namespaces hold were not looked at ("
                    + refusal(refused)
                    + "); the role in docs/reference/kubernetes-calls.md lets pods be listed everywhere.");
        }
        ClusterHardware found = GpuNodes.of(nodes, foreign);
        notes.addAll(found.notes());
        return new ClusterHardware(found.nodes(), notes);
    }

    private List<Pod> foreign(List<Pod> pods) {
        return pods.stream()
                .filter(pod -> !(namespace.equals(pod.getMetadata().getNamespace())
                        && pod.getMetadata().getLabels() != null
                        && pod.getMetadata().getLabels().containsKey(Names.ENGINE)))
                .filter(pod -> pod.getStatus() == null
                        || !List.of("Succeeded", "Failed")
                                .contains(String.valueOf(pod.getStatus().getPhase())))
                .toList();
    }

    LiveEngines engines() {
        Map<String, List<LivePod>> podsByEngine = new HashMap<>();
        List<LivePod> all = enginePods();
        for (LivePod live : all) {
            podsByEngine
                    .computeIfAbsent(live.engine(), name -> new ArrayList<>())
                    .add(live);
        }
        List<LiveEngines.Group> groups = new ArrayList<>();
        for (Deployment deployment : deployments()) {
            Optional<Engine> engine = EngineIdentity.of(deployment);
            if (engine.isEmpty() || deployment.getMetadata().getDeletionTimestamp() != null) {
                continue;
            }
            String name = deployment.getMetadata().getName();
            Map<String, String> annotations = deployment.getMetadata().getAnnotations();
            List<LivePod> pods = podsByEngine.getOrDefault(name, new ArrayList<>());
            pods.sort(Comparator.comparing(LivePod::name));
            Integer replicas = deployment.getSpec().getReplicas();
            groups.add(new LiveEngines.Group(
                    engine.get(),
                    name,
                    replicas == null ? 1 : replicas,
                    annotations.getOrDefault(Names.TEMPLATE, ""),
                    annotations.getOrDefault(Names.ENFORCED, ""),
                    pods,
                    PodRequests.of(deployment.getSpec().getTemplate().getSpec()),
                    refusedPods(deployment),
                    FieldOwners.ofReplicas(deployment)));
        }
        groups.sort(Comparator.comparing(LiveEngines.Group::deployment));
        return new LiveEngines(groups, all.stream().filter(LivePod::terminating).toList());
    }

    /** The models of engines' deployments, by the deployments' names. */
    Map<String, String> modelsByDeployment() {
        Map<String, String> models = new HashMap<>();
        for (Deployment deployment : deployments()) {
            EngineIdentity.of(deployment)
                    .ifPresent(engine -> models.put(deployment.getMetadata().getName(), engine.model()));
        }
        return models;
    }

    /** What quota, admission or policy answered when pods of it were to be created. */
    private static Optional<String> refusedPods(Deployment deployment) {
        List<DeploymentCondition> conditions =
                deployment.getStatus() == null || deployment.getStatus().getConditions() == null
                        ? List.of()
                        : deployment.getStatus().getConditions();
        return conditions.stream()
                .filter(condition ->
                        "ReplicaFailure".equals(condition.getType()) && "True".equals(condition.getStatus()))
                .map(condition -> Optional.ofNullable(condition.getMessage())
                        .filter(message -> !message.isBlank())
                        .orElse(String.valueOf(condition.getReason())))
                .findFirst();
    }

    /** All pods of engines, in name order. */
    List<LivePod> enginePods() {
        return listed(() -> client.pods()
                        .inNamespace(namespace)
                        .withLabel(Names.ENGINE)
                        .list())
                .stream()
                .map(LivePod::of)
                .sorted(Comparator.comparing(LivePod::name))
                .toList();
    }

    List<LivePod> pods(String deployment) {
        return listed(() -> client.pods()
                        .inNamespace(namespace)
                        .withLabel(Names.ENGINE, deployment)
                        .list())
                .stream()
                .map(LivePod::of)
                .sorted(Comparator.comparing(LivePod::name))
                .toList();
    }

    List<Pod> podsLabelled(String label, String value) {
        return listed(() ->
                client.pods().inNamespace(namespace).withLabel(label, value).list());
    }

    List<Deployment> deploymentsLabelled(String label, String value) {
        return listed(() -> client.apps()
                .deployments()
                .inNamespace(namespace)
                .withLabel(label, value)
                .list());
    }

    /** Whether the server would take {@code object}; throws what it says where it would not. */
    void tryApply(HasMetadata object) {
        asked(() -> client.resource(object)
                .inNamespace(namespace)
                .dryRun(true)
                .fieldManager(Names.FIELD_MANAGER)
                .serverSideApply());
    }

    private List<Deployment> deployments() {
        return listed(() -> client.apps()
                .deployments()
                .inNamespace(namespace)
                .withLabel(Names.MANAGED_BY, Names.FIELD_MANAGER)
                .list());
    }

    List<Service> services() {
        return listed(() -> client.services()
                .inNamespace(namespace)
                .withLabel(Names.MANAGED_BY, Names.FIELD_MANAGER)
                .list());
    }

    List<PodDisruptionBudget> budgets() {
        return listed(() -> client.policy()
                .v1()
                .podDisruptionBudget()
                .inNamespace(namespace)
                .withLabel(Names.MANAGED_BY, Names.FIELD_MANAGER)
                .list());
    }

    void deleteBudget(String name) {
        asked(() -> client.policy()
                .v1()
                .podDisruptionBudget()
                .inNamespace(namespace)
                .withName(name)
                .delete());
    }

    /** Server-side apply under {@link Names#FIELD_MANAGER}. */
    void apply(HasMetadata object, boolean forceConflicts) {
        var resource = client.resource(object).inNamespace(namespace).fieldManager(Names.FIELD_MANAGER);
        if (forceConflicts) {
            asked(() -> resource.forceConflicts().serverSideApply());
        } else {
            asked(() -> resource.serverSideApply());
        }
    }

    /** What another field manager owns that this object would change, one line per field; empty when nothing. */
    List<String> conflicts(HasMetadata object) {
        try {
            asked(() -> client.resource(object)
                    .inNamespace(namespace)
                    .dryRun(true)
                    .fieldManager(Names.FIELD_MANAGER)
                    .serverSideApply());
            return List.of();
        } catch (KubernetesClientException refused) {
            if (refused.getCode() != 409) {
                throw refused;
            }
            String name = object.getKind() + " " + namespace + "/"
                    + object.getMetadata().getName();
            if (refused.getStatus() == null
                    || refused.getStatus().getDetails() == null
                    || refused.getStatus().getDetails().getCauses().isEmpty()) {
                return List.of(name + ": " + refusal(refused));
            }
            return refused.getStatus().getDetails().getCauses().stream()
                    .map(cause -> name + ": " + cause.getMessage() + " at " + cause.getField())
                    .toList();
        }
    }

    /** Sets the label that its service selects by; a pod that leaves is also the first to go when scaled down. */
    void route(String pod, boolean serving) {
        Pod label = new PodBuilder()
                .withNewMetadata()
                .withName(pod)
                .withNamespace(namespace)
                .addToLabels(Names.SERVING, Boolean.toString(serving))
                .addToAnnotations(Names.DELETION_COST, serving ? "0" : "-1000")
                .endMetadata()
                .build();
        apply(label, true);
    }

    /** Whether an engine holds requests. */
    sealed interface Load {
        record Known(double requests) implements Load {}

        /** @param why no count could be read */
        record Unknown(String why) implements Load {}
    }

    /** Requests that the engine holds, by its own gauges. */
    Load busyRequests(String pod, int port) {
        String why = "its metrics have no count of requests under a known name";
        for (String path : RequestGauges.PATHS) {
            try {
                OptionalDouble busy = RequestGauges.busy(metrics(pod, port, path));
                if (busy.isPresent()) {
                    return new Load.Known(busy.getAsDouble());
                }
            } catch (KubernetesClientException unreadable) {
                return new Load.Unknown("its metrics cannot be read: " + refusal(unreadable));
            }
        }
        return new Load.Unknown(why);
    }

    void create(Event event) {
        asked(() -> client.v1().events().inNamespace(namespace).resource(event).create());
    }

    /** What an engine publishes; empty where it has nothing under {@code path}. */
    String metrics(String pod, int port, String path) {
        String text = KubernetesCluster.<@Nullable String>asked(
                () -> client.raw("/api/v1/namespaces/" + namespace + "/pods/" + pod + ":" + port + "/proxy" + path));
        return text == null ? "" : text;
    }

    void deleteDeployment(String name) {
        asked(() -> client.apps()
                .deployments()
                .inNamespace(namespace)
                .withName(name)
                .withPropagationPolicy(DeletionPropagation.FOREGROUND)
                .delete());
    }

    /** Its pods finish their requests by themselves; its name is free at once for a router that comes back meanwhile. */
    void deleteRouter() {
        asked(() -> client.apps()
                .deployments()
                .inNamespace(namespace)
                .withName(Names.ROUTER_NAME)
                .withPropagationPolicy(DeletionPropagation.BACKGROUND)
                .delete());
    }

    void deleteService(String name) {
        asked(() -> client.services().inNamespace(namespace).withName(name).delete());
    }

    /** The router's Deployment as it is; empty where there is none, or none any more. */
    Optional<Deployment> router() {
        return liveDeployment(Names.ROUTER_NAME)
                .filter(live -> live.getMetadata().getDeletionTimestamp() == null);
    }

    private Optional<Deployment> liveDeployment(String name) {
        return found(Deployment.class, "/apis/apps/v1/namespaces/" + namespace + "/deployments/" + name);
    }

    /** Whether the server has anything at {@code path}. */
    boolean answers(String path) {
        try {
            return KubernetesCluster.<@Nullable String>asked(() -> client.raw(path)) != null;
        } catch (KubernetesClientException failure) {
            if (failure.getCode() == NOT_FOUND) {
                return false;
            }
            throw failure;
        }
    }

    /** Names of the config maps with a router's configuration. */
    List<String> routerConfigMaps() {
        return listed(() -> client.configMaps()
                        .inNamespace(namespace)
                        .withLabel(Names.ROLE, Names.ROUTER)
                        .list())
                .stream()
                .map(found -> found.getMetadata().getName())
                .toList();
    }

    void deleteConfigMap(String name) {
        asked(() -> client.configMaps().inNamespace(namespace).withName(name).delete());
    }

    void delete(HasMetadata object) {
        asked(() -> client.resource(object).inNamespace(namespace).delete());
    }

    /** The live Deployment without what the server adds, to be applied with another replica count. */
    Optional<Deployment> deployment(String name) {
        return liveDeployment(name).map(live -> {
            live.getMetadata().setManagedFields(null);
            live.getMetadata().setResourceVersion(null);
            live.getMetadata().setUid(null);
            live.getMetadata().setCreationTimestamp(null);
            live.getMetadata().setGeneration(null);
            live.setStatus(null);
            return live;
        });
    }

    /** An object, or empty where the server says that there is none; what is neither is no answer of a Kubernetes API. */
    <T extends HasMetadata> Optional<T> found(Class<T> type, String path) {
        String text;
        try {
            text = KubernetesCluster.<@Nullable String>asked(() -> client.raw(path));
        } catch (KubernetesClientException failure) {
            if (failure.getCode() == NOT_FOUND) {
                return Optional.empty();
            }
            throw failure;
        }
        if (text == null) {
            return Optional.empty(); // how the library tells 404
        }
        T object;
        try {
            object = text.isBlank() ? null : Manifests.TEXT.unmarshal(text, type);
        } catch (KubernetesClientException | IllegalArgumentException | YamlEngineException noObject) {
            throw noAnswer(NO_API);
        }
        if (!isWhole(object)) {
            throw noAnswer(NO_API);
        }
        return Optional.ofNullable(object);
    }

    Map<String, String> readConfigMap(String name) {
        Map<String, String> data = new HashMap<>();
        found(ConfigMap.class, "/api/v1/namespaces/" + namespace + "/configmaps/" + name)
                .map(ConfigMap::getData)
                .ifPresent(read -> read.forEach((key, value) -> {
                    if (key != null && value != null) {
                        data.put(key, value);
                    }
                }));
        return data;
    }

    List<String> claims() {
        return listed(() -> client.resources(ResourceClaim.class)
                        .inNamespace(namespace)
                        .withLabel(Names.MANAGED_BY, Names.FIELD_MANAGER)
                        .list())
                .stream()
                .map(claim -> claim.getMetadata().getName())
                .toList();
    }

    void deleteClaim(String name) {
        asked(() -> client.resources(ResourceClaim.class)
                .inNamespace(namespace)
                .withName(name)
                .delete());
    }

    void writeConfigMap(String name, Map<String, String> data) {
        apply(configMap(namespace, name, data), true);
    }

    static ConfigMap configMap(String namespace, String name, Map<String, String> data) {
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(namespace)
                .addToLabels(Names.MANAGED_BY, Names.FIELD_MANAGER)
                .endMetadata()
                .withData(data)
                .build();
    }
}
