package dev.scepsy.samples.cluster.api;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * One client's watch: turns the store's changes into events for the objects it selects. An object that starts or ceases
 * to match is added or deleted, as far as this watch can see.
 */
final class WatchStream implements AutoCloseable {
    private final ObjectStore store;
    private final Target target;
    private final Predicate<ObjectNode> selector;
    private final Consumer<ObjectNode> events;
    private final Runnable stopListening;

    /**
     * Sends what has happened since {@code resourceVersion} (empty or 0: every object there is, as added), then each change
     * as it happens.
     *
     * @param events receives complete watch events
     */
    WatchStream(
            ObjectStore store,
            Target target,
            Predicate<ObjectNode> selector,
            String resourceVersion,
            Consumer<ObjectNode> events) {
        this.store = store;
        this.target = target;
        this.selector = selector;
        this.events = events;
        this.stopListening = store.listen(this::offer);
        if (resourceVersion.isEmpty() || resourceVersion.equals("0")) {
            ObjectList.matching(store, target, selector).forEach(object -> send("ADDED", object));
        } else {
            replay(resourceVersion);
        }
    }

    private void replay(String resourceVersion) {
        try {
            store.changesAfter(Long.parseLong(resourceVersion)).forEach(this::offer);
        } catch (ApiFailure expired) {
            send("ERROR", expired.status());
            close();
        } catch (NumberFormatException e) {
            send(
                    "ERROR",
                    ApiFailure.badRequest("invalid resource version: " + resourceVersion)
                            .status());
            close();
        }
    }

    /** Tells the client up to which version it has seen everything. */
    void bookmark(boolean endOfInitialEvents) {
        ObjectNode object = JsonNodeFactory.instance.objectNode();
        object.put("kind", target.kind().kind()).put("apiVersion", target.kind().apiVersion());
        ObjectNode metadata =
                object.putObject("metadata").put("resourceVersion", Long.toString(store.resourceVersion()));
        if (endOfInitialEvents) {
            metadata.putObject("annotations").put("k8s.io/initial-events-end", "true");
        }
        send("BOOKMARK", object);
    }

    @Override
    public void close() {
        stopListening.run();
    }

    private void offer(ObjectStore.Change change) {
        if (!change.kind().equals(target.kind())) {
            return;
        }
        ObjectNode before = change.previous();
        boolean matched = before != null && selects(before);
        boolean matches = change.type() != ObjectStore.ChangeType.DELETED && selects(change.object());
        if (matches) {
            send(matched ? "MODIFIED" : "ADDED", change.object());
        } else if (matched) {
            send("DELETED", change.object());
        }
    }

    private boolean selects(ObjectNode object) {
        return (target.namespace().isEmpty()
                        || object.path("metadata").path("namespace").asText().equals(target.namespace()))
                && selector.test(object);
    }

    private void send(String type, ObjectNode object) {
        ObjectNode event = JsonNodeFactory.instance.objectNode().put("type", type);
        event.set("object", object);
        events.accept(event);
    }
}
