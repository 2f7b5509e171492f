package dev.scepsy.samples.cluster.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.function.Predicate;

/** Whether the disruption budgets of a namespace let a pod be evicted, as the API server decides it. */
final class Disruption {

    private final Resources resources;

    Disruption(Resources resources) {
        this.resources = resources;
    }

    /** @throws ApiFailure 429 with the budget that forbids it */
    void check(String namespace, String name) {
        ObjectNode pod = resources.require(ResourceKind.POD, namespace, name);
        if (!isHealthy(pod)) {
            return;
        }
        for (ObjectNode budget : in(namespace, ResourceKind.DISRUPTION_BUDGET)) {
            Predicate<ObjectNode> selected =
                    Selector.ofMap(budget.path("spec").path("selector").path("matchLabels"));
            if (!selected.test(pod)) {
                continue;
            }
            long healthy = in(namespace, ResourceKind.POD).stream()
                    .filter(selected)
                    .filter(Disruption::isHealthy)
                    .count();
            int needed = budget.path("spec").path("minAvailable").asInt(0);
            if (healthy - 1 < needed) {
                throw ApiFailure.disruption(budget.path("metadata").path("name").asText(), needed, healthy);
            }
        }
    }

    private List<ObjectNode> in(String namespace, ResourceKind kind) {
        return resources.store().list(kind).stream()
                .filter(object ->
                        object.path("metadata").path("namespace").asText().equals(namespace))
                .toList();
    }

    private static boolean isHealthy(JsonNode pod) {
        for (JsonNode condition : pod.path("status").path("conditions")) {
            if (condition.path("type").asText().equals("Ready")) {
                return condition.path("status").asText().equals("True");
            }
        }
        return false;
    }
}
