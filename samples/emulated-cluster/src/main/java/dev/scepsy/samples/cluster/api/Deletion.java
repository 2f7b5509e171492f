package dev.scepsy.samples.cluster.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Lets objects go: at once, after a grace period, or when their finalizers are done. */
final class Deletion {
    private static final String FOREGROUND_FINALIZER = "foregroundDeletion";
    private static final int DEFAULT_GRACE_SECONDS = 30;

    private final Resources resources;

    Deletion(Resources resources) {
        this.resources = resources;
    }

    /** @return the object as it is now, terminating or gone @throws ApiFailure 409 */
    ObjectNode delete(ResourceKind kind, ObjectNode live, DeleteOptions options) {
        RequestChecks.preconditions(kind, live, options);
        if (options.dryRun()) {
            return live;
        }
        ObjectNode next = live.deepCopy();
        if (options.propagation() == DeleteOptions.Propagation.ORPHAN) {
            releaseDependents(live.path("metadata").path("uid").asText());
        } else if (options.propagation() == DeleteOptions.Propagation.FOREGROUND
                && kind.equals(ResourceKind.DEPLOYMENT)) {
            next.withObject("/metadata").withArray("finalizers").add(FOREGROUND_FINALIZER);
        }
        int graceSeconds = graceSeconds(kind, live, options);
        if (graceSeconds == 0 && next.path("metadata").path("finalizers").isEmpty()) {
            resources.remove(kind, live);
            return live;
        }
        markTerminating(kind, next.withObject("/metadata"), graceSeconds);
        return resources.store(kind, live, next, false);
    }

    private static int graceSeconds(ResourceKind kind, ObjectNode live, DeleteOptions options) {
        boolean running = kind.equals(ResourceKind.POD) && live.path("spec").has("nodeName");
        int own = live.path("spec").path("terminationGracePeriodSeconds").asInt(DEFAULT_GRACE_SECONDS);
        return running ? options.gracePeriodSeconds().orElse(own) : 0;
    }

    // A second deletion may shorten the grace, never lengthen it.
    private void markTerminating(ResourceKind kind, ObjectNode metadata, int graceSeconds) {
        boolean shorter =
                graceSeconds < metadata.path("deletionGracePeriodSeconds").asInt(Integer.MAX_VALUE);
        if (metadata.has("deletionTimestamp") && !shorter) {
            return;
        }
        metadata.put("deletionTimestamp", resources.timestampIn(graceSeconds));
        metadata.put("deletionGracePeriodSeconds", graceSeconds);
        if (kind.equals(ResourceKind.DEPLOYMENT)) {
            metadata.put("generation", metadata.path("generation").asInt() + 1);
        }
    }

    /** The object stops owning anything; garbage collection leaves its dependents alone. */
    private void releaseDependents(String ownerUid) {
        for (ResourceKind kind : ResourceKind.ALL) {
            for (ObjectNode object : resources.store().list(kind)) {
                for (JsonNode reference : object.path("metadata").path("ownerReferences")) {
                    if (reference.path("uid").asText().equals(ownerUid)) {
                        resources.edit(
                                kind,
                                object,
                                Resources.Part.WHOLE,
                                "garbage-collector",
                                next -> next.withObject("/metadata").remove("ownerReferences"));
                    }
                }
            }
        }
    }
}
