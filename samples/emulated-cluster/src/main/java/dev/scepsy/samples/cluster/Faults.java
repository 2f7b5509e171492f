package dev.scepsy.samples.cluster;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.scepsy.samples.cluster.api.ResourceKind;
import dev.scepsy.samples.cluster.api.Resources;
import dev.scepsy.samples.cluster.api.WriteOptions;
import dev.scepsy.samples.cluster.control.Annotations;

/**
 * Breaks things on purpose. Every fault is an annotation or a config map that any client of the API can write as well; the
 * guide lists them. Thread-safe.
 */
public final class Faults {
    private static final String MANAGER = "faults";

    private final EventLoop loop;
    private final Resources resources;

    Faults(EventLoop loop, Resources resources) {
        this.loop = loop;
        this.resources = resources;
    }

    /** Engines of these models, running ones included, are unhealthy from now on; none named: all are well again. */
    public void neverReady(String... models) {
        String list = String.join(",", models);
        loop.call(() -> {
            ObjectNode map = resources.store().get(ResourceKind.CONFIG_MAP, "kube-system", Annotations.FAULTS);
            if (map == null) {
                map = JsonNodeFactory.instance.objectNode();
                map.withObject("/metadata").put("name", Annotations.FAULTS);
                map.putObject("data").put("neverReady", list);
                return resources.create(ResourceKind.CONFIG_MAP, "kube-system", map, WriteOptions.by(MANAGER));
            }
            resources.edit(
                    ResourceKind.CONFIG_MAP,
                    map,
                    Resources.Part.WHOLE,
                    MANAGER,
                    next -> next.withObject("/data").put("neverReady", list));
            return map;
        });
    }

    /** The engine of a pod dies at once, with what is in it, and is started again after a pause. */
    public void crash(String namespace, String pod) {
        annotate(ResourceKind.POD, namespace, pod, Annotations.CRASH, Long.toString(System.nanoTime()));
    }

    /** A node loses power. */
    public void nodeDown(String node) {
        annotate(ResourceKind.NODE, "", node, Annotations.NODE_DOWN, "true");
    }

    /** A node comes back and starts its engines anew. */
    public void nodeUp(String node) {
        annotate(ResourceKind.NODE, "", node, Annotations.NODE_DOWN, "false");
    }

    private void annotate(ResourceKind kind, String namespace, String name, String annotation, String value) {
        loop.call(() -> {
            ObjectNode object = resources.require(kind, namespace, name);
            resources.edit(
                    kind,
                    object,
                    Resources.Part.WHOLE,
                    MANAGER,
                    next -> next.withObject("/metadata")
                            .withObject("/annotations")
                            .put(annotation, value));
            return object;
        });
    }
}
