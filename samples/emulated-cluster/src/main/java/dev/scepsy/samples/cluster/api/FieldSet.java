package dev.scepsy.samples.cluster.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A set of field paths, as a tree whose edges are path elements in the notation of {@code FieldsV1}: {@code f:name} for a
 * field, {@code k:{...}} for a list element by key, {@code v:...} for an element of a set. A node that is a member stands
 * for the path that leads to it.
 *
 * <p>The rules are those of structured-merge-diff: scalars, atomic values, empty maps and keyed list elements are members.
 * Instances do not change once the factory methods have returned them.
 */
final class FieldSet {
    private static final ObjectMapper JSON = new ObjectMapper();

    private boolean member;
    private final TreeMap<String, FieldSet> children = new TreeMap<>();

    static FieldSet empty() {
        return new FieldSet();
    }

    /** All paths of a value. */
    static FieldSet of(JsonNode value, FieldSchema schema) {
        FieldSet set = new FieldSet();
        collect(value, "", schema, set);
        return set;
    }

    /** Paths of {@code after} whose value {@code before} does not have: added and modified fields. */
    static FieldSet changed(JsonNode before, JsonNode after, FieldSchema schema) {
        FieldSet set = new FieldSet();
        collectChanged(before, after, "", schema, set);
        return set;
    }

    static FieldSet fromJson(JsonNode fieldsV1) {
        FieldSet set = new FieldSet();
        if (fieldsV1.isEmpty()) {
            set.member = true;
        }
        fieldsV1.properties().forEach(entry -> {
            if (entry.getKey().equals(".")) {
                set.member = true;
            } else {
                set.children.put(entry.getKey(), fromJson(entry.getValue()));
            }
        });
        return set;
    }

    ObjectNode toJson() {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        if (member && !children.isEmpty()) {
            node.putObject(".");
        }
        children.forEach((element, child) -> node.set(element, child.toJson()));
        return node;
    }

    boolean isEmpty() {
        return !member && children.isEmpty();
    }

    @Nullable
    FieldSet child(String element) {
        return children.get(element);
    }

    boolean isMember() {
        return member;
    }

    Map<String, FieldSet> children() {
        return children;
    }

    FieldSet union(FieldSet other) {
        FieldSet result = new FieldSet();
        result.member = member || other.member;
        result.children.putAll(children);
        other.children.forEach((element, child) -> result.children.merge(element, child, FieldSet::union));
        return result;
    }

    FieldSet minus(FieldSet other) {
        FieldSet result = new FieldSet();
        result.member = member && !other.member;
        children.forEach((element, child) -> {
            FieldSet otherChild = other.children.get(element);
            FieldSet rest = otherChild == null ? child : child.minus(otherChild);
            if (!rest.isEmpty()) {
                result.children.put(element, rest);
            }
        });
        return result;
    }

    FieldSet intersect(FieldSet other) {
        FieldSet result = new FieldSet();
        result.member = member && other.member;
        children.forEach((element, child) -> {
            FieldSet otherChild = other.children.get(element);
            if (otherChild != null) {
                FieldSet common = child.intersect(otherChild);
                if (!common.isEmpty()) {
                    result.children.put(element, common);
                }
            }
        });
        return result;
    }

    /** A copy without the subtree at a path of plain fields. */
    FieldSet without(String... fields) {
        FieldSet hole = new FieldSet();
        FieldSet at = hole;
        FieldSet here = this;
        for (String field : fields) {
            FieldSet next = here.children.get("f:" + field);
            if (next == null) {
                return this;
            }
            FieldSet nextHole = new FieldSet();
            at.children.put("f:" + field, nextHole);
            at = nextHole;
            here = next;
        }
        at.member = here.member;
        at.children.putAll(here.children);
        return minus(hole);
    }

    /** Without what the server decides, which nobody owns: identity, versions, times. */
    FieldSet ownable() {
        FieldSet fields = without("apiVersion").without("kind");
        for (String field : new String[] {
            "name",
            "namespace",
            "uid",
            "resourceVersion",
            "generation",
            "creationTimestamp",
            "managedFields",
            "deletionTimestamp",
            "deletionGracePeriodSeconds",
            "selfLink",
            "generateName"
        }) {
            fields = fields.without("metadata", field);
        }
        FieldSet metadata = fields.child("f:metadata");
        return metadata != null && metadata.children().isEmpty() ? fields.without("metadata") : fields;
    }

    /** Only the subtree below one top-level field. */
    FieldSet only(String field) {
        FieldSet result = new FieldSet();
        FieldSet child = children.get("f:" + field);
        if (child != null) {
            result.children.put("f:" + field, child);
        }
        return result;
    }

    /** Every member's path, as messages write it: {@code .spec.containers[name="engine"].image}. */
    List<String> paths() {
        List<String> paths = new ArrayList<>();
        collectPaths("", paths);
        return paths;
    }

    private void collectPaths(String prefix, List<String> into) {
        if (member) {
            into.add(prefix);
        }
        children.forEach((element, child) -> child.collectPaths(prefix + readable(element), into));
    }

    private static String readable(String element) {
        String rest = element.substring(2);
        if (element.startsWith("f:")) {
            return "." + rest;
        }
        if (element.startsWith("v:")) {
            return "[=" + rest + "]";
        }
        try {
            List<String> keys = new ArrayList<>();
            JSON.readTree(rest).properties().forEach(entry -> keys.add(entry.getKey() + "=" + entry.getValue()));
            return "[" + String.join(",", keys) + "]";
        } catch (JsonProcessingException e) {
            return "[" + rest + "]";
        }
    }

    /** {@code k:{...}} of a list element, keys in name order. */
    static String keyElement(JsonNode item, List<String> keys) {
        ObjectNode values = JsonNodeFactory.instance.objectNode();
        keys.stream().sorted().forEach(key -> {
            JsonNode value = item.get(key);
            if (value != null) {
                values.set(key, value);
            } else if (!FieldSchema.keyDefault(key).isEmpty()) {
                values.put(key, FieldSchema.keyDefault(key));
            }
        });
        return "k:" + values;
    }

    static String valueElement(JsonNode item) {
        return "v:" + item;
    }

    /** The element of a keyed list or set that a path element names, or null. */
    static @Nullable JsonNode find(JsonNode list, String element, FieldSchema.ListType type) {
        for (JsonNode item : list) {
            if (elementOf(item, type).equals(element)) {
                return item;
            }
        }
        return null;
    }

    static String elementOf(JsonNode item, FieldSchema.ListType type) {
        return type instanceof FieldSchema.ListType.ByKey byKey ? keyElement(item, byKey.keys()) : valueElement(item);
    }

    private static void collect(JsonNode value, String place, FieldSchema schema, FieldSet into) {
        if (value.isObject() && !value.isEmpty() && !schema.isAtomicMap(place)) {
            value.properties().forEach(entry -> {
                FieldSet child = new FieldSet();
                collect(entry.getValue(), FieldSchema.below(place, entry.getKey()), schema, child);
                into.children.put("f:" + entry.getKey(), child);
            });
        } else if (value.isArray() && !(schema.listAt(place) instanceof FieldSchema.ListType.Atomic)) {
            FieldSchema.ListType type = schema.listAt(place);
            for (JsonNode item : value) {
                FieldSet child = new FieldSet();
                if (type instanceof FieldSchema.ListType.ByKey) {
                    collect(item, place, schema, child);
                }
                child.member = true;
                into.children.put(elementOf(item, type), child);
            }
            into.member = value.isEmpty();
        } else {
            into.member = true;
        }
    }

    private static void collectChanged(
            @Nullable JsonNode before, JsonNode after, String place, FieldSchema schema, FieldSet into) {
        if (before == null || before.getNodeType() != after.getNodeType()) {
            collect(after, place, schema, into);
        } else if (before.equals(after)) {
            return;
        } else if (after.isObject() && !after.isEmpty() && !schema.isAtomicMap(place)) {
            after.properties().forEach(entry -> {
                FieldSet child = new FieldSet();
                collectChanged(
                        before.get(entry.getKey()),
                        entry.getValue(),
                        FieldSchema.below(place, entry.getKey()),
                        schema,
                        child);
                if (!child.isEmpty()) {
                    into.children.put("f:" + entry.getKey(), child);
                }
            });
        } else if (after.isArray() && !(schema.listAt(place) instanceof FieldSchema.ListType.Atomic)) {
            FieldSchema.ListType type = schema.listAt(place);
            for (JsonNode item : after) {
                String element = elementOf(item, type);
                JsonNode old = find(before, element, type);
                FieldSet child = new FieldSet();
                if (old == null) {
                    if (type instanceof FieldSchema.ListType.ByKey) {
                        collect(item, place, schema, child);
                    }
                    child.member = true;
                } else if (type instanceof FieldSchema.ListType.ByKey) {
                    collectChanged(old, item, place, schema, child);
                }
                if (!child.isEmpty()) {
                    into.children.put(element, child);
                }
            }
        } else {
            into.member = true;
        }
    }
}
