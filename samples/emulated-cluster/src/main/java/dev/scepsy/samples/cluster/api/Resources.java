package dev.scepsy.samples.cluster.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The one way to change objects, for HTTP requests and controllers alike: defaults, validation, optimistic concurrency,
 * field ownership, generation, deletion with grace and finalizers. Confined to the event loop.
 */
public final class Resources {
    private final ObjectStore store;
    private final InstantSource clock;
    private final FieldSchema schema = new FieldSchema();
    private final StructuredMerge merge = new StructuredMerge(schema);
    private final Deletion deletion = new Deletion(this);
    private final Admission admission;
    private long namesGenerated;

    /** Which part of an object a request writes. */
    public enum Part {
        WHOLE(""),
        STATUS("status"),
        SCALE("scale");

        private final String subresource;

        Part(String subresource) {
            this.subresource = subresource;
        }

        String subresource() {
            return subresource;
        }
    }

    /** An object as stored, and whether the request created it. */
    record Written(ObjectNode object, boolean created) {}

    public Resources(ObjectStore store, InstantSource clock) {
        this.store = store;
        this.clock = clock;
        this.admission = new Admission(store);
    }

    public ObjectStore store() {
        return store;
    }

    Admission admission() {
        return admission;
    }

    FieldSchema schema() {
        return schema;
    }

    /** The time as objects carry it. */
    public String timestamp() {
        return timestampIn(0);
    }

    String timestampIn(int seconds) {
        return clock.instant()
                .truncatedTo(ChronoUnit.SECONDS)
                .plusSeconds(seconds)
                .toString();
    }

    /** @throws ApiFailure 404 */
    public ObjectNode require(ResourceKind kind, String namespace, String name) {
        ObjectNode object = store.get(kind, namespace, name);
        if (object == null) {
            throw ApiFailure.notFound(kind, name);
        }
        return object;
    }

    /** @throws ApiFailure 400, 403 (admission), 404 (namespace), 409 or 422 */
    public ObjectNode create(ResourceKind kind, String namespace, ObjectNode body, WriteOptions options) {
        ObjectNode object = body.deepCopy();
        RequestChecks.identity(kind, namespace, null, object);
        ObjectNode metadata = object.withObject("/metadata");
        if (!metadata.has("name") && metadata.has("generateName")) {
            metadata.put("name", metadata.path("generateName").asText() + generatedSuffix());
        }
        String name = metadata.path("name").asText();
        if (store.get(kind, namespace, name) != null) {
            throw ApiFailure.alreadyExists(kind, name);
        }
        if (kind.hasStatus() && !kind.equals(ResourceKind.NODE)) {
            object.remove("status");
        }
        if (kind.equals(ResourceKind.POD)) {
            admission.check(namespace, object);
        }
        return insert(kind, namespace, object, options, ManagedFields.UPDATE, null);
    }

    /** PUT: the object becomes {@code body}. @throws ApiFailure 404, 409 or 422 */
    ObjectNode replace(
            ResourceKind kind, String namespace, String name, ObjectNode body, Part part, WriteOptions options) {
        ObjectNode live = require(kind, namespace, name);
        RequestChecks.identity(kind, namespace, name, body);
        RequestChecks.version(kind, live, body);
        return update(kind, live, body.deepCopy(), part, options);
    }

    /** Non-apply PATCH: {@code change} makes the new object from the live one. */
    ObjectNode patch(
            ResourceKind kind,
            String namespace,
            String name,
            UnaryOperator<ObjectNode> change,
            Part part,
            WriteOptions options) {
        ObjectNode live = require(kind, namespace, name);
        ObjectNode next = change.apply(live);
        RequestChecks.identity(kind, namespace, name, next);
        RequestChecks.version(kind, live, next);
        return update(kind, live, next, part, options);
    }

    /** A controller's write: {@code change} edits a copy of the live object; nothing happens when it is gone. */
    public void edit(ResourceKind kind, ObjectNode object, Part part, String manager, Consumer<ObjectNode> change) {
        ObjectNode metadata = object.withObject("/metadata");
        ObjectNode live = store.get(
                kind,
                metadata.path("namespace").asText(""),
                metadata.path("name").asText());
        if (live != null && live.path("metadata").path("uid").equals(metadata.path("uid"))) {
            ObjectNode next = live.deepCopy();
            change.accept(next);
            // Controllers look at everything whenever anything changes: mostly there is nothing to do.
            if (!next.equals(live)) {
                update(kind, live, next, part, WriteOptions.by(manager));
            }
        }
    }

    /** Server-side apply. @throws ApiFailure 400, 409 or 422 */
    Written apply(ResourceKind kind, String namespace, String name, ObjectNode body, Part part, WriteOptions options) {
        RequestChecks.identity(kind, namespace, name, body);
        if (!body.path("metadata").path("managedFields").isEmpty()) {
            throw ApiFailure.badRequest("metadata.managedFields must be nil");
        }
        ObjectNode applied = body.deepCopy();
        applied.withObject("/metadata").put("name", name);
        if (kind.namespaced()) {
            applied.withObject("/metadata").put("namespace", namespace);
        }
        if (kind.hasStatus() && part == Part.WHOLE) {
            applied.remove("status");
        }
        FieldSet wanted = FieldSet.of(applied, schema).ownable();
        ObjectNode live = store.get(kind, namespace, name);
        if (live == null) {
            if (part != Part.WHOLE) {
                throw ApiFailure.notFound(kind, name);
            }
            if (body.path("metadata").has("resourceVersion")) {
                throw ApiFailure.modified(kind, name);
            }
            return new Written(insert(kind, namespace, applied, options, ManagedFields.APPLY, wanted), true);
        }
        RequestChecks.version(kind, live, body);
        var owner = new ManagedFields.Owner(options.manager(), ManagedFields.APPLY, part.subresource());
        ManagedFields managed = ManagedFields.of(live);
        ObjectNode merged = merge.merge(live, applied);
        FieldSet changed = FieldSet.changed(live, merged, schema).ownable();
        Map<ManagedFields.Owner, FieldSet> conflicts = managed.conflicts(owner, changed);
        if (!conflicts.isEmpty() && !options.force()) {
            throw managed.refusal(conflicts);
        }
        ObjectNode next = merge.prune(merged, managed.fieldsOf(owner), wanted, managed.fieldsOfOthers(owner));
        complete(kind, live, next);
        FieldSet lost = changed.union(FieldSet.of(live, schema).minus(FieldSet.of(next, schema)));
        managed.with(owner, wanted, lost, kind.apiVersion(), timestamp()).writeTo(next);
        return new Written(store(kind, live, next, options.dryRun()), false);
    }

    /** @return the object as it is now, terminating or gone @throws ApiFailure 404 or 409 */
    public ObjectNode delete(ResourceKind kind, String namespace, String name, DeleteOptions options) {
        return deletion.delete(kind, require(kind, namespace, name), options);
    }

    /** Removes an object for good: its kubelet, or whoever waited on it, is done. */
    public void remove(ResourceKind kind, ObjectNode object) {
        store.remove(kind, object);
    }

    private ObjectNode insert(
            ResourceKind kind,
            String namespace,
            ObjectNode object,
            WriteOptions options,
            String operation,
            @Nullable FieldSet applied) {
        if (kind.namespaced() && store.get(ResourceKind.NAMESPACE, "", namespace) == null) {
            throw ApiFailure.notFound(ResourceKind.NAMESPACE, namespace);
        }
        ObjectNode metadata = object.withObject("/metadata");
        if (kind.namespaced()) {
            metadata.put("namespace", namespace);
        }
        metadata.remove("resourceVersion");
        metadata.remove("managedFields");
        metadata.remove("deletionTimestamp");
        metadata.put("uid", UUID.randomUUID().toString());
        metadata.put("creationTimestamp", timestamp());
        if (kind.equals(ResourceKind.DEPLOYMENT)) {
            metadata.put("generation", 1);
        }
        object.put("apiVersion", kind.apiVersion()).put("kind", kind.kind());
        Defaults.fill(kind, object);
        Validation.check(kind, null, object);
        FieldSet fields = applied == null
                ? FieldSet.of(object, schema)
                        .ownable()
                        .minus(FieldSet.of(object, schema).only("status"))
                : applied;
        new ManagedFields(Map.of())
                .with(
                        new ManagedFields.Owner(options.manager(), operation, ""),
                        fields,
                        FieldSet.empty(),
                        kind.apiVersion(),
                        timestamp())
                .writeTo(object);
        if (!options.dryRun()) {
            store.put(kind, object);
        }
        return object;
    }

    private ObjectNode update(ResourceKind kind, ObjectNode live, ObjectNode wanted, Part part, WriteOptions options) {
        ObjectNode next = wanted;
        if (kind.hasStatus()) {
            // Each of the two doors writes its own half and keeps the other as it is.
            ObjectNode base = part == Part.STATUS ? live.deepCopy() : wanted;
            ObjectNode statusFrom = part == Part.STATUS ? wanted : live;
            base.remove("status");
            if (statusFrom.has("status")) {
                base.set("status", statusFrom.get("status"));
            }
            next = base;
        }
        complete(kind, live, next);
        var owner = new ManagedFields.Owner(options.manager(), ManagedFields.UPDATE, part.subresource());
        ManagedFields managed = ManagedFields.of(live);
        FieldSet changed = FieldSet.changed(live, next, schema).ownable();
        FieldSet removed = FieldSet.of(live, schema).minus(FieldSet.of(next, schema));
        FieldSet fields = managed.fieldsOf(owner).union(changed).minus(removed);
        managed.with(owner, fields, changed.union(removed), kind.apiVersion(), timestamp())
                .writeTo(next);
        return store(kind, live, next, options.dryRun());
    }

    /** What the server decides, whatever the request says: identity, defaults, generation. */
    private void complete(ResourceKind kind, ObjectNode live, ObjectNode next) {
        ObjectNode metadata = next.withObject("/metadata");
        for (String field : new String[] {
            "name",
            "namespace",
            "uid",
            "creationTimestamp",
            "resourceVersion",
            "generation",
            "deletionTimestamp",
            "deletionGracePeriodSeconds"
        }) {
            metadata.remove(field);
            if (live.path("metadata").has(field)) {
                metadata.set(field, live.path("metadata").get(field));
            }
        }
        next.put("apiVersion", kind.apiVersion()).put("kind", kind.kind());
        Defaults.fill(kind, next);
        Validation.check(kind, live, next);
        if (kind.equals(ResourceKind.DEPLOYMENT) && !Objects.equals(live.get("spec"), next.get("spec"))) {
            metadata.put("generation", live.path("metadata").path("generation").asInt() + 1);
        }
    }

    /** Stores the next version of an object, or lets it go if that is all it waited for. */
    ObjectNode store(ResourceKind kind, ObjectNode live, ObjectNode next, boolean dryRun) {
        if (dryRun || next.equals(live)) {
            return next;
        }
        boolean finished = next.path("metadata").has("deletionTimestamp")
                && next.path("metadata").path("finalizers").isEmpty()
                && !kind.equals(ResourceKind.POD);
        if (finished) {
            store.remove(kind, live);
        } else {
            store.put(kind, next);
        }
        return next;
    }

    /** Five letters and digits as Kubernetes appends them, different each time. */
    public String generatedSuffix() {
        long scrambled = (++namesGenerated * 0x9E3779B97F4A7C15L) >>> 1;
        StringBuilder suffix = new StringBuilder();
        for (int i = 0; i < 5; i++) {
            suffix.append("bcdfghjklmnpqrstvwxz2456789".charAt((int) (scrambled % 27)));
            scrambled /= 27;
        }
        return suffix.toString();
    }
}
