package dev.scepsy.samples.cluster.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * All objects with their versions, and the most recent changes for watchers that come late. An object in the store is
 * never modified: writers put a new one. Confined to the event loop.
 */
public final class ObjectStore {
    /** Changes kept for watches that start at an older resource version; older ones answer 410. */
    static final int KEPT_CHANGES = 1024;

    /** What happened to an object. */
    public enum ChangeType {
        ADDED,
        MODIFIED,
        DELETED
    }

    /** One change; {@code previous} is null for {@code ADDED}. */
    public record Change(
            long resourceVersion,
            ChangeType type,
            ResourceKind kind,
            @Nullable ObjectNode previous,
            ObjectNode object) {}

    private record Key(String namespace, String name) implements Comparable<Key> {
        @Override
        public int compareTo(Key other) {
            int byNamespace = namespace.compareTo(other.namespace);
            return byNamespace != 0 ? byNamespace : name.compareTo(other.name);
        }
    }

    private final Map<ResourceKind, TreeMap<Key, ObjectNode>> objects = new HashMap<>();
    private final ArrayDeque<Change> changes = new ArrayDeque<>();
    private final List<Consumer<Change>> listeners = new ArrayList<>();
    private long resourceVersion = 1;

    public ObjectStore() {
        ResourceKind.ALL.forEach(kind -> objects.put(kind, new TreeMap<>()));
    }

    /** Version of the newest change. */
    public long resourceVersion() {
        return resourceVersion;
    }

    /** The object, or null. Callers copy before they change it. */
    public @Nullable ObjectNode get(ResourceKind kind, String namespace, String name) {
        return of(kind).get(new Key(namespace, name));
    }

    /** All objects of a kind, by namespace and name. */
    public Collection<ObjectNode> list(ResourceKind kind) {
        return new ArrayList<>(of(kind).values());
    }

    /** Listeners are called in the order of registration, after the store holds the change. */
    public Runnable listen(Consumer<Change> listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    /** Stores {@code object}, which the store owns from now on, under the next version. */
    void put(ResourceKind kind, ObjectNode object) {
        Key key = key(object);
        resourceVersion++;
        object.withObject("/metadata").put("resourceVersion", Long.toString(resourceVersion));
        ObjectNode previous = of(kind).put(key, object);
        publish(new Change(
                resourceVersion, previous == null ? ChangeType.ADDED : ChangeType.MODIFIED, kind, previous, object));
    }

    void remove(ResourceKind kind, ObjectNode object) {
        ObjectNode previous = of(kind).remove(key(object));
        if (previous == null) {
            return;
        }
        resourceVersion++;
        ObjectNode last = previous.deepCopy();
        last.withObject("/metadata").put("resourceVersion", Long.toString(resourceVersion));
        publish(new Change(resourceVersion, ChangeType.DELETED, kind, previous, last));
    }

    /**
     * Changes after a version, oldest first.
     *
     * @throws ApiFailure 410 when some of them are no longer kept
     */
    List<Change> changesAfter(long version) {
        Change oldest = changes.peekFirst();
        if (oldest != null && changes.size() >= KEPT_CHANGES && version + 1 < oldest.resourceVersion()) {
            throw ApiFailure.expired(oldest.resourceVersion());
        }
        return changes.stream()
                .filter(change -> change.resourceVersion() > version)
                .toList();
    }

    private void publish(Change change) {
        if (changes.size() >= KEPT_CHANGES) {
            changes.removeFirst();
        }
        changes.addLast(change);
        List.copyOf(listeners).forEach(listener -> listener.accept(change));
    }

    private TreeMap<Key, ObjectNode> of(ResourceKind kind) {
        TreeMap<Key, ObjectNode> ofKind = objects.get(kind);
        if (ofKind == null) {
            throw new IllegalArgumentException("The kind (" + kind.kind() + ") is not served.");
        }
        return ofKind;
    }

    private static Key key(ObjectNode object) {
        return new Key(
                object.path("metadata").path("namespace").asText(""),
                object.path("metadata").path("name").asText());
    }
}
