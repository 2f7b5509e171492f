package dev.scepsy.samples.cluster.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The value side of server-side apply: lay an applied configuration over an object, and take away what its manager has
 * dropped. Follows structured-merge-diff; arguments are never modified.
 */
final class StructuredMerge {
    private final FieldSchema schema;

    StructuredMerge(FieldSchema schema) {
        this.schema = schema;
    }

    /** {@code live} with every field of {@code applied} laid over it. */
    ObjectNode merge(ObjectNode live, ObjectNode applied) {
        return mergeMaps(live, applied, "");
    }

    /**
     * {@code merged} without the fields in {@code last} that {@code now} lacks, except those in {@code others}: what a
     * manager applied before, applies no longer, and nobody else owns.
     */
    ObjectNode prune(ObjectNode merged, FieldSet last, FieldSet now, FieldSet others) {
        ObjectNode pruned = merged.deepCopy();
        pruneContainer(pruned, "", last, now, others);
        return pruned;
    }

    private JsonNode mergeValues(@Nullable JsonNode live, JsonNode applied, String place) {
        if (live instanceof ObjectNode liveMap && applied instanceof ObjectNode map && !schema.isAtomicMap(place)) {
            return mergeMaps(liveMap, map, place);
        }
        if (live instanceof ArrayNode liveList && applied instanceof ArrayNode list) {
            FieldSchema.ListType type = schema.listAt(place);
            if (!(type instanceof FieldSchema.ListType.Atomic)) {
                return mergeLists(liveList, list, type, place);
            }
        }
        return applied.deepCopy();
    }

    private ObjectNode mergeMaps(ObjectNode live, ObjectNode applied, String place) {
        ObjectNode merged = live.deepCopy();
        applied.properties().forEach(entry -> {
            if (!entry.getValue().isNull()) {
                merged.set(
                        entry.getKey(),
                        mergeValues(
                                live.get(entry.getKey()), entry.getValue(), FieldSchema.below(place, entry.getKey())));
            }
        });
        return merged;
    }

    // Live order first: a pod template must not change its hash because a manager lists its fields in another order.
    private ArrayNode mergeLists(ArrayNode live, ArrayNode applied, FieldSchema.ListType type, String place) {
        ArrayNode merged = JsonNodeFactory.instance.arrayNode();
        for (JsonNode item : live) {
            JsonNode match = FieldSet.find(applied, FieldSet.elementOf(item, type), type);
            merged.add(match == null ? item.deepCopy() : mergeValues(item, match, place));
        }
        for (JsonNode item : applied) {
            if (FieldSet.find(live, FieldSet.elementOf(item, type), type) == null) {
                merged.add(item.deepCopy());
            }
        }
        return merged;
    }

    private void pruneContainer(
            JsonNode container, String place, FieldSet last, @Nullable FieldSet now, @Nullable FieldSet others) {
        for (Map.Entry<String, FieldSet> entry : last.children().entrySet()) {
            String element = entry.getKey();
            JsonNode value = valueAt(container, element, place);
            if (value == null) {
                continue;
            }
            FieldSet nowChild = now == null ? null : now.child(element);
            FieldSet othersChild = others == null ? null : others.child(element);
            String below = element.startsWith("f:") ? FieldSchema.below(place, element.substring(2)) : place;
            if (nowChild == null && othersChild == null) {
                remove(container, element, place);
            } else if (value.isContainerNode() && !entry.getValue().children().isEmpty()) {
                pruneContainer(value, below, entry.getValue(), nowChild, othersChild);
            }
        }
    }

    private @Nullable JsonNode valueAt(JsonNode container, String element, String place) {
        return element.startsWith("f:")
                ? container.get(element.substring(2))
                : FieldSet.find(container, element, schema.listAt(place));
    }

    private void remove(JsonNode container, String element, String place) {
        if (container instanceof ObjectNode map) {
            map.remove(element.substring(2));
        } else if (container instanceof ArrayNode list) {
            FieldSchema.ListType type = schema.listAt(place);
            List<JsonNode> kept = new ArrayList<>();
            list.forEach(item -> {
                if (!FieldSet.elementOf(item, type).equals(element)) {
                    kept.add(item);
                }
            });
            list.removeAll().addAll(kept);
        }
    }
}
