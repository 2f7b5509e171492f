package dev.scepsy.samples.cluster.control;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.scepsy.samples.cluster.api.ResourceKind;
import dev.scepsy.samples.cluster.api.Resources;
import dev.scepsy.samples.cluster.api.WriteOptions;
import java.util.HashMap;
import java.util.Map;

/** Tells people what happened to a pod, as Event objects; repetitions only raise a count. */
final class EventRecorder {
    private record Key(String uid, String reason, String message) {}

    private static final int MOST_EVENTS = 2000;

    private final Resources resources;
    private final Map<Key, ObjectNode> written = new HashMap<>();

    EventRecorder(Resources resources) {
        this.resources = resources;
    }

    void normal(PodView pod, String reason, String message) {
        record(pod, "Normal", reason, message);
    }

    void warning(PodView pod, String reason, String message) {
        record(pod, "Warning", reason, message);
    }

    private void record(PodView pod, String type, String reason, String message) {
        Key key = new Key(pod.uid(), reason, message);
        ObjectNode before = written.get(key);
        if (before != null) {
            resources.edit(
                    ResourceKind.EVENT,
                    before,
                    Resources.Part.WHOLE,
                    "emulator",
                    event -> event.put("count", event.path("count").asInt() + 1)
                            .put("lastTimestamp", resources.timestamp()));
            return;
        }
        if (written.size() >= MOST_EVENTS) {
            written.values().forEach(event -> resources.remove(ResourceKind.EVENT, event));
            written.clear();
        }
        ObjectNode event = JsonNodeFactory.instance.objectNode();
        event.withObject("/metadata").put("name", pod.name() + "." + resources.generatedSuffix());
        event.putObject("involvedObject")
                .put("kind", "Pod")
                .put("namespace", pod.namespace())
                .put("name", pod.name())
                .put("uid", pod.uid())
                .put("apiVersion", "v1");
        event.put("type", type)
                .put("reason", reason)
                .put("message", message)
                .put("count", 1)
                .put("firstTimestamp", resources.timestamp())
                .put("lastTimestamp", resources.timestamp())
                .putObject("source")
                .put("component", "emulator");
        written.put(key, resources.create(ResourceKind.EVENT, pod.namespace(), event, WriteOptions.by("emulator")));
    }
}
