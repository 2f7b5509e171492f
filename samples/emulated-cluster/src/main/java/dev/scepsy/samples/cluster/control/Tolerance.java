package dev.scepsy.samples.cluster.control;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;

/** Whether a pod passes a node's taints. */
final class Tolerance {
    private Tolerance() {}

    /** That taints keep the pod away, in the words of the scheduler, which names none; empty where none does. */
    static Optional<String> untolerated(JsonNode podSpec, JsonNode node) {
        for (JsonNode taint : node.path("spec").path("taints")) {
            boolean strict = !taint.path("effect").asText().equals("PreferNoSchedule");
            if (strict && !tolerated(podSpec, taint)) {
                return Optional.of("node(s) had untolerated taint(s)");
            }
        }
        return Optional.empty();
    }

    private static boolean tolerated(JsonNode podSpec, JsonNode taint) {
        for (JsonNode toleration : podSpec.path("tolerations")) {
            boolean exists = toleration.path("operator").asText("Equal").equals("Exists");
            String key = toleration.path("key").asText("");
            String effect = toleration.path("effect").asText("");
            boolean keys = key.isEmpty() ? exists : key.equals(taint.path("key").asText());
            boolean values = exists
                    || toleration
                            .path("value")
                            .asText("")
                            .equals(taint.path("value").asText(""));
            if (keys
                    && values
                    && (effect.isEmpty() || effect.equals(taint.path("effect").asText()))) {
                return true;
            }
        }
        return false;
    }
}
