package dev.scepsy.samples.cluster.control;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.scepsy.samples.cluster.api.Selector;

/** Whether a pod accepts a node: its node selector and its required node affinity. */
final class NodeAffinity {
    private NodeAffinity() {}

    static boolean matches(JsonNode podSpec, ObjectNode node) {
        if (!Selector.ofMap(podSpec.path("nodeSelector")).test(node)) {
            return false;
        }
        JsonNode terms =
                podSpec.at("/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution/nodeSelectorTerms");
        if (terms.isEmpty()) {
            return true;
        }
        for (JsonNode term : terms) {
            if (Selector.of(term).test(node)
                    && Selector.of(fieldsAsLabels(term)).test(nameAsLabel(node))) {
                return true;
            }
        }
        return false;
    }

    private static ObjectNode fieldsAsLabels(JsonNode term) {
        ObjectNode selector = JsonNodeFactory.instance.objectNode();
        if (term.has("matchFields")) {
            selector.set("matchExpressions", term.get("matchFields"));
        }
        return selector;
    }

    // The only field Kubernetes allows here is metadata.name.
    private static ObjectNode nameAsLabel(ObjectNode node) {
        ObjectNode named = JsonNodeFactory.instance.objectNode();
        named.withObject("/metadata/labels")
                .put("metadata.name", node.path("metadata").path("name").asText());
        return named;
    }
}
