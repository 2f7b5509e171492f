package dev.scepsy.samples.cluster.control;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Writes status conditions: a condition's transition time changes with its status only. */
final class Conditions {
    private Conditions() {}

    static void set(ObjectNode object, String timestamp, String type, boolean holds, String reason, String message) {
        set(object, timestamp, type, holds ? "True" : "False", reason, message);
    }

    /** @param value {@code True}, {@code False} or {@code Unknown} */
    static void set(ObjectNode object, String timestamp, String type, String value, String reason, String message) {
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
        if (!condition.path("status").asText().equals(value)) {
            condition.put("status", value).put("lastTransitionTime", timestamp);
        }
        put(condition, "reason", reason);
        put(condition, "message", message);
    }

    static void remove(ObjectNode object, String type) {
        if (object.path("status").get("conditions") instanceof ArrayNode list) {
            for (int i = list.size() - 1; i >= 0; i--) {
                if (list.get(i).path("type").asText().equals(type)) {
                    list.remove(i);
                }
            }
        }
    }

    private static void put(ObjectNode condition, String field, String text) {
        if (text.isEmpty()) {
            condition.remove(field);
        } else {
            condition.put(field, text);
        }
    }
}
