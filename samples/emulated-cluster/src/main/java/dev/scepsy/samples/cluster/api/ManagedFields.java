package dev.scepsy.samples.cluster.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Who owns which field: the content of {@code metadata.managedFields}. Immutable.
 *
 * @param owners one entry per manager, operation and subresource, with its fields
 */
record ManagedFields(Map<Owner, Entry> owners) {

    static final String APPLY = "Apply";
    static final String UPDATE = "Update";

    /** @param subresource empty for the object itself */
    record Owner(String manager, String operation, String subresource) {}

    record Entry(String apiVersion, String time, FieldSet fields) {}

    ManagedFields {
        owners = Collections.unmodifiableMap(new LinkedHashMap<>(owners));
    }

    static ManagedFields of(JsonNode object) {
        Map<Owner, Entry> owners = new LinkedHashMap<>();
        for (JsonNode entry : object.path("metadata").path("managedFields")) {
            owners.put(
                    new Owner(
                            entry.path("manager").asText(),
                            entry.path("operation").asText(),
                            entry.path("subresource").asText("")),
                    new Entry(
                            entry.path("apiVersion").asText(),
                            entry.path("time").asText(),
                            FieldSet.fromJson(entry.path("fieldsV1"))));
        }
        return new ManagedFields(owners);
    }

    FieldSet fieldsOf(Owner owner) {
        Entry entry = owners.get(owner);
        return entry == null ? FieldSet.empty() : entry.fields();
    }

    /** What everybody but {@code owner} owns. */
    FieldSet fieldsOfOthers(Owner owner) {
        FieldSet all = FieldSet.empty();
        for (Map.Entry<Owner, Entry> each : owners.entrySet()) {
            if (!each.getKey().equals(owner)) {
                all = all.union(each.getValue().fields());
            }
        }
        return all;
    }

    /** Ownership after {@code owner} has taken exactly {@code fields} and nobody else holds {@code lost}. */
    ManagedFields with(Owner owner, FieldSet fields, FieldSet lost, String apiVersion, String time) {
        Map<Owner, Entry> next = new LinkedHashMap<>();
        owners.forEach((each, entry) -> {
            FieldSet kept = each.equals(owner) ? fields : entry.fields().minus(lost);
            if (!kept.isEmpty()) {
                boolean same = kept.toJson().equals(entry.fields().toJson());
                next.put(each, same ? entry : new Entry(apiVersion, time, kept));
            }
        });
        if (!owners.containsKey(owner) && !fields.isEmpty()) {
            next.put(owner, new Entry(apiVersion, time, fields));
        }
        return new ManagedFields(next);
    }

    void writeTo(ObjectNode object) {
        ObjectNode metadata = object.withObject("/metadata");
        metadata.remove("managedFields");
        if (owners.isEmpty()) {
            return;
        }
        var list = metadata.putArray("managedFields");
        owners.forEach((owner, entry) -> {
            ObjectNode item = list.addObject()
                    .put("manager", owner.manager())
                    .put("operation", owner.operation())
                    .put("apiVersion", entry.apiVersion())
                    .put("time", entry.time())
                    .put("fieldsType", "FieldsV1");
            item.set("fieldsV1", entry.fields().toJson());
            if (!owner.subresource().isEmpty()) {
                item.put("subresource", owner.subresource());
            }
        });
    }

    /** Fields of {@code wanted} that others own, by owner; empty when there is no conflict. */
    Map<Owner, FieldSet> conflicts(Owner owner, FieldSet wanted) {
        Map<Owner, FieldSet> conflicts = new LinkedHashMap<>();
        owners.forEach((each, entry) -> {
            FieldSet common = entry.fields().intersect(wanted);
            if (!each.equals(owner) && !common.isEmpty()) {
                conflicts.put(each, common);
            }
        });
        return conflicts;
    }

    /** The refusal that names every conflicting field and its owner, worded as Kubernetes words it. */
    ApiFailure refusal(Map<Owner, FieldSet> conflicts) {
        List<ApiFailure.Cause> causes = new ArrayList<>();
        Map<String, List<String>> fieldsByOwner = new TreeMap<>();
        conflicts.forEach((owner, fields) -> {
            Entry entry = owners.get(owner);
            String who = "\"" + owner.manager() + "\""
                    + (owner.subresource().isEmpty() ? "" : " with subresource \"" + owner.subresource() + "\"")
                    + (entry == null || owner.operation().equals(APPLY) ? "" : " using " + entry.apiVersion());
            for (String path : fields.paths()) {
                causes.add(new ApiFailure.Cause("FieldManagerConflict", "conflict with " + who, path));
                fieldsByOwner.computeIfAbsent(who, key -> new ArrayList<>()).add(path);
            }
        });
        String counted = "Apply failed with " + causes.size() + (causes.size() == 1 ? " conflict: " : " conflicts: ");
        String text = fieldsByOwner.entrySet().stream()
                .map(entry -> entry.getValue().size() == 1
                        ? "conflict with " + entry.getKey() + ": "
                                + entry.getValue().get(0)
                        : "conflicts with " + entry.getKey() + ":\n- " + String.join("\n- ", entry.getValue()))
                .collect(Collectors.joining("\n"));
        return ApiFailure.applyConflict(counted + text, causes);
    }
}
