package dev.scepsy.samples.cluster;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.scepsy.samples.cluster.api.ApiFault;
import dev.scepsy.samples.cluster.api.ApiFaults;
import dev.scepsy.samples.cluster.api.ResourceKind;
import dev.scepsy.samples.cluster.api.Resources;
import dev.scepsy.samples.cluster.api.WriteOptions;
import dev.scepsy.samples.cluster.control.Annotations;
import java.util.function.Predicate;

/**
 * Breaks things on purpose. Every fault is an annotation or a config map that any client of the API can write as well; the
 * guide lists them. Thread-safe.
 */
public final class Faults {
    private static final String MANAGER = "faults";

    private final ApiFaults api;
    private final EventLoop loop;
    private final Resources resources;

    Faults(EventLoop loop, Resources resources, ApiFaults api) {
        this.api = api;
        this.loop = loop;
        this.resources = resources;
    }

    /** Engines of these models, running ones included, are unhealthy from now on; none named: all are well again. */
    public void neverReady(String... models) {
        set("neverReady", String.join(",", models));
    }

    /** Images whose name contains one of these cannot be pulled from now on; none named: all can again. */
    public void failingImages(String... parts) {
        set("failingImages", String.join(",", parts));
    }

    /**
     * How engines name their gauges of requests from now on: {@code vllm}, {@code sglang}, {@code trtllm}, or {@code other},
     * which nobody knows; {@code lying}: as vLLM, with a count that cannot be.
     */
    public void metricNames(String dialect) {
        set("metricNames", dialect);
    }

    /** The next {@code count} requests that {@code which} accepts, as {@code METHOD /path}, get this answer; 0: all faults end. */
    public void api(ApiFault fault, Predicate<String> which, int count) {
        loop.call(() -> {
            api.add(fault, which, count);
            return this;
        });
    }

    /** A pod that is deleted does not go until this ends. */
    public void stuck(String namespace, String pod, boolean stuck) {
        annotate(ResourceKind.POD, namespace, pod, Annotations.STUCK, Boolean.toString(stuck));
    }

    private void set(String key, String list) {
        loop.call(() -> {
            ObjectNode map = resources.store().get(ResourceKind.CONFIG_MAP, "kube-system", Annotations.FAULTS);
            if (map == null) {
                map = JsonNodeFactory.instance.objectNode();
                map.withObject("/metadata").put("name", Annotations.FAULTS);
                map.putObject("data").put(key, list);
                return resources.create(ResourceKind.CONFIG_MAP, "kube-system", map, WriteOptions.by(MANAGER));
            }
            resources.edit(
                    ResourceKind.CONFIG_MAP,
                    map,
                    Resources.Part.WHOLE,
                    MANAGER,
                    next -> next.withObject("/data").put(key, list));
            return map;
        });
    }

    /** The engine of a pod dies at once, with what is in it, and is started again after a pause. */
    public void crash(String namespace, String pod) {
        annotate(ResourceKind.POD, namespace, pod, Annotations.CRASH, Long.toString(System.nanoTime()));
    }

    /** The engine of a pod computes so many times as slowly, from 1 to 1000, until it is told otherwise; its metrics stay true. */
    public void slow(String namespace, String pod, double factor) {
        annotate(ResourceKind.POD, namespace, pod, Annotations.SLOW, Double.toString(factor));
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
