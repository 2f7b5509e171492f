package dev.scepsy.planner.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/**
 * Kubernetes' strategic merge patch of a pod template: mappings are merged, a null deletes, lists whose items have a name are merged
 * item by item, other lists are replaced; {@code $patch: replace} and {@code $patch: delete} are honoured. Merge keys as in the
 * struct tags of {@code k8s.io/api/core/v1/types.go} (1.36). Pure.
 */
final class StrategicMerge {

    static final String DIRECTIVE = "$patch";

    /** List to the key of its items. */
    static final Map<String, String> MERGE_KEYS = Map.ofEntries(
            Map.entry("containers", "name"),
            Map.entry("initContainers", "name"),
            Map.entry("ephemeralContainers", "name"),
            Map.entry("volumes", "name"),
            Map.entry("imagePullSecrets", "name"),
            Map.entry("resourceClaims", "name"),
            Map.entry("schedulingGates", "name"),
            Map.entry("hostAliases", "ip"),
            Map.entry("topologySpreadConstraints", "topologyKey"),
            Map.entry("env", "name"),
            Map.entry("ports", "containerPort"),
            Map.entry("volumeMounts", "mountPath"),
            Map.entry("volumeDevices", "devicePath"));

    private StrategicMerge() {}

    /** {@code base} with {@code patch} merged in; neither is changed. */
    static ObjectNode merge(ObjectNode base, ObjectNode patch) {
        ObjectNode merged = base.deepCopy();
        if (patch.path(DIRECTIVE).asText().equals("replace")) {
            merged.removeAll();
        }
        patch.properties().forEach(entry -> {
            String key = entry.getKey();
            JsonNode value = entry.getValue();
            JsonNode old = merged.get(key);
            if (key.equals(DIRECTIVE)) {
                return;
            }
            if (value.isNull()) {
                merged.remove(key);
            } else if (value instanceof ObjectNode mapping) {
                if (mapping.path(DIRECTIVE).asText().equals("delete")) {
                    merged.remove(key);
                } else {
                    merged.set(key, merge(old instanceof ObjectNode before ? before : base.objectNode(), mapping));
                }
            } else if (value instanceof ArrayNode items && MERGE_KEYS.containsKey(key)) {
                merged.set(
                        key,
                        mergeItems(
                                old instanceof ArrayNode before ? before : base.arrayNode(),
                                items,
                                MERGE_KEYS.getOrDefault(key, "")));
            } else {
                merged.set(key, value.deepCopy());
            }
        });
        return merged;
    }

    private static ArrayNode mergeItems(ArrayNode base, ArrayNode patch, String mergeKey) {
        ArrayNode merged = base.deepCopy();
        for (JsonNode item : patch) {
            if (!(item instanceof ObjectNode mapping)) {
                continue;
            }
            if (mapping.path(DIRECTIVE).asText().equals("replace") && mapping.size() == 1) {
                merged.removeAll();
                continue;
            }
            int at = indexOf(merged, mergeKey, mapping.get(mergeKey));
            if (mapping.path(DIRECTIVE).asText().equals("delete")) {
                if (at >= 0) {
                    merged.remove(at);
                }
            } else if (at < 0) {
                merged.add(merge(base.objectNode(), mapping));
            } else if (merged.get(at) instanceof ObjectNode before) {
                merged.set(at, merge(before, mapping));
            }
        }
        return merged;
    }

    private static int indexOf(ArrayNode items, String key, JsonNode value) {
        for (int i = 0; i < items.size(); i++) {
            if (value != null && value.equals(items.get(i).get(key))) {
                return i;
            }
        }
        return -1;
    }
}
