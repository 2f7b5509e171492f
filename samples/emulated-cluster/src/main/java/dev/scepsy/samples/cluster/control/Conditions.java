package dev.scepsy.samples.cluster.control;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Writes status conditions: a condition's transition time changes with its status only. */
final class Conditions {
    private Conditions() {}

    static void set(ObjectNode object, String timestamp, String type, boolean holds, String reason, String message) {
        ObjectNode status = object.withObject("/status");
        ArrayNode conditions =
                status.get("conditions") instanceof ArrayNode list ? list : status.putArray("conditions");
        ObjectNode condition = null;
        for (JsonNode each : conditions) {
            if (each.path("type").asText().equals(type)) {
                condition = (ObjectNode) each;
            }
        }
        if (condition == null) {
            condition = conditions.addObject().put("type", type);
        }
        String value = holds ? "True" : "False";
        if (!condition.path("status").asText().equals(value)) {
            condition.put("status", value).put("lastTransitionTime", timestamp);
        }
        put(condition, "reason", reason);
        put(condition, "message", message);
    }

    private static void put(ObjectNode condition, String field, String text) {
        if (text.isEmpty()) {
            condition.remove(field);
        } else {
            condition.put(field, text);
        }
    }
}
