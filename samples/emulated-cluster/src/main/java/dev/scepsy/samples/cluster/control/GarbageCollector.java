package dev.scepsy.samples.cluster.control;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.scepsy.samples.cluster.api.DeleteOptions;
import dev.scepsy.samples.cluster.api.ResourceKind;
import dev.scepsy.samples.cluster.api.Resources;
import java.util.HashSet;
import java.util.Set;

/** Deletes objects whose owner is gone, or goes after them, and lets owners go that waited for their dependents. */
final class GarbageCollector {
    private static final String FOREGROUND = "foregroundDeletion";

    private final Resources resources;

    GarbageCollector(Resources resources) {
        this.resources = resources;
    }

    void reconcile() {
        Set<String> living = new HashSet<>();
        Set<String> leaving = new HashSet<>();
        for (ResourceKind kind : ResourceKind.ALL) {
            for (ObjectNode object : resources.store().list(kind)) {
                (waitsForDependents(object) ? leaving : living)
                        .add(object.path("metadata").path("uid").asText());
            }
        }
        Set<String> stillOwned = new HashSet<>();
        for (ResourceKind kind : ResourceKind.ALL) {
            for (ObjectNode object : resources.store().list(kind)) {
                for (JsonNode reference : object.path("metadata").path("ownerReferences")) {
                    String owner = reference.path("uid").asText();
                    stillOwned.add(owner);
                    if (!living.contains(owner) && !object.path("metadata").has("deletionTimestamp")) {
                        resources.delete(
                                kind,
                                object.path("metadata").path("namespace").asText(""),
                                object.path("metadata").path("name").asText(),
                                DeleteOptions.background());
                    }
                }
            }
        }
        leaving.removeAll(stillOwned);
        leaving.forEach(this::release);
    }

    private void release(String uid) {
        for (ObjectNode object : resources.store().list(ResourceKind.DEPLOYMENT)) {
            if (object.path("metadata").path("uid").asText().equals(uid)) {
                resources.edit(
                        ResourceKind.DEPLOYMENT,
                        object,
                        Resources.Part.WHOLE,
                        "garbage-collector",
                        next -> next.withObject("/metadata").remove("finalizers"));
            }
        }
    }

    private static boolean waitsForDependents(ObjectNode object) {
        for (JsonNode finalizer : object.path("metadata").path("finalizers")) {
            if (finalizer.asText().equals(FOREGROUND)) {
                return object.path("metadata").has("deletionTimestamp");
            }
        }
        return false;
    }
}
