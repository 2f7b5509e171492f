package dev.scepsy.samples.cluster.control;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * How far a rolling update may stray from the wanted number of pods.
 *
 * @param maxSurge pods above
 * @param maxUnavailable available pods below; at least 1 if maxSurge is 0
 */
record RolloutBounds(int maxSurge, int maxUnavailable) {

    /** Percentages round up for the surge and down for the unavailable, as Kubernetes rounds them. */
    static RolloutBounds of(JsonNode deploymentSpec) {
        int replicas = deploymentSpec.path("replicas").asInt(1);
        JsonNode rolling = deploymentSpec.path("strategy").path("rollingUpdate");
        int surge = resolve(rolling.path("maxSurge"), replicas, true);
        int unavailable = resolve(rolling.path("maxUnavailable"), replicas, false);
        return new RolloutBounds(surge, surge == 0 && unavailable == 0 ? 1 : unavailable);
    }

    private static int resolve(JsonNode value, int replicas, boolean up) {
        String text = value.asText("25%");
        if (value.isInt()) {
            return value.asInt();
        }
        double share = Double.parseDouble(text.replace("%", "")) / 100 * replicas;
        return (int) (up ? Math.ceil(share) : Math.floor(share));
    }
}
