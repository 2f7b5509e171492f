package dev.scepsy.samples.cluster.api;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/** The {@code autoscaling/v1 Scale} through which a deployment's replicas are read and written. */
final class ScaleView {
    private ScaleView() {}

    static ObjectNode of(ObjectNode deployment) {
        ObjectNode scale =
                JsonNodeFactory.instance.objectNode().put("kind", "Scale").put("apiVersion", "autoscaling/v1");
        ObjectNode metadata = scale.putObject("metadata");
        for (String field : new String[] {"name", "namespace", "uid", "resourceVersion", "creationTimestamp"}) {
            metadata.set(field, deployment.path("metadata").get(field));
        }
        scale.putObject("spec")
                .put("replicas", deployment.path("spec").path("replicas").asInt());
        List<String> labels = new ArrayList<>();
        deployment
                .path("spec")
                .path("selector")
                .path("matchLabels")
                .properties()
                .forEach(label ->
                        labels.add(label.getKey() + "=" + label.getValue().asText()));
        scale.putObject("status")
                .put("replicas", deployment.path("status").path("replicas").asInt())
                .put("selector", String.join(",", labels));
        return scale;
    }

    /** The deployment with the replicas and the version that a scale asks for. */
    static ObjectNode into(ObjectNode deployment, ObjectNode scale) {
        ObjectNode next = deployment.deepCopy();
        next.withObject("/spec")
                .put("replicas", scale.path("spec").path("replicas").asInt());
        if (scale.path("metadata").has("resourceVersion")) {
            next.withObject("/metadata")
                    .set("resourceVersion", scale.path("metadata").get("resourceVersion"));
        }
        return next;
    }
}
