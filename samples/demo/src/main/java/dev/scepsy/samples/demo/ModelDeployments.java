package dev.scepsy.samples.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.allocation.ReplicaPlacement;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Makes of the Deployments that {@code scepsy apply} made of a plan, one for each engine and held to its node, one for each model whose pods
 * the scheduler puts where there is room: the shape that an autoscaler scales. The pods begin where the plan has them.
 */
final class ModelDeployments {

    static final String DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments";
    static final String PODS = "/api/v1/namespaces/default/pods";
    static final String MODEL = "scepsy.dev/model";

    private static final String NODES = "/api/v1/nodes";
    private static final String OF_ENGINES = "?labelSelector=app.kubernetes.io%2Fcomponent%3Dengine";
    private static final String SERVING = "?labelSelector=scepsy.dev%2Fserving%3Dtrue";
    private static final String ENGINE = "scepsy.dev/engine";
    private static final long PATIENCE_NANOS = 60_000_000_000L;

    private final ClusterApi api;

    ModelDeployments(ClusterApi api) {
        this.api = api;
    }

    static String of(String model) {
        return model + "-scaled";
    }

    /** Replicas by model, once all of them are ready. */
    Map<String, Integer> takeOver(Plan plan) throws IOException {
        Map<String, ObjectNode> templates = new TreeMap<>();
        for (JsonNode planned : items(DEPLOYMENTS + OF_ENGINES)) {
            templates.putIfAbsent(
                    planned.path("metadata").path("labels").path(MODEL).asText(), (ObjectNode) planned);
        }
        for (JsonNode planned : items(DEPLOYMENTS + OF_ENGINES)) {
            api.delete(DEPLOYMENTS + "/" + planned.path("metadata").path("name").asText());
        }
        await("the engines of the plan to end", () -> pods().isEmpty());
        for (Map.Entry<String, ObjectNode> each : templates.entrySet()) {
            api.create(DEPLOYMENTS, scalable(each.getKey(), each.getValue()));
        }
        Map<String, Integer> replicas = new LinkedHashMap<>();
        for (ReplicaPlacement placement : plan.placements().stream()
                .sorted(Comparator.comparing(ReplicaPlacement::model).thenComparingInt(ReplicaPlacement::replica))
                .toList()) {
            onlyOn(placement.node());
            int count = replicas.merge(placement.model(), 1, Integer::sum);
            scale(placement.model(), count);
            await(
                    "an engine of " + placement.model() + " on " + placement.node(),
                    () -> bound(placement.model()) == count);
        }
        for (JsonNode node : items(NODES)) {
            cordon(node.path("metadata").path("name").asText(), false);
        }
        await("all engines to be ready", () -> pods().stream().allMatch(ModelDeployments::isReady));
        return replicas;
    }

    /** What the plan's own Deployment has, without what ties it to a place. */
    private static ObjectNode scalable(String model, ObjectNode planned) {
        ObjectNode deployment = planned.deepCopy();
        deployment.remove("status");
        ObjectNode metadata = deployment.putObject("metadata");
        metadata.put("name", of(model)).put("namespace", "default");
        ObjectNode spec = deployment.withObject("/spec");
        spec.put("replicas", 0);
        spec.withObject("/selector/matchLabels").removeAll().put(ENGINE, of(model));
        ObjectNode labels = spec.withObject("/template/metadata/labels");
        labels.remove("scepsy.dev/slot");
        labels.put(ENGINE, of(model));
        spec.withObject("/template/spec").remove("affinity");
        return deployment;
    }

    void scale(String model, int replicas) throws IOException {
        api.patch(DEPLOYMENTS + "/" + of(model) + "/scale", "{\"spec\": {\"replicas\": " + replicas + "}}");
    }

    /** Pods of engines, whatever state they are in. */
    List<JsonNode> pods() {
        try {
            return items(PODS + SERVING);
        } catch (IOException e) {
            throw new DemoFailure("The emulated cluster does not answer: " + e.getMessage());
        }
    }

    static boolean isReady(JsonNode pod) {
        return pod.at("/status/containerStatuses/0/ready").asBoolean()
                && !pod.path("metadata").has("deletionTimestamp");
    }

    static String modelOf(JsonNode pod) {
        return pod.path("metadata").path("labels").path(MODEL).asText();
    }

    private int bound(String model) {
        return (int) pods().stream()
                .filter(pod -> modelOf(pod).equals(model)
                        && !pod.path("spec").path("nodeName").asText().isEmpty())
                .count();
    }

    private void onlyOn(String wanted) throws IOException {
        for (JsonNode node : items(NODES)) {
            String name = node.path("metadata").path("name").asText();
            cordon(name, !name.equals(wanted));
        }
    }

    private void cordon(String node, boolean cordoned) throws IOException {
        api.patch(NODES + "/" + node, "{\"spec\": {\"unschedulable\": " + cordoned + "}}");
    }

    private List<JsonNode> items(String path) throws IOException {
        List<JsonNode> items = new ArrayList<>();
        api.get(path).path("items").forEach(items::add);
        return items;
    }

    private static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new DemoFailure("Waited in vain for " + what + ".");
            }
            LockSupport.parkNanos(50_000_000);
        }
    }
}
