package dev.scepsy.samples.cluster.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.zjsonpatch.JsonPatch;
import io.fabric8.zjsonpatch.JsonPatchException;
import java.util.ArrayList;
import java.util.List;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/** Reads bodies, and applies the three patch formats that know no field owners. Arguments are never modified. */
final class Patches {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String DIRECTIVE = "$patch";

    private final FieldSchema schema;

    Patches(FieldSchema schema) {
        this.schema = schema;
    }

    /** A JSON or YAML document that must be an object. */
    static ObjectNode readObject(String body) {
        if (read(body) instanceof ObjectNode object) {
            return object;
        }
        throw ApiFailure.badRequest("the body must be one JSON or YAML object");
    }

    static JsonNode read(String body) {
        String trimmed = body.stripLeading();
        try {
            if (trimmed.startsWith("{") || trimmed.startsWith("[")) {
                return JSON.readTree(body);
            }
            Object loaded = new Load(LoadSettings.builder().build()).loadFromString(body);
            return JSON.readTree(JSON.writeValueAsString(loaded));
        } catch (JsonProcessingException | YamlEngineException e) {
            throw ApiFailure.badRequest("the body cannot be read: " + e.getMessage());
        }
    }

    /** RFC 6902. */
    static ObjectNode jsonPatch(ObjectNode target, JsonNode operations) {
        try {
            JsonNode patched = JsonPatch.apply(operations, target.deepCopy());
            if (patched instanceof ObjectNode object) {
                return object;
            }
        } catch (JsonPatchException e) {
            throw ApiFailure.badRequest("the JSON patch does not apply: " + e.getMessage());
        }
        throw ApiFailure.badRequest("the JSON patch must leave an object");
    }

    /** RFC 7386. */
    static ObjectNode mergePatch(ObjectNode target, ObjectNode patch) {
        ObjectNode merged = target.deepCopy();
        patch.properties().forEach(entry -> {
            JsonNode value = entry.getValue();
            if (value.isNull()) {
                merged.remove(entry.getKey());
            } else if (value instanceof ObjectNode map) {
                ObjectNode base = merged.get(entry.getKey()) instanceof ObjectNode old
                        ? old
                        : JsonNodeFactory.instance.objectNode();
                merged.set(entry.getKey(), mergePatch(base, map));
            } else {
                merged.set(entry.getKey(), value.deepCopy());
            }
        });
        return merged;
    }

    /**
     * Kubernetes' strategic merge: maps deep, lists with a merge key by key, other lists replaced; directives
     * {@code $patch: delete|replace}, {@code $deleteFromPrimitiveList} and {@code $retainKeys} are honoured, element order
     * hints are not.
     */
    ObjectNode strategicMergePatch(ObjectNode target, ObjectNode patch) {
        return strategicMaps(target, patch, "");
    }

    private ObjectNode strategicMaps(ObjectNode target, ObjectNode patch, String place) {
        if (patch.path(DIRECTIVE).asText().equals("replace")) {
            return withoutDirectives(patch);
        }
        ObjectNode merged = target.deepCopy();
        if (patch.get("$retainKeys") instanceof ArrayNode retained) {
            List<String> names = new ArrayList<>();
            retained.forEach(name -> names.add(name.asText()));
            merged.retain(names);
        }
        patch.properties().forEach(entry -> {
            String field = entry.getKey();
            JsonNode value = entry.getValue();
            if (field.startsWith("$deleteFromPrimitiveList/")) {
                removeValues(merged, field.substring(field.indexOf('/') + 1), value);
            } else if (field.startsWith("$")) {
                return;
            } else if (value.isNull()) {
                merged.remove(field);
            } else {
                merged.set(field, strategicValue(merged.get(field), value, FieldSchema.below(place, field)));
            }
        });
        return merged;
    }

    private JsonNode strategicValue(JsonNode old, JsonNode value, String place) {
        if (value instanceof ObjectNode map) {
            ObjectNode base = old instanceof ObjectNode oldMap ? oldMap : JsonNodeFactory.instance.objectNode();
            return strategicMaps(base, map, place);
        }
        if (value instanceof ArrayNode list
                && old instanceof ArrayNode oldList
                && schema.listAt(place) instanceof FieldSchema.ListType.ByKey byKey) {
            return strategicLists(oldList, list, byKey, place);
        }
        return value.deepCopy();
    }

    // The merge key of a strategic patch is the first key of the structured list.
    private ArrayNode strategicLists(ArrayNode old, ArrayNode patch, FieldSchema.ListType.ByKey byKey, String place) {
        FieldSchema.ListType first =
                new FieldSchema.ListType.ByKey(List.of(byKey.keys().get(0)));
        for (JsonNode item : patch) {
            if (item.path(DIRECTIVE).asText().equals("replace")) {
                ArrayNode replaced = JsonNodeFactory.instance.arrayNode();
                patch.forEach(each -> {
                    if (!each.has(DIRECTIVE)) {
                        replaced.add(each.deepCopy());
                    }
                });
                return replaced;
            }
        }
        ArrayNode merged = JsonNodeFactory.instance.arrayNode();
        for (JsonNode item : old) {
            JsonNode change = FieldSet.find(patch, FieldSet.elementOf(item, first), first);
            if (change == null) {
                merged.add(item.deepCopy());
            } else if (!change.path(DIRECTIVE).asText().equals("delete")) {
                merged.add(strategicMaps((ObjectNode) item, (ObjectNode) change, place));
            }
        }
        for (JsonNode item : patch) {
            if (FieldSet.find(old, FieldSet.elementOf(item, first), first) == null && !item.has(DIRECTIVE)) {
                merged.add(item.deepCopy());
            }
        }
        return merged;
    }

    private static void removeValues(ObjectNode map, String field, JsonNode values) {
        if (map.get(field) instanceof ArrayNode list) {
            List<JsonNode> kept = new ArrayList<>();
            list.forEach(item -> {
                if (FieldSet.find(values, FieldSet.valueElement(item), new FieldSchema.ListType.AsSet()) == null) {
                    kept.add(item);
                }
            });
            map.putArray(field).addAll(kept);
        }
    }

    private static ObjectNode withoutDirectives(ObjectNode patch) {
        ObjectNode plain = patch.deepCopy();
        plain.remove(DIRECTIVE);
        return plain;
    }
}
